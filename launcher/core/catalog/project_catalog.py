"""Checks of a project's catalog: whether it changes anything and therefore needs to be trusted."""

import re
from collections.abc import Collection

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.values.reference import Reference

_KEY = re.compile(r"""[\w"'-]++(?:[ \t]*+\.[ \t]*+[\w"'-]++)*+""")  # possessive: linear time
_MOST_DOTS = 100


def has_deep_keys(text: str) -> bool:
    """Tell whether a project's file has a dotted key of more than a hundred parts; parsing takes quadratic time.

    An untrusted file is parsed at each call of a command in its folder, and 5 MiB of such keys take 20 seconds.
    """
    return any(found[0].count(".") >= _MOST_DOTS for found in _KEY.finditer(text))


def adds_nothing(project: Catalog, app: str, images: Collection[str], digest: str = "") -> bool:
    """Tell whether *project* defines only the image of *app*, and that image runs anyway.

    That is one of *images* (as the catalogs name them), or an image by digest: a digest in one of them, or the
    *digest* of the installed app. Any other tag or digest of the same repository may be a different image.
    """
    if project.tables.get("defaults"):
        return False
    table = project.apps[app]
    image = table if isinstance(table, str) else table.get("image") if isinstance(table, dict) else None
    if not isinstance(image, str) or (isinstance(table, dict) and {*table} != {"image"}):
        return False
    if image in images:
        return True
    requested = _reference(image)
    if requested is None or not requested.digest:
        return False
    known = [each for each in map(_reference, images) if each and each.repo == requested.repo]
    return bool(known) and requested.digest in {digest, *(each.digest for each in known)}


def _reference(image: str) -> Reference | None:
    try:
        return Reference.parse(image)
    except ValueError:
        return None
