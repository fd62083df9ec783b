"""The streams of a program on a connection that HTTP has left: both ways, and never waiting."""

from __future__ import annotations

from launcher.fast_stdlib import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.engine.engine_http import Connection

_CHUNK = 1 << 18


class SocketStream:
    """The hijacked connection of an attach, as a `Stream`."""

    def __init__(self, connection: Connection) -> None:
        """Read from *connection*, what has come already first."""
        self._socket, self._first = connection.socket, connection.buffer
        self._room = memoryview(bytearray(_CHUNK))  # used again and again: fresh memory costs more than the copy

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._socket.fileno()

    def receive(self) -> bytes | memoryview | None:
        """Return what has come, empty at the end, None where nothing is there yet; good until the next call."""
        if self._first:
            first, self._first = self._first, b""
            return first
        try:
            return self._room[: self._socket.recv_into(self._room)]
        except BlockingIOError:
            return None
        except ConnectionError:
            return b""

    def send(self, data: bytes) -> int:
        """Return how many bytes went; 0 where the connection is full."""
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0

    def half_close(self) -> None:
        """Say that no more input comes."""
        self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Leave."""
        self._socket.close()
