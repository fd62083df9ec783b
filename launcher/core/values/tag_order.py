"""The order in which tags are listed: the highest version first."""

import re
from collections.abc import Iterable

_VERSION = re.compile(
    r"v?([0-9]+(?:\.[0-9]+)*)((?:[-_.+]|(?=alpha|beta|rc|dev|pre|[ab][0-9]+(?![A-Za-z0-9]))).*)?", re.ASCII
)
_BEFORE = re.compile(r"[-_.+]?(?:alpha|beta|rc|dev|pre|snapshot|nightly|[ab](?=[0-9]))", re.IGNORECASE)
_SIGNATURE = re.compile(r"sha256-[0-9a-f]{64}(?:\..*)?")
_LATEST = "latest"


def highest_first(tags: Iterable[str]) -> list[str]:
    """Return *tags* sorted: ``latest``, versions from highest to lowest, other tags, and last cosign's signatures.

    Within one version the plain tag comes first, then its variants by name (``1.7.1``, ``1.7.1-alpine``), then its
    pre-releases, the latest first (``1.7.1-rc2``, ``1.7.1-rc1``). ``3.12`` comes after ``3.12.0``, although it may
    point to a later version.
    """
    every = sorted(tags)
    versions = {tag: found for tag in every if (found := _VERSION.fullmatch(tag))}
    rests = {tag: _natural(found[2] or "") for tag, found in versions.items()}
    before = {tag for tag, found in versions.items() if _BEFORE.match(found[2] or "")}
    by_name = sorted(rests.keys() - before, key=lambda tag: (rests[tag], tag))
    by_name += sorted(before, key=lambda tag: (rests[tag], tag), reverse=True)
    words = [tag for tag in every if tag not in versions and tag != _LATEST]
    return [
        *(tag for tag in every if tag == _LATEST),
        *sorted(by_name, key=lambda tag: _descending(versions[tag][1])),  # stable: keeps the order within a version
        *(tag for tag in words if not _SIGNATURE.fullmatch(tag)),
        *(tag for tag in words if _SIGNATURE.fullmatch(tag)),
    ]


def _descending(version: str) -> tuple[int, ...]:
    return (*(-int(number) for number in version.split(".")), 1)


def _natural(words: str) -> tuple[str | int, ...]:
    """Return a sort key in which numbers are compared as numbers: ``rc10`` after ``rc9``."""
    return tuple(int(each) if place % 2 else each for place, each in enumerate(re.split(r"([0-9]+)", words)))
