"""The engine's framing of two streams on one connection, undone.

Each frame is one byte for the stream (1 stdout, 2 stderr), three of zero, four of length (big-endian), then
that many bytes (Docker Engine API, "Attach to a container").
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
HEADER = 8


class FrameDecoder:
    """Takes what comes off the connection, in pieces of any size, and gives each stream its bytes."""

    def __init__(self) -> None:
        """Begin between two frames."""
        self._header = b""
        self._left = 0
        self._stream = 0

    def feed(self, data: bytes | memoryview) -> Iterator[tuple[int, memoryview]]:
        """Yield the stream's number and its bytes for each piece of a frame in *data*."""
        view = memoryview(data)
        while view:
            if not self._left:
                view = self._read_header(view)
            if self._left and view:
                piece, view = view[: self._left], view[self._left :]
                self._left -= len(piece)
                yield self._stream, piece

    def _read_header(self, view: memoryview) -> memoryview:
        missing = HEADER - len(self._header)
        self._header += bytes(view[:missing])
        if len(self._header) == HEADER:
            self._stream, self._left = self._header[0], int.from_bytes(self._header[4:], "big")
            self._header = b""
        return view[missing:]
