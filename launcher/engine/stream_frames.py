"""Decode the engine's framing of stdout and stderr on one connection.

Each frame is one byte for the stream (1 stdout, 2 stderr), three zero bytes, four bytes of length (big-endian), then
that many bytes (Docker Engine API, "Attach to a container").
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
HEADER = 8


class FrameDecoder:
    """Split the data of a connection, in pieces of any size, into its streams."""

    def __init__(self) -> None:
        """Start between two frames."""
        self._header = b""
        self._remaining = 0
        self._stream = 0

    def feed(self, data: bytes | memoryview) -> Iterator[tuple[int, memoryview]]:
        """Yield the stream number and bytes of each piece of a frame in *data*."""
        view = memoryview(data)
        while view:
            if not self._remaining:
                view = self._read_header(view)
            if self._remaining and view:
                piece, view = view[: self._remaining], view[self._remaining :]
                self._remaining -= len(piece)
                yield self._stream, piece

    def _read_header(self, view: memoryview) -> memoryview:
        missing = HEADER - len(self._header)
        self._header += bytes(view[:missing])
        if len(self._header) == HEADER:
            self._stream, self._remaining = self._header[0], int.from_bytes(self._header[4:], "big")
            self._header = b""
        return view[missing:]
