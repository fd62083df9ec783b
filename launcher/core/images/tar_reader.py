"""Read a tar archive from a stream, entry by entry; Python's tarfile takes three times as long for small files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from launcher.core.images.sparse_map import check_map, read_gnu_map, read_pax_map
from launcher.core.images.tar_headers import BLOCK, FILE, HIGHEST_ID, TarEntry, apply_pax, parse_pax, parse_tar_header
from launcher.core.values.invalid_value import InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from launcher.core.images.tar_headers import Header

_CHUNK = 1 << 20
_MOST = 1 << 20  # bytes of a PAX header or a long name
_PAX, _GLOBAL, _LONG_NAME, _LONG_TARGET = b"x", b"g", b"L", b"K"


class ByteStream(Protocol):
    """A readable stream of bytes."""

    def read(self, size: int, /) -> bytes:
        """Return at most *size* bytes, b"" at the end."""


class TarReader:
    """The entries of an archive. Every method raises `InvalidValueError` if the archive is damaged or truncated."""

    def __init__(self, stream: ByteStream, largest: int = 1 << 62) -> None:
        """Read at most *largest* bytes from *stream*."""
        self._stream = stream
        self._largest = largest
        self.bytes_read = 0
        """Bytes of the stream that were read so far."""
        self._buffer = b""
        self._at = 0
        self._last = b""  # the header block that was read last
        self._left = 0  # bytes of the current entry's content, with padding
        self._content = 0  # without
        self._defaults: dict[bytes, bytes] = {}
        self.is_complete = False
        """Whether the mark of the end was read: an archive may also just stop after an entry."""

    def __iter__(self) -> Iterator[TarEntry]:
        """Yield the entries; read the content of each before the next one."""
        while (entry := self._next()) is not None:
            yield entry

    def read_content(self) -> bytes:
        """Return the rest of the current entry's content."""
        data = self._take(self._content)
        self._left -= len(data)
        self._content = 0
        return data

    def chunks(self, most: int = 1 << 62) -> Iterator[bytes]:
        """Yield the rest of the current entry's content, at most *most* bytes."""
        while self._content and most:
            data = self._some(min(self._content, most, _CHUNK))
            most -= len(data)
            self._content -= len(data)
            self._left -= len(data)
            yield data

    def drain(self) -> None:
        """Read the stream to its end, so that its digest covers everything."""
        while self._fill():
            pass

    def _next(self) -> TarEntry | None:
        records: dict[bytes, bytes] = {}
        pairs: list[tuple[bytes, bytes]] = []
        while (header := self._header()) is not None:
            entry, flag = header
            if flag in (_PAX, _GLOBAL, _LONG_NAME, _LONG_TARGET):
                data = self._metadata(entry.size)
                if flag == _GLOBAL:
                    self._defaults |= dict(parse_pax(data))
                elif flag == _PAX:
                    pairs = parse_pax(data)
                    records |= dict(pairs)
                else:
                    records[b"path" if flag == _LONG_NAME else b"linkpath"] = data.partition(b"\0")[0]
                continue
            return self._finish(header, records, pairs)
        return None

    def _finish(self, header: Header, records: dict[bytes, bytes], pairs: list[tuple[bytes, bytes]]) -> TarEntry:
        every = {**self._defaults, **records} if self._defaults else records
        entry = apply_pax(header.entry, every) if every else header.entry
        self._content, self._left = entry.size, entry.size + -entry.size % BLOCK
        if max(entry.uid, entry.gid) > HIGHEST_ID:
            raise InvalidValueError("has an entry with an invalid owner")
        if entry.kind != FILE:
            return entry
        if header.flag == b"S":
            found = read_gnu_map(self._last, lambda: self._take(BLOCK))
        elif any(key.startswith(b"GNU.sparse.") for key, _ in pairs):
            found = read_pax_map(every, pairs, self._content_block)
        else:
            return entry
        found = check_map(found, self._content)
        return entry._replace(size=self._content, pieces=found.pieces, full_size=found.size)

    def _header(self) -> Header | None:
        self._skip(self._left)
        self._left = self._content = 0
        if self._at == len(self._buffer) and not self._fill():
            return None
        self._last = self._take(BLOCK)
        header = parse_tar_header(self._last)
        self.is_complete = header is None
        return header

    def _metadata(self, size: int) -> bytes:
        if size > _MOST:
            raise InvalidValueError("has an entry with a name that is too long")
        return self._take(size + -size % BLOCK)[:size]

    def _content_block(self) -> bytes:
        """Return a block of the current entry's content that holds the map of a sparse file."""
        if self._content < BLOCK:
            raise InvalidValueError("has a sparse file whose map is damaged")
        self._content -= BLOCK
        self._left -= BLOCK
        return self._take(BLOCK)

    def _fill(self) -> bool:
        """Replace the buffer, which is used up; return False at the end of the stream."""
        self._buffer, self._at = self._stream.read(_CHUNK), 0
        self.bytes_read += len(self._buffer)
        if self.bytes_read > self._largest:
            raise InvalidValueError("is too large", "let an engine run it: runtime = 'engine'")
        return bool(self._buffer)

    def _some(self, most: int) -> bytes:
        """Return between 1 and *most* bytes."""
        if self._at == len(self._buffer) and not self._fill():
            raise InvalidValueError("is truncated")
        found = self._buffer[self._at : self._at + most]
        self._at += len(found)
        return found

    def _take(self, size: int) -> bytes:
        """Return exactly *size* bytes."""
        end = self._at + size
        if end <= len(self._buffer):
            found = self._buffer[self._at : end]
            self._at = end
            return found
        parts = []
        while size:
            parts.append(self._some(size))
            size -= len(parts[-1])
        return b"".join(parts)

    def _skip(self, size: int) -> None:
        while size:
            size -= len(self._some(size))
