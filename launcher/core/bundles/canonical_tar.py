"""A canonical tar format: plain files in order, without owners and times; anything else is refused.

A header is checked by writing it again: if the result differs, the header is foreign.
"""

import tarfile
from collections.abc import Iterable, Iterator

from launcher.core.values.invalid_value import InvalidValueError

BLOCK = 512
END = bytes(2 * BLOCK)
"""The bytes after the last entry."""

File = tuple[str, int, Iterable[bytes]]
"""A name, a size, and the content in pieces."""

_FOREIGN = {
    tarfile.LNKTYPE: "a link",
    tarfile.SYMTYPE: "a link",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a pipe",
    tarfile.DIRTYPE: "a folder",
}


def stream(files: Iterable[File]) -> Iterator[bytes]:
    """Yield the tar of these *files*."""
    for name, size, pieces in files:
        yield header(name, size)
        yield from pieces
        yield padding(size)
    yield END


def header(name: str, size: int) -> bytes:
    """Return the header of the file *name* of *size* bytes; a name has at most 100 ASCII characters."""
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf(tarfile.GNU_FORMAT, "ascii", "strict")


def padding(size: int) -> bytes:
    """Return the padding after a file of *size* bytes, so that the next header begins at a block."""
    return bytes(-size % BLOCK)


def parse_header(block: bytes) -> tuple[str, int] | None:
    """Return the name and size in a header, or None at the end; raises `InvalidValueError` for a foreign header."""
    if block == bytes(BLOCK):
        return None
    try:
        info = tarfile.TarInfo.frombuf(block, "ascii", "strict")
    except (tarfile.TarError, UnicodeError, ValueError):
        raise InvalidValueError("there is no tar header") from None
    if info.name.startswith("/"):
        raise InvalidValueError(f"the entry {info.name!r} has an absolute path")
    if ".." in info.name.split("/"):
        raise InvalidValueError(f"the entry {info.name!r} is outside the bundle")
    if info.type in _FOREIGN:
        raise InvalidValueError(f"the entry {info.name!r} is {_FOREIGN[info.type]}")
    if info.size < 0 or header(info.name, info.size) != block:
        raise InvalidValueError(f"the entry {info.name!r} was written by another program")
    return info.name, info.size
