"""Maps of sparse files in tar archives: the old GNU format, and GNU's PAX formats 0.0, 0.1 and 1.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from launcher.core.images.tar_headers import BLOCK, Piece, decimal, parse_octal
from launcher.core.values.invalid_value import InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_MOST = 1 << 20  # pieces of one file
_IN_HEADER, _IN_BLOCK = 4, 21  # pieces that the old format's header and its further blocks hold
_DAMAGED = "has a sparse file whose map is damaged"


class SparseMap(NamedTuple):
    """Where the stored content of a file belongs, and its full size in bytes."""

    pieces: tuple[Piece, ...]
    size: int


def check_map(found: SparseMap, stored: int) -> SparseMap:
    """Return *found* if it is in order and fits *stored* bytes of content; raises `InvalidValueError`."""
    end = 0
    for start, length in found.pieces:
        if start < end:
            raise InvalidValueError(_DAMAGED)
        end = start + length
    if end > found.size or sum(length for _, length in found.pieces) != stored:
        raise InvalidValueError(_DAMAGED)
    return found


def read_gnu_map(block: bytes, next_block: Callable[[], bytes]) -> SparseMap:
    """Return the map in the header *block* of the old GNU format and the blocks that follow it."""
    size = parse_octal(block[483:495])
    pieces = _numbers(block[386:482], _IN_HEADER)
    more = block[482]
    while more:
        block = next_block()
        pieces += _numbers(block, _IN_BLOCK)
        more = block[504]
        if len(pieces) > _MOST:
            raise InvalidValueError(_DAMAGED)
    return SparseMap(tuple(pieces), size)


def read_pax_map(
    records: Mapping[bytes, bytes], pairs: Sequence[tuple[bytes, bytes]], next_block: Callable[[], bytes]
) -> SparseMap:
    """Return the map that PAX *records* (with repeated keys: *pairs*) hold, or the content's first blocks (1.0)."""
    size = decimal(records.get(b"GNU.sparse.realsize") or records.get(b"GNU.sparse.size") or b"")
    if records.get(b"GNU.sparse.major") == b"1":
        return SparseMap(_in_pairs(_read_numbers(next_block)), size)
    if text := records.get(b"GNU.sparse.map"):
        return SparseMap(_in_pairs([decimal(each) for each in text.split(b",")]), size)
    keys = (b"GNU.sparse.offset", b"GNU.sparse.numbytes")
    return SparseMap(_in_pairs([decimal(value) for key, value in pairs if key in keys]), size)


def _numbers(block: bytes, count: int) -> list[Piece]:
    found = []
    for at in range(0, 24 * count, 24):
        if not block[at]:
            break
        found.append((parse_octal(block[at : at + 12]), parse_octal(block[at + 12 : at + 24])))
    return found


def _read_numbers(next_block: Callable[[], bytes]) -> list[int]:
    """Read one decimal number a line: how many pieces there are, then the start and length of each."""
    text, wanted = b"", 1
    lines: list[int] = []
    while len(lines) < wanted:
        text += next_block()
        *complete, text = text.split(b"\n")
        lines += [decimal(line) for line in complete[: wanted - len(lines)]] if lines else []
        if not lines and complete:
            wanted = 1 + 2 * decimal(complete[0])
            lines += [decimal(line) for line in complete[:wanted]]
        if wanted > 2 * _MOST or len(text) > BLOCK:
            raise InvalidValueError(_DAMAGED)
    return lines[1:]


def _in_pairs(numbers: Sequence[int]) -> tuple[Piece, ...]:
    if len(numbers) % 2 or len(numbers) > 2 * _MOST:
        raise InvalidValueError(_DAMAGED)
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))
