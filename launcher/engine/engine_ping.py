"""Check on a pending request with a ping beside it: a slow engine answers the ping, a hanging one does not."""

from __future__ import annotations

from launcher.engine.engine_http import ProtocolError
from launcher.fast_stdlib import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.engine.engine_http import Answer, Connection

_REMAINDER = 0.1  # seconds for the rest of an answer after its first byte


class Reply:
    """The state of a pending request."""

    def __init__(self, ping: Connection, request: Connection | None, check: Callable[[Answer], None]) -> None:
        """Watch *ping* and *request* (None: only the ping was sent); *check* raises for a refusal."""
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
            self._request.socket.settimeout(_REMAINDER)
            self._check(self._request.answer())
        except (OSError, ProtocolError):
            return "answered"  # the connection was closed: the program's streams show why
        return "answered"


def _has_answered(connection: Connection, patience: float = 0.0) -> bool:
    """Return whether an answer begins within *patience* seconds, or the connection was closed."""
    connection.socket.settimeout(patience)
    try:
        connection.socket.recv(1, socket.MSG_PEEK)
    except (BlockingIOError, TimeoutError):
        return False
    except OSError:
        return True
    return True
