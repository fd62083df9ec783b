"""Requests on a local socket that a plain launch does not need: for warm containers and management commands."""

from __future__ import annotations

from launcher.engine.wire_engine import WireEngine
from launcher.errors import EngineError, EngineStalledError
from launcher.fast_stdlib import closing

_PING = 5.0  # seconds for the answer to a ping
_KILL = 10.0  # seconds for the answer to a kill


class WireQueries(WireEngine):
    """A `WireEngine` that also answers questions about containers and images."""

    def kill(self, container: str, signal: int) -> None:
        """Send *signal* to the program and wait for the answer; no error if the container has ended."""
        self._request("POST", f"/containers/{container}/kill", {"signal": int(signal)}, _KILL)

    def ping(self) -> None:
        """Raise `EngineStalledError` if the engine does not answer within seconds, before a longer request."""
        try:
            with closing(self._connect(_PING)) as connection, self._socket_errors, self._answer_errors:
                connection.ask("GET", "/_ping")
        except EngineStalledError:
            from launcher.engine import sdk_errors  # noqa: PLC0415  only on failure

            raise sdk_errors.engine_stalled(self._host, _PING) from None
        except EngineError:
            return  # the next request reports it in context

    def pid(self, container: str) -> int:
        """Return the pid of the container's first process as the engine reports it, or 0 if it is not running."""
        state = (self.inspect(f"/containers/{container}/json") or {}).get("State") or {}
        return int(state.get("Pid") or 0) if state.get("Running") else 0

    def defaults(self, image: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the entrypoint and the command of *image*."""
        config = (self.inspect(f"/images/{image}/json") or {}).get("Config") or {}
        return tuple(config.get("Entrypoint") or ()), tuple(config.get("Cmd") or ())
