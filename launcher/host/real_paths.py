"""Paths of this machine without links, and by one name where two lead to the same file."""

import os
from collections.abc import Iterable

FileId = tuple[int, int]


def real_paths_by_id(paths: Iterable[str]) -> dict[FileId, str]:
    """Return the names, without links, of those of *paths* that exist, by the file that they are."""
    found: dict[FileId, str] = {}
    for path in paths:
        if number := _id(path):
            found.setdefault(number, _real(path))
    return found


def resolve_paths(paths: Iterable[str], known: dict[FileId, str]) -> dict[str, str]:
    """Return each of *paths* without links, as far as it exists.

    One that is the same file as a *known* one (a bind mount of it, say) goes by that one's name.
    """
    found = {}
    for path in paths:
        number = _id(path)
        found[path] = (known.get(number, "") if number else "") or _real(path)
    return found


def _real(path: str) -> str:
    """Return *path* without links, as far as they may be read: a process's own in /proc are not everybody's."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return path


def _id(path: str) -> FileId | None:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino
