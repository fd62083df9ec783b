"""Headers of tar archives: ustar, GNU and PAX, as the layers of images and an engine's exports hold them."""

from __future__ import annotations

from typing import NamedTuple

from launcher.core.values.invalid_value import InvalidValueError

BLOCK = 512
FILE, FOLDER, SYMLINK, LINK, OTHER = "file", "folder", "symlink", "link", "other"
_KINDS = {
    **dict.fromkeys((b"0", b"\0", b"7", b"S"), FILE),
    **dict.fromkeys((b"5", b"D"), FOLDER),
    b"1": LINK,
    b"2": SYMLINK,
}
_WITHOUT_CONTENT = b"123456"
_GNU = b"ustar  \0"
_HIGHEST = 1 << 62
HIGHEST_ID = (1 << 32) - 2
"""The highest uid and gid; the next one means none (chown(2))."""
_DECIMALS = 9  # of a second, as far as they count
_SECOND = 1_000_000_000  # nanoseconds

Piece = tuple[int, int]
"""Where a part of a sparse file begins, and its length, in bytes."""


class TarEntry(NamedTuple):
    """One entry of an archive; names are bytes, since a name need not be UTF-8."""

    name: bytes
    kind: str  # FILE, FOLDER, SYMLINK, LINK (to an earlier entry) or OTHER (a device, a pipe...)
    mode: int
    uid: int
    gid: int
    mtime: int  # nanoseconds since 1970
    size: int  # bytes of content in the archive
    target: bytes = b""  # of a link
    pieces: tuple[Piece, ...] | None = None  # of a sparse file: where its content belongs
    full_size: int = 0  # bytes of a sparse file with its holes


class Header(NamedTuple):
    """A header block before its PAX records and long names are applied."""

    entry: TarEntry
    flag: bytes  # the type as the archive has it


def parse_tar_header(block: bytes) -> Header | None:
    """Return the header in *block* (512 bytes), or None for a block of zeros; raises `InvalidValueError`."""
    if not block.strip(b"\0"):
        return None
    checksum = parse_octal(block[148:156])
    if checksum != sum(block) - sum(block[148:156]) + 8 * 0x20:
        raise InvalidValueError("has an entry whose header is damaged")
    flag = block[156:157]
    name = _text(block[:100])
    if block[257:263] == b"ustar\0" and block[345]:
        name = _text(block[345:500]) + b"/" + name
    kind = _KINDS.get(flag, OTHER)
    if flag == b"\0" and name.endswith(b"/"):  # before POSIX there was no type for folders
        kind = FOLDER
    size = parse_octal(block[124:136])
    entry = TarEntry(
        name,
        kind,
        mode=parse_octal(block[100:108]) & 0o7777,
        uid=parse_octal(block[108:116]),
        gid=parse_octal(block[116:124]),
        mtime=parse_octal(block[136:148], signed=True) * _SECOND,
        size=0 if flag in _WITHOUT_CONTENT else size,
        target=_text(block[157:257]) if kind in (LINK, SYMLINK) else b"",
    )
    return Header(entry, flag)


def parse_pax(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return the records of a PAX header (lines of ``LENGTH KEY=VALUE``) in order; raises `InvalidValueError`."""
    found, at = [], 0
    while at < len(data) and data[at]:
        space = data.find(b" ", at, at + 20)
        digits = data[at:space] if space > 0 else b""
        end = at + int(digits) if digits.isdigit() else 0
        key, equals, value = data[space + 1 : end - 1].partition(b"=")
        if not space < end <= len(data) or data[end - 1 : end] != b"\n" or not equals:
            raise InvalidValueError("has a damaged PAX header")
        found.append((key, value))
        at = end
    return found


def apply_pax(entry: TarEntry, records: dict[bytes, bytes]) -> TarEntry:
    """Return *entry* with what its PAX *records* say; an empty value means that the header's counts."""
    changes: dict[str, bytes | int] = {}
    for key, value in records.items():
        if value and (field := _PAX_TEXTS.get(key)):
            changes[field] = value.rstrip(b"\0")
        elif value and (field := _PAX_NUMBERS.get(key)):
            changes[field] = decimal(value)
        elif value and key == b"mtime":
            changes["mtime"] = _nanoseconds(value)
    if entry.kind not in (FILE, OTHER):
        changes.pop("size", None)
    return TarEntry(**{**entry._asdict(), **changes}) if changes else entry


_PAX_TEXTS = {b"path": "name", b"linkpath": "target", b"GNU.sparse.name": "name"}
_PAX_NUMBERS = {b"size": "size", b"uid": "uid", b"gid": "gid"}


def decimal(text: bytes) -> int:
    """Return the number that *text* is; raises `InvalidValueError`."""
    if not text.isdigit() or len(text) > len(str(_HIGHEST)) or int(text) > _HIGHEST:
        raise InvalidValueError("has an entry with an invalid number")
    return int(text)


def _nanoseconds(text: bytes) -> int:
    """Return a time like ``-12.5`` (seconds, any number of decimals) in nanoseconds."""
    whole, _, rest = text.removeprefix(b"-").partition(b".")
    if rest and not rest.isdigit():
        raise InvalidValueError("has an entry with an invalid time")
    places = rest[:_DECIMALS].ljust(_DECIMALS, b"0")
    found = _limited(decimal(whole or b"0")) * _SECOND + int(places)
    return -found if text.startswith(b"-") else found


def parse_octal(field: bytes, *, signed: bool = False) -> int:
    """Return the number in a header's *field*: octal, or GNU's form for large values (the highest bit, base 256)."""
    if field[0] & 0x80:
        number = int.from_bytes(field, "big") & ~(0x80 << 8 * (len(field) - 1))
        if field[0] & 0x40:
            number -= 1 << (8 * len(field) - 1)
    else:
        digits = field.strip(b" \0") or b"0"
        try:
            number = int(digits, 8) if digits.isdigit() else -_HIGHEST - 1
        except ValueError:  # an 8 or a 9
            number = -_HIGHEST - 1
    if not (-_HIGHEST if signed else 0) <= number <= _HIGHEST:
        raise InvalidValueError("has an entry with an invalid number")
    return _limited(number) if signed else number


_LATEST = 1 << 33
"""Seconds since 1970, the year 2242: file systems keep no later time than about 2446."""


def _limited(seconds: int) -> int:
    return max(-_LATEST, min(seconds, _LATEST))


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]
