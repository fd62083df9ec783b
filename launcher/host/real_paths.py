"""Resolve links in paths, and give paths that lead to the same file the same name."""

import os
from collections.abc import Iterable

FileId = tuple[int, int]


def real_paths_by_id(paths: Iterable[str]) -> dict[FileId, str]:
    """Return the real path of each of *paths* that exists, by its device and inode."""
    found: dict[FileId, str] = {}
    for path in paths:
        if file_id := _id(path):
            found.setdefault(file_id, _real(path))
    return found


def resolve_paths(paths: Iterable[str], known: dict[FileId, str]) -> dict[str, str]:
    """Return each of *paths* with links resolved as far as it exists.

    A path to the same file as a *known* one (through a bind mount, for example) gets the known name.
    """
    found = {}
    for path in paths:
        file_id = _id(path)
        found[path] = (known.get(file_id, "") if file_id else "") or _real(path)
    return found


def _real(path: str) -> str:
    """Return *path* with links resolved, as far as we may read them (not those in another user's /proc/PID)."""
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
