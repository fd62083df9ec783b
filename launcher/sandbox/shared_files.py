"""Files that a new tree shares with older trees by hard links.

Two files share their content on disk if content, mode, owner and mtime are equal. Each candidate is compared byte by
byte before it is linked, so a file that somebody changed in place is not spread to new trees.
"""

from __future__ import annotations

import filecmp
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from launcher.core.values.invalid_value import InvalidValueError
from launcher.sandbox.file_records import FILE, read_records

if TYPE_CHECKING:
    from collections.abc import Iterable

    from launcher.core.images.tar_headers import TarEntry

_Key = tuple[bytes, int, int, int, int]


class SharedFiles:
    """The files of older trees by content, mode and time; no two paths of one tree get the same file."""

    def __init__(self, trees: Iterable[str], owner: tuple[int, int] | None) -> None:
        """Read the lists of *trees* (their folders); a tree that is removed meanwhile, or damaged, is left out.

        All their files belong to *owner*, or, if None, to the owner that each has in its image.
        """
        self._owner = owner
        self._paths: dict[_Key, bytes] = {}
        for folder in trees:
            root = os.fsencode(f"{folder}/rootfs/")
            with suppress(OSError, InvalidValueError, ValueError):
                for record in read_records(f"{folder}/files"):
                    if record.kind == FILE and record.size:
                        key = (record.digest, record.mode, record.mtime, record.uid, record.gid)
                        self._paths[key] = root + record.path

    @property
    def is_empty(self) -> bool:
        """Whether no older tree has a file."""
        return not self._paths

    def link(self, path: bytes, digest: bytes, mode: int, entry: TarEntry, data: bytes) -> int:
        """Make *path* a link to an equal file and return its inode number, or 0 if there is none."""
        key = self._key(digest, mode, entry)
        found = self._find(key)
        return self._used(key, path) if found and _holds(found, data) and _link(found, path) else 0

    def replace(self, path: bytes, digest: bytes, mode: int, entry: TarEntry) -> int:
        """Replace the file *path*, which is complete, by a link to an equal one; return its inode number, or 0."""
        key = self._key(digest, mode, entry)
        found = self._find(key)
        other = path + b".applaunch-link"
        with suppress(OSError):
            if found and filecmp.cmp(found, path, shallow=False) and _link(found, other):
                os.replace(other, path)
                return self._used(key, path)
        return 0

    def _key(self, digest: bytes, mode: int, entry: TarEntry) -> _Key:
        return (digest.hex().encode(), mode, entry.mtime, *(self._owner or (entry.uid, entry.gid)))

    def _find(self, key: _Key) -> bytes:
        """Return an older tree's file that still has these properties, "" if there is none."""
        found = self._paths.get(key)
        if found is None:
            return b""
        try:
            status = os.lstat(found)
        except OSError:
            return b""
        _, mode, mtime, *owner = key
        facts = status.st_mode, status.st_mtime_ns, status.st_uid, status.st_gid
        return found if facts == (stat.S_IFREG | mode, mtime, *owner) else b""

    def _used(self, key: _Key, path: bytes) -> int:
        """Offer this file to no other path: two names of one file are a hard link, which the image does not have."""
        del self._paths[key]
        return os.lstat(path).st_ino


def _holds(path: bytes, data: bytes) -> bool:
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(len(data) + 1) == data
    except OSError:
        return False


def _link(found: bytes, path: bytes) -> bool:
    """Link *path* to *found*; return False if the other tree is gone or the file system keeps no more links."""
    try:
        os.link(found, path, follow_symlinks=False)
    except OSError:
        return False
    return True
