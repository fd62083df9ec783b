"""The short cut to a local engine: a session's requests straight on its socket, without docker-py's imports.

It serves an image that is there on a unix socket. Whatever it does not understand it hands over (`ProtocolError`)
before anything has started; `sdk.py` says the same in docker-py's words, and the same tests run on both.
"""

from __future__ import annotations

from launcher.engine.create_body import container_body
from launcher.engine.create_lock import CreateLock
from launcher.engine.engine_http import Answer, Connection, ProtocolError, query
from launcher.engine.program_streams import SocketStream
from launcher.engine.socket_errors import AnswerErrors, SocketErrors
from launcher.errors import EngineError, EngineStalledError, ImageMissingError
from launcher.fast_stdlib import closing, dumps, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from launcher.core.values.run_spec import RunSpec
    from launcher.engine.engine_ping import Reply
    from launcher.engine.engine_protocol import ExitCode, Stream

_DETACH_OFF = "\udcff,\udcfe,\udcff"  # the default holds every Ctrl-P until the next key
_NO_INIT = "container-init binary not found"  # podman without catatonit
_OFTEN = "condition=stopped&condition=exited&interval=10ms"
_PATIENCE = 300.0  # seconds for an answer of the engine; a program may take for ever
_REMOVAL = 10.0  # seconds for the removal of a container that waits
_PING = 5.0
_PROMPTLY = 10.0  # seconds for the answer to a request that is done in a moment
_PROMPT = 0.1  # seconds for an engine to take a request that nobody waits for
_GONE = (404, 409)


class WireEngine:
    """An `Engine` on a unix socket."""

    def __init__(self, path: str, api: str, flavour: str, queue: str = "") -> None:
        """Speak version *api* to the engine of that *flavour* at the socket *path*.

        *queue* is the file where launches wait for their turn to create, for an engine that needs that.
        """
        self._queue = queue
        self._path = path
        self._host = f"unix://{path}"
        self._api = f"/v{api}"
        self._flavour = flavour
        self._kept: Connection | None = None
        self._open: list[Connection] = []
        self._sizes: Connection | None = None

    def create(self, spec: RunSpec) -> str:
        """Return the new container's id; raises `ImageMissingError` where the image is to be pulled first."""
        params = {key: value for key, value in (("platform", spec.platform), ("name", spec.name)) if value}
        with CreateLock(self._queue):
            answer = self._ask("POST", "/containers/create", params, container_body(spec, self._flavour))
        if answer.status == 201:  # noqa: PLR2004  created
            container = answer.object().get("Id")
            if not isinstance(container, str) or not container.isalnum():
                raise ProtocolError("the engine names no container")
            return container
        why = answer.message()
        if answer.status == 404 and "image" in why.lower():  # noqa: PLR2004  not found
            raise ImageMissingError(spec.image, why)
        if spec.init and _NO_INIT in why:
            return self.create(spec._replace(init=False))
        raise self._refused(why)

    def attach(self, container: str, spec: RunSpec) -> Stream:
        """Join the program's streams, before it starts."""
        params = {"stdin": int(spec.stdin), "stdout": 1, "stderr": 1, "stream": 1, "detachKeys": _DETACH_OFF}
        connection = self._connected(_PATIENCE)
        with self._translated:
            path = f"{self._api}/containers/{container}/attach?{query(params)}"
            answer = connection.ask("POST", path, headers="Connection: Upgrade\r\nUpgrade: tcp\r\n")
        if answer.status not in (101, 200):
            raise self._refused(answer.message())
        if spec.tty and self._flavour == "podman":  # before the program starts; docker takes no size before 1.42
            self.resize(container, *spec.size)
        connection.socket.setblocking(False)
        return SocketStream(connection)

    def wait(self, container: str) -> ExitCode:
        """Ask for the exit code; the engine has noted the question when this returns.

        Docker tells it as an event when the program has ended, and answers a wait only when the network is taken down
        as well (50 ms later, on a bridge). Podman looks at its events four times a second, and so at a wait, unless
        it is told in its own words to look more often.
        """
        if self._flavour == "podman":
            answer = self._asked("POST", f"/v4.0.0/libpod/containers/{container}/wait?{_OFTEN}")
            return lambda: self._exit_code(lambda: self._sound(answer()).json())
        filters = dumps({"container": [container], "event": ["die"]}).decode()
        with self._translated:
            connection = self._connected(_PATIENCE)
            events = self._sound(connection.ask("GET", f"{self._api}/events?{query({'filters': filters})}"))
        connection.socket.settimeout(None)
        return lambda: self._exit_code(lambda: events.event()["Actor"]["Attributes"]["exitCode"])

    def _asked(self, method: str, path: str) -> Callable[[], Answer]:
        """Ask what is answered when the program has ended."""
        connection = self._connected(None)
        with self._translated:
            connection.send(method, path)

        def answer() -> Answer:
            with self._translated:
                return connection.answer()

        return answer

    def _sound(self, answer: Answer) -> Answer:
        if answer.status != 200:  # noqa: PLR2004  ok
            raise self._refused(answer.message())
        return answer

    def _exit_code(self, told: Callable[[], Any]) -> int:
        try:
            with self._translated, self._understood:
                return int(told())
        except (KeyError, TypeError, ValueError):
            raise EngineError(self._host, "the engine tells no exit code", "applaunch doctor") from None

    def start(self, container: str) -> None:
        """Start the program; raises `NotFoundError`, or `CannotRunError` for a program that may not run."""
        with self._understood:  # it may have started: nobody may try again
            answer = self._ask("POST", f"/containers/{container}/start")
            if answer.status not in (204, 304):
                from launcher.engine.start_failure import start_failure  # noqa: PLC0415  it fails

                raise start_failure(self._refused(answer.message()))

    def send_signal(self, container: str, signal: int) -> Reply | None:
        """Send *signal* to the program without waiting; a container that has ended is no trouble."""
        return self._reply(self._sent("POST", f"{self._api}/containers/{container}/kill?signal={int(signal)}"))

    def send_size(self, container: str, rows: int, columns: int) -> None:
        """Tell the program's terminal its new size: one after the other, and no answer counts."""
        path = f"{self._api}/containers/{container}/resize?h={rows}&w={columns}"
        with suppress(EngineError, OSError):
            if self._sizes is None or not self._sizes.drain():
                self._sizes = self._sent("POST", path)
            else:
                self._sizes.send("POST", path)

    def probe(self) -> Reply | None:
        """Ask whether the engine answers, without waiting."""
        return self._reply(None)

    def _reply(self, request: Connection | None) -> Reply:
        from launcher.engine.engine_ping import Reply  # noqa: PLC0415  a signal has come

        return Reply(self._sent("GET", "/_ping"), request, self._check)

    def kill(self, container: str, signal: int) -> None:
        """Send *signal* to the program and wait for the answer; a container that has ended is no trouble."""
        self._told("POST", f"/containers/{container}/kill", {"signal": int(signal)}, _PROMPTLY)

    def resize(self, container: str, rows: int, columns: int) -> None:
        """Tell the program's terminal its size; a container that has ended is no trouble."""
        self._told("POST", f"/containers/{container}/resize", {"h": rows, "w": columns}, _PATIENCE)

    def remove(self, container: str, patience: float = _REMOVAL) -> bool:
        """Remove the container, running or not, by id or name; False where there is none."""
        return self._told("DELETE", f"/containers/{container}", {"force": 1, "v": 1}, patience)

    def inspect(self, path: str) -> dict[str, Any] | None:
        """Return what the engine says at *path*, None where nothing is."""
        with self._translated, self._understood:
            return self._ask("GET", path).found()

    def ping(self) -> None:
        """Raise `EngineStalledError` if the engine does not answer within seconds, before longer requests are sent."""
        try:
            with closing(self._connected(_PING)) as connection, self._translated, self._understood:
                connection.ask("GET", "/_ping")
        except EngineStalledError:
            from launcher.engine import sdk_errors  # noqa: PLC0415  it fails

            raise sdk_errors.engine_stalled(self._host, _PING) from None
        except EngineError:
            return  # whoever asks next says it in words that fit

    def pid(self, container: str) -> int:
        """Return the pid of a container's first process, as the engine counts; 0 where it does not run."""
        state = (self.inspect(f"/containers/{container}/json") or {}).get("State") or {}
        return int(state.get("Pid") or 0) if state.get("Running") else 0

    def defaults(self, image: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the entrypoint and the command that *image* brings."""
        config = (self.inspect(f"/images/{image}/json") or {}).get("Config") or {}
        return tuple(config.get("Entrypoint") or ()), tuple(config.get("Cmd") or ())

    def close(self) -> None:
        """Let go of every connection."""
        for connection in self._open:
            connection.close()

    def _told(self, method: str, path: str, params: dict[str, Any], patience: float) -> bool:
        """Ask on a connection of its own: a signal may come in the middle of another request."""
        connection = self._connected(patience)
        with self._translated, self._understood:
            answer = connection.ask(method, f"{self._api}{path}?{query(params)}")
            self._check(answer)
        return answer.status not in _GONE

    def _sent(self, method: str, path: str) -> Connection:
        connection = self._connected(_PROMPT)
        with self._translated:
            connection.send(method, path)
        connection.socket.setblocking(False)
        return connection

    def _check(self, answer: Answer) -> None:
        if answer.status >= 400 and answer.status not in _GONE:  # noqa: PLR2004  an error
            raise self._refused(answer.message())

    def _refused(self, why: str) -> EngineError:
        from launcher.engine import sdk_errors  # noqa: PLC0415  it fails

        return sdk_errors.engine_refusal(self._host, sdk_errors.one_line(why))

    def _ask(self, method: str, path: str, params: dict[str, str] | None = None, value: Any = None) -> Answer:
        """Ask on the connection that is kept for one request after another."""
        if self._kept is None:
            self._kept = self._connected(_PATIENCE)
        suffix = f"?{query(params)}" if params else ""
        with self._translated:
            return self._kept.ask(method, f"{self._api}{path}{suffix}", value)

    def _connected(self, timeout: float | None) -> Connection:
        with self._translated:
            connection = Connection(self._path, timeout)
        self._open.append(connection)
        return connection

    @property
    def _translated(self) -> SocketErrors:
        return SocketErrors(self._host)

    @property
    def _understood(self) -> AnswerErrors:
        return AnswerErrors(self._host)
