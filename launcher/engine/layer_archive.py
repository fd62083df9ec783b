"""Decompress the layers that an engine exports, and compress them again to the same bytes on every machine.

Compression works as in pigz: in blocks on all processors, each block using the end of the previous one as its
dictionary. The result depends only on zlib, not on the number of processors.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING

from launcher.core.images.inflate import GZIP, inflate
from launcher.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

_ZSTD = b"\x28\xb5\x2f\xfd"
_HEADER = GZIP + b"\x08" + bytes(6) + b"\xff"  # deflate, no flags, no time, unknown system
_LEVEL = 6
BLOCK = 1 << 20
"""The number of bytes that are compressed or decompressed at once."""
_WINDOW = 1 << 15  # bytes
_MAX_WORKERS = 8  # processors


def decompress_layer(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a layer as a plain tar, whatever its compression; raises `EngineError`."""
    rest = iter(chunks)
    first = next(rest, b"")
    if first.startswith(_ZSTD):
        what = "a layer is compressed with zstd, which docker before 23 cannot load"
        raise EngineError("engine", what, "push the image with gzip layers, and pull it again")
    if not first.startswith(GZIP):
        yield first
        yield from rest
        return
    try:
        yield from inflate(chain((first,), rest), BLOCK)
    except zlib.error as error:
        raise EngineError("engine", f"the engine exported a damaged layer: {error}", "pull the image again") from error


def compress_layer(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Compress a plain tar with gzip."""
    crc = size = 0
    previous = b""
    workers = min(os.cpu_count() or 1, _MAX_WORKERS)
    with ThreadPoolExecutor(workers) as pool:
        pending: deque[Future[bytes]] = deque()
        yield _HEADER
        for block, is_last in _blocks(chunks):
            crc, size = zlib.crc32(block, crc), size + len(block)
            pending.append(pool.submit(_deflate, block, previous, is_last))
            previous = block[-_WINDOW:]
            if len(pending) > 2 * workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    yield struct.pack("<LL", crc, size & 0xFFFFFFFF)


def _blocks(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield all bytes in blocks of the same size, with a flag for the last one, which may be short or empty."""
    block = bytearray()
    for chunk in chunks:
        block += chunk
        while len(block) > BLOCK:
            yield bytes(block[:BLOCK]), False
            del block[:BLOCK]
    yield bytes(block), True


def _deflate(block: bytes, previous: bytes, is_last: bool) -> bytes:
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=previous)
    return deflate.compress(block) + deflate.flush(zlib.Z_FINISH if is_last else zlib.Z_SYNC_FLUSH)
