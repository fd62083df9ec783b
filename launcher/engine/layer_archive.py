"""A layer on its way out of an engine: unpacked to know what it is, and packed again, everywhere the same.

It is packed as pigz does it: in blocks that begin from the end of the one before, on all processors. The bytes depend
on zlib alone, not on how many there are.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING

from launcher.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_HEAD = _GZIP + b"\x08" + bytes(6) + b"\xff"  # deflate, no flags, no time, of no system
_LEVEL = 6
BLOCK = 1 << 20
"""Bytes that are packed, or unpacked, at once."""
_WINDOW = 1 << 15  # bytes
_GZIP_FORM = zlib.MAX_WBITS | 16
_MOST = 8  # processors


def decompress_layer(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a layer as the plain tar that it is, however an engine has packed it; raises `EngineError`."""
    rest = iter(pieces)
    first = next(rest, b"")
    if first.startswith(_ZSTD):
        what = "a layer is packed with zstd, which docker before 23 cannot load"
        raise EngineError("engine", what, "push the image with gzip layers, and pull it again")
    if not first.startswith(_GZIP):
        yield first
        yield from rest
        return
    try:
        yield from _inflated(chain((first,), rest))
    except zlib.error as error:
        raise EngineError("engine", f"it gave a damaged layer: {error}", "pull the image again") from error


def compress_layer(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a plain tar as gzip."""
    crc = size = 0
    before = b""
    workers = min(os.cpu_count() or 1, _MOST)
    with ThreadPoolExecutor(workers) as pool:
        at_work: deque[Future[bytes]] = deque()
        yield _HEAD
        for block, is_last in _blocks(pieces):
            crc, size = zlib.crc32(block, crc), size + len(block)
            at_work.append(pool.submit(_deflated, block, before, is_last))
            before = block[-_WINDOW:]
            if len(at_work) > 2 * workers:
                yield at_work.popleft().result()
        while at_work:
            yield at_work.popleft().result()
    yield struct.pack("<LL", crc, size & 0xFFFFFFFF)


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    inflate = zlib.decompressobj(_GZIP_FORM)
    for piece in pieces:
        data = piece
        while data:
            if inflate.eof:  # gzip files may stand one behind the other
                inflate = zlib.decompressobj(_GZIP_FORM)
            yield inflate.decompress(data, BLOCK)
            data = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
    while more := inflate.decompress(b"", BLOCK):  # what has been read and did not fit
        yield more
    if not inflate.eof:
        raise zlib.error("it is broken off")


def _blocks(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield all bytes in blocks of one size, and whether it is the last one; that may be short, or empty."""
    block = bytearray()
    for piece in pieces:
        block += piece
        while len(block) > BLOCK:
            yield bytes(block[:BLOCK]), False
            del block[:BLOCK]
    yield bytes(block), True


def _deflated(block: bytes, before: bytes, is_last: bool) -> bytes:
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=before)
    return deflate.compress(block) + deflate.flush(zlib.Z_FINISH if is_last else zlib.Z_SYNC_FLUSH)
