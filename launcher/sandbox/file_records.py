"""The list of a tree's files with their checksums, kept beside the tree.

Each record is ``KIND MODE UID GID MTIME SIZE DIGEST PATH`` and a zero byte: KIND is ``f`` (file), ``d`` (folder) or
``l`` (symbolic link), MODE is octal, MTIME in nanoseconds, DIGEST the SHA-256 of a file's content or a link's target
(``-`` for a folder), PATH relative to the tree, in bytes. The last record is ``end`` and the SHA-256 of all before it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from launcher.core.values.invalid_value import InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FILE, FOLDER, SYMLINK = b"f", b"d", b"l"
NO_DIGEST = b"-"
_PARTS = 8
_BUFFER = 1 << 20


class FileRecord(NamedTuple):
    """One file, folder or symbolic link of a tree."""

    kind: bytes
    mode: int
    uid: int
    gid: int
    mtime: int  # nanoseconds since 1970
    size: int  # bytes
    digest: bytes  # hexadecimal
    path: bytes

    def to_bytes(self) -> bytes:
        """Return this record as it is kept."""
        return b"%s %o %d %d %d %d %s %s\0" % self


def write_records(path: str, records: Iterable[FileRecord]) -> None:
    """Write the list at *path*; raises OSError."""
    checksum = sha256()
    with open(path, "xb", buffering=_BUFFER) as file:
        for record in records:
            line = record.to_bytes()
            checksum.update(line)
            file.write(line)
        file.write(b"end %s\0" % checksum.hexdigest().encode())


def read_records(path: str) -> Iterator[FileRecord]:
    """Yield the records at *path*; raises `InvalidValueError` if the list is damaged, and OSError."""
    with open(path, "rb") as file:
        data = file.read()
    head, mark, stored = data.rpartition(b"end ")
    if not mark or stored != b"%s\0" % sha256(head).hexdigest().encode():
        raise InvalidValueError("the list of its files is damaged")
    for line in head.split(b"\0")[:-1]:
        parts = line.split(b" ", _PARTS - 1)
        if len(parts) != _PARTS:
            raise InvalidValueError("the list of its files is damaged")
        kind, mode, uid, gid, mtime, size, digest, name = parts
        yield FileRecord(kind, int(mode, 8), int(uid), int(gid), int(mtime), int(size), digest, name)
