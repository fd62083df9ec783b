"""A request that nobody waits for, and a ping beside it: a slow engine answers the ping, one that hangs does not."""

from __future__ import annotations

from launcher.engine.engine_http import ProtocolError
from launcher.fast_stdlib import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.engine.engine_http import Answer, Connection

_REST = 0.1  # seconds for the rest of an answer that has begun


class Reply:
    """How far the engine is with a request."""

    def __init__(self, ping: Connection, request: Connection | None, check: Callable[[Answer], None]) -> None:
        """Look at *ping* and *request* (None: the ping is all that was asked); *check* raises for a refusal."""
        self._ping, self._request, self._check = ping, request, check

    def state(self, patience: float = 0.0) -> str:
        """Return ``answered``, ``slow`` or ``silent`` after at most *patience* seconds.

        Raises `EngineError` for a refusal.
        """
        if self._request is None:
            return "answered" if _has_answered(self._ping) else "silent"
        if not _has_answered(self._request, patience):
            return "slow" if _has_answered(self._ping) else "silent"
        try:
            self._request.socket.settimeout(_REST)
            self._check(self._request.answer())
        except (OSError, ProtocolError):
            return "answered"  # its connection has ended: the program's streams have more to tell
        return "answered"


def _has_answered(connection: Connection, patience: float = 0.0) -> bool:
    """Tell whether the first byte of an answer comes in so many seconds, or the connection has ended."""
    connection.socket.settimeout(patience)
    try:
        connection.socket.recv(1, socket.MSG_PEEK)
    except (BlockingIOError, TimeoutError):
        return False
    except OSError:
        return True
    return True
