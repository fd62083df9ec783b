"""Translate errors on an engine's socket to `EngineError`."""

from __future__ import annotations

import errno

from launcher.engine.engine_http import ProtocolError
from launcher.errors import EngineError, EngineLostError

_TOO_MANY = (errno.EMFILE, errno.ENFILE)


class SocketErrors:
    """Raise an `EngineError` in place of an OSError."""

    def __init__(self, host: str) -> None:
        """Use *host* in messages."""
        self._host = host

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Translate *error*."""
        if isinstance(error, (TimeoutError, BlockingIOError)):  # BlockingIOError: the queue of connections is full
            from launcher.engine import sdk_errors  # noqa: PLC0415  only on failure

            raise sdk_errors.engine_stalled(self._host) from None
        if isinstance(error, OSError):
            why = (error.strerror or str(error)).lower()
            if error.errno in _TOO_MANY:
                raise EngineError(self._host, f"cannot connect: {why}", "ulimit -n 64") from None
            raise EngineLostError(self._host, f"the engine is not available: {why}", "applaunch doctor") from None


class AnswerErrors(SocketErrors):
    """Also raise an `EngineError` for an invalid answer, for requests after which the program may be running."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Translate *error*."""
        if isinstance(error, ProtocolError):
            raise EngineLostError(self._host, str(error), "applaunch doctor") from None
