"""Decompress gzip piece by piece, in small blocks whatever the data expands to."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_GZIP_FORM = zlib.MAX_WBITS | 16
GZIP = b"\x1f\x8b"
"""How gzip data begins."""


def inflate(chunks: Iterable[bytes], block: int) -> Iterator[bytes]:
    """Yield the content of gzip data, at most *block* bytes at once; raises zlib.error if it is damaged or cut off."""
    stream = zlib.decompressobj(_GZIP_FORM)
    for chunk in chunks:
        data = chunk
        while data:
            if stream.eof:  # gzip files may be concatenated
                stream = zlib.decompressobj(_GZIP_FORM)
            yield stream.decompress(data, block)
            data = stream.unused_data if stream.eof else stream.unconsumed_tail
    while more := stream.decompress(b"", block):  # data that has been read but not returned yet
        yield more
    if not stream.eof:
        raise zlib.error("it is truncated")
