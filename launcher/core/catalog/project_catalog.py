"""A project's catalog: whether it changes anything, and so needs somebody's trust."""

import re
from collections.abc import Collection

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.values.reference import Reference

_KEY = re.compile(r"""[\w"'-]++(?:[ \t]*+\.[ \t]*+[\w"'-]++)*+""")  # possessive: each character is looked at once
_MOST_DOTS = 100


def is_deep(text: str) -> bool:
    """Tell whether a project's file has a key of a hundred parts: to read many takes the square of their length.

    A file that nobody trusts yet is read at each call of a command in its folder, and 5 MiB of them take 20 seconds.
    """
    return any(found[0].count(".") >= _MOST_DOTS for found in _KEY.finditer(text))


def restates(project: Catalog, app: str, images: Collection[str], digest: str = "") -> bool:
    """Tell whether *project* says no more of *app* than which image it is, and that it is the one that runs anyway.

    That is one of *images* (as catalogs name it), or is held on its digest: one that they name, or the *digest* that
    the app is installed with. Another tag or digest of the same repository may be any image that was ever in it.
    """
    if project.tables.get("defaults"):
        return False
    table = project.apps[app]
    image = table if isinstance(table, str) else table.get("image") if isinstance(table, dict) else None
    if not isinstance(image, str) or (isinstance(table, dict) and {*table} != {"image"}):
        return False
    if image in images:
        return True
    asked = _parsed(image)
    if asked is None or not asked.digest:
        return False
    known = [each for each in map(_parsed, images) if each and each.repo == asked.repo]
    return bool(known) and asked.digest in {digest, *(each.digest for each in known)}


def _parsed(image: str) -> Reference | None:
    try:
        return Reference.parse(image)
    except ValueError:
        return None
