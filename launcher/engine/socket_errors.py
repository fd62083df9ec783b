"""What goes wrong on an engine's socket, raised as errors of ours."""

from __future__ import annotations

import errno

from launcher.engine.engine_http import ProtocolError
from launcher.errors import EngineError, EngineLostError

_TOO_MANY = (errno.EMFILE, errno.ENFILE)


class SocketErrors:
    """Raises an `EngineError` in place of an OSError."""

    def __init__(self, host: str) -> None:
        """Name the engine *host* in messages."""
        self._host = host

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Raise what *error* means."""
        if isinstance(error, (TimeoutError, BlockingIOError)):  # the second: its queue of connections is full
            from launcher.engine import sdk_errors  # noqa: PLC0415  it fails

            raise sdk_errors.engine_stalled(self._host) from None
        if isinstance(error, OSError):
            why = (error.strerror or str(error)).lower()
            if error.errno in _TOO_MANY:
                raise EngineError(self._host, f"cannot connect: {why}", "ulimit -n 64") from None
            raise EngineLostError(self._host, f"the engine is gone: {why}", "applaunch doctor") from None


class AnswerErrors(SocketErrors):
    """Where the program may run already, an answer that cannot be understood is the engine's failure."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Raise what *error* means."""
        if isinstance(error, ProtocolError):
            raise EngineLostError(self._host, str(error), "applaunch doctor") from None
