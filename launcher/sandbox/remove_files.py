"""Remove the folder of a tree, whatever the modes of the folders in it, and count what that frees."""

from __future__ import annotations

import os
from contextlib import suppress


def remove_folder(path: bytes) -> int:
    """Remove the folder *path* with all its contents and return the bytes of the files that no other link keeps.

    Links are not followed. Nobody else may write in there. Raises OSError.
    """
    freed = 0
    try:
        entries = _scan(path)
    except FileNotFoundError:
        return 0
    for entry in entries:
        with suppress(FileNotFoundError):
            if entry.is_dir(follow_symlinks=False):
                freed += remove_folder(entry.path)
                continue
            status = entry.stat(follow_symlinks=False)
            os.unlink(entry.path)
            freed += status.st_size if status.st_nlink == 1 else 0
    with suppress(FileNotFoundError):
        os.rmdir(path)
    return freed


def _scan(path: bytes) -> list[os.DirEntry[bytes]]:
    with suppress(PermissionError):  # another user's
        os.chmod(path, 0o700)
    with os.scandir(path) as found:
        return list(found)
