"""Read a stream in a thread while its earlier bytes are unpacked: receiving and decompressing need no interpreter."""

from __future__ import annotations

import queue
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from launcher.core.images.tar_reader import ByteStream

_SIZE = 1 << 20  # bytes that are read at once
_AHEAD = 8  # pieces
_PATIENCE = 1.0  # seconds for the thread to notice that nobody reads any more


@contextmanager
def read_ahead(stream: ByteStream) -> Iterator[ByteStream]:
    """Give *stream*, read ahead by up to 8 MiB; what it raises is raised where its bytes are read."""
    ahead = _ReadAhead(stream)
    try:
        yield ahead
    finally:
        ahead.stop()


class _ReadAhead:
    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._pieces: queue.Queue[bytes | BaseException] = queue.Queue(_AHEAD)
        self._stopped = threading.Event()
        self._ended: bytes | BaseException | None = None
        self._thread = threading.Thread(target=self._fill, daemon=True)  # a read may hang: it keeps no process alive
        self._thread.start()

    def read(self, _size: int, /) -> bytes:
        """Return the next piece, b"" at the end."""
        piece = self._pieces.get() if self._ended is None else self._ended
        if isinstance(piece, BaseException):
            self._ended = piece
            raise piece
        if not piece:
            self._ended = piece
        return piece

    def stop(self) -> None:
        """Let the thread end."""
        self._stopped.set()
        while not self._pieces.empty():
            self._pieces.get_nowait()
        self._thread.join(_PATIENCE)

    def _fill(self) -> None:
        try:
            while not self._stopped.is_set():
                piece = self._stream.read(_SIZE)
                self._pieces.put(piece)
                if not piece:
                    return
        except BaseException as error:  # noqa: BLE001  raised again in the thread that reads
            self._pieces.put(error)
