"""The program's streams on a connection after its HTTP upgrade, without blocking."""

from __future__ import annotations

from launcher.fast_stdlib import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.engine.engine_http import Connection

_CHUNK = 1 << 18


class SocketStream:
    """The connection of an attach after its upgrade, as a `Stream`."""

    def __init__(self, connection: Connection) -> None:
        """Read from *connection*, starting with data that was already received."""
        self._socket, self._first = connection.socket, connection.buffer
        self._buffer = memoryview(bytearray(_CHUNK))  # reused: allocating memory costs more than the copy

    def fileno(self) -> int:
        """Return the descriptor to poll."""
        return self._socket.fileno()

    def receive(self) -> bytes | memoryview | None:
        """Return received data, empty at the end, or None if there is none yet; valid until the next call."""
        if self._first:
            first, self._first = self._first, b""
            return first
        try:
            return self._buffer[: self._socket.recv_into(self._buffer)]
        except BlockingIOError:
            return None
        except ConnectionError:
            return b""

    def send(self, data: bytes) -> int:
        """Return the number of bytes sent, 0 if the connection is full."""
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0

    def half_close(self) -> None:
        """Signal the end of the input."""
        self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()
