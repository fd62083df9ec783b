"""Write the content of a file from an archive."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from launcher.core.images.tar_headers import TarEntry
    from launcher.core.images.tar_reader import TarReader

_CHUNK = 4 << 20


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of *data*; raises OSError."""
    written = os.write(descriptor, data)
    while written < len(data):
        data = data[written:]
        written = os.write(descriptor, data)


def write_chunks(descriptor: int, entry: TarEntry, reader: TarReader) -> bytes:
    """Write a large or sparse file and return the SHA-256 of its content; raises OSError and `InvalidValueError`."""
    checksum = sha256()
    if entry.pieces is None:
        for chunk in reader.chunks():
            checksum.update(chunk)
            write_all(descriptor, chunk)
        return checksum.digest()
    for start, length in entry.pieces:
        os.lseek(descriptor, start, os.SEEK_SET)
        for chunk in reader.chunks(length):
            write_all(descriptor, chunk)
    os.ftruncate(descriptor, entry.full_size)
    os.lseek(descriptor, 0, os.SEEK_SET)
    while chunk := os.read(descriptor, _CHUNK):
        checksum.update(chunk)
    return checksum.digest()
