"""The fast engine for a local socket: raw requests without docker-py's imports.

It works for images that exist and engines on a unix socket. If it does not understand an answer, it raises
`ProtocolError` before anything has started, and `sdk_engine` does the same through docker-py. The same tests run on
both.
"""

from __future__ import annotations

from launcher.engine.create_body import container_body
from launcher.engine.create_lock import CreateLock
from launcher.engine.engine_http import BAD_REQUEST, CREATED, NOT_FOUND, OK, Answer, Connection, ProtocolError, query
from launcher.engine.program_streams import SocketStream
from launcher.engine.socket_errors import AnswerErrors, SocketErrors
from launcher.errors import EngineError, ImageMissingError
from launcher.fast_stdlib import dumps, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from launcher.core.run.process_states import ProcessState
    from launcher.core.values.run_spec import RunSpec
    from launcher.engine.engine_ping import Reply
    from launcher.engine.engine_protocol import ExitCode, Stream

_DETACH_OFF = "\udcff,\udcfe,\udcff"  # the default delays every Ctrl-P until the next key
_NO_INIT = "container-init binary not found"  # podman without catatonit
_WAIT_OPTIONS = "condition=stopped&condition=exited&interval=10ms"
_PATIENCE = 300.0  # seconds for an answer of the engine; a program may take any time
_REMOVAL = 10.0  # seconds for the removal of a warm container
_ACCEPT = 0.1  # seconds to accept a request that is not waited for
_GONE = (404, 409)
_QUESTION = 2.0  # seconds for an answer that a launch can do without


class WireEngine:
    """An `Engine` on a unix socket."""

    def __init__(self, path: str, api: str, flavour: str, queue: str = "") -> None:
        """Use API version *api* with the engine of that *flavour* at the socket *path*.

        *queue* is the lock file for creating containers, for an engine that needs one.
        """
        self._queue = queue
        self._path = path
        self._host = f"unix://{path}"
        self._api = f"/v{api}"
        self._flavour = flavour
        self._connection: Connection | None = None
        self._open: list[Connection] = []
        self._sizes: Connection | None = None

    def create(self, spec: RunSpec) -> str:
        """Return the new container's id; raises `ImageMissingError` if the image must be pulled first."""
        params = {key: value for key, value in (("platform", spec.platform), ("name", spec.name)) if value}
        with CreateLock(self._queue):
            answer = self._ask("POST", "/containers/create", params, container_body(spec, self._flavour))
        if answer.status == CREATED:
            container = answer.object().get("Id")
            if not isinstance(container, str) or not container.isalnum():
                raise ProtocolError("the engine returned no container id")
            return container
        why = answer.message()
        if answer.status == NOT_FOUND and "image" in why.lower():
            raise ImageMissingError(spec.image, why)
        if spec.init and _NO_INIT in why:
            return self.create(spec._replace(init=False))
        raise self._refused(why)

    def attach(self, container: str, spec: RunSpec) -> Stream:
        """Attach to the program's streams before it starts."""
        params = {"stdin": int(spec.stdin), "stdout": 1, "stderr": 1, "stream": 1, "detachKeys": _DETACH_OFF}
        connection = self._connect(_PATIENCE)
        with self._socket_errors:
            path = f"{self._api}/containers/{container}/attach?{query(params)}"
            answer = connection.ask("POST", path, headers="Connection: Upgrade\r\nUpgrade: tcp\r\n")
        if answer.status not in (101, 200):
            raise self._refused(answer.message())
        if spec.tty and self._flavour == "podman":  # before the program starts; docker accepts no size before 1.42
            self.resize(container, *spec.size)
        connection.socket.setblocking(False)
        return SocketStream(connection)

    def wait(self, container: str) -> ExitCode:
        """Request the exit code; the engine has accepted the request when this returns.

        Docker sends an event as soon as the program has ended; it answers a wait only after removing the network (50 ms
        later, on a bridge). Podman checks for the end four times a second, unless its own API is told a shorter
        interval.
        """
        if self._flavour == "podman":
            answer = self._request_later("POST", f"/v4.0.0/libpod/containers/{container}/wait?{_WAIT_OPTIONS}")
            return lambda: self._exit_code(lambda: self._require_ok(answer()).json())
        filters = dumps({"container": [container], "event": ["die"]}).decode()
        with self._socket_errors:
            connection = self._connect(_PATIENCE)
            events = self._require_ok(connection.ask("GET", f"{self._api}/events?{query({'filters': filters})}"))
        connection.socket.settimeout(None)
        return lambda: self._exit_code(lambda: events.event()["Actor"]["Attributes"]["exitCode"])

    def _request_later(self, method: str, path: str) -> Callable[[], Answer]:
        """Send a request that is answered when the program has ended."""
        connection = self._connect(None)
        with self._socket_errors:
            connection.send(method, path)

        def answer() -> Answer:
            with self._socket_errors:
                return connection.answer()

        return answer

    def _require_ok(self, answer: Answer) -> Answer:
        if answer.status != OK:
            raise self._refused(answer.message())
        return answer

    def _exit_code(self, read: Callable[[], Any]) -> int:
        try:
            with self._socket_errors, self._answer_errors:
                return int(read())
        except (KeyError, TypeError, ValueError):
            raise EngineError(self._host, "the engine reports no exit code", "applaunch doctor") from None

    def start(self, container: str) -> None:
        """Start the program; raises `NotFoundError`, or `CannotRunError` for a program that may not run."""
        with self._answer_errors:  # it may have started, so it must not be tried again
            answer = self._ask("POST", f"/containers/{container}/start")
            if answer.status not in (204, 304):
                from launcher.engine.start_failure import start_failure  # noqa: PLC0415  only on failure

                raise start_failure(self._refused(answer.message()))

    def send_signal(self, container: str, signal: int) -> Reply | None:
        """Send *signal* to the program without waiting; no error if the container has ended."""
        return self._reply(self._send("POST", f"{self._api}/containers/{container}/kill?signal={int(signal)}"))

    def send_size(self, container: str, rows: int, columns: int) -> None:
        """Set the new size of the program's terminal; sizes are sent in order, and answers are ignored."""
        path = f"{self._api}/containers/{container}/resize?h={rows}&w={columns}"
        with suppress(EngineError, OSError):
            if self._sizes is None or not self._sizes.drain():
                self._sizes = self._send("POST", path)
            else:
                self._sizes.send("POST", path)

    def probe(self) -> Reply | None:
        """Ask whether the engine answers, without waiting."""
        return self._reply(None)

    def _reply(self, request: Connection | None) -> Reply:
        from launcher.engine.engine_ping import Reply  # noqa: PLC0415  only for a signal

        return Reply(self._send("GET", "/_ping"), request, self._check)

    def resize(self, container: str, rows: int, columns: int) -> None:
        """Set the size of the program's terminal; no error if the container has ended."""
        self._request("POST", f"/containers/{container}/resize", {"h": rows, "w": columns}, _PATIENCE)

    def processes(self, container: str) -> tuple[ProcessState, ...]:
        """Return what the program's processes do; none if the engine does not tell."""
        from launcher.core.run.process_states import COLUMNS, read_processes  # noqa: PLC0415  few launches

        path = f"{self._api}/containers/{container}/top?{query({'ps_args': COLUMNS[self._flavour]})}"
        with self._socket_errors, self._answer_errors:  # on another connection: a signal may arrive during a request
            return read_processes(self._connect(_QUESTION).ask("GET", path).found())

    def wake(self, container: str) -> None:
        """Continue all stopped processes of the program by a shell in the container, if it has one."""
        value = {"Cmd": ["sh", "-c", "kill -CONT -1"]}
        with suppress(EngineError), self._socket_errors, self._answer_errors:
            connection = self._connect(_QUESTION)
            made = connection.ask("POST", f"{self._api}/containers/{container}/exec", value).object()
            connection.ask("POST", f"{self._api}/exec/{made.get('Id')}/start", {"Detach": True})

    def remove(self, container: str, patience: float = _REMOVAL) -> bool:
        """Remove the container, running or not, by id or name; return False if it does not exist."""
        return self._request("DELETE", f"/containers/{container}", {"force": 1, "v": 1}, patience)

    def inspect(self, path: str) -> dict[str, Any] | None:
        """Return the JSON object at *path*, or None if there is none."""
        with self._socket_errors, self._answer_errors:
            return self._ask("GET", path).found()

    def close(self) -> None:
        """Close all connections."""
        for connection in self._open:
            connection.close()

    def _request(self, method: str, path: str, params: dict[str, Any], patience: float) -> bool:
        """Send a request on a separate connection: a signal may arrive during another request."""
        connection = self._connect(patience)
        with self._socket_errors, self._answer_errors:
            answer = connection.ask(method, f"{self._api}{path}?{query(params)}")
            self._check(answer)
        return answer.status not in _GONE

    def _send(self, method: str, path: str) -> Connection:
        connection = self._connect(_ACCEPT)
        with self._socket_errors:
            connection.send(method, path)
        connection.socket.setblocking(False)
        return connection

    def _check(self, answer: Answer) -> None:
        if answer.status >= BAD_REQUEST and answer.status not in _GONE:
            raise self._refused(answer.message())

    def _refused(self, why: str) -> EngineError:
        from launcher.engine import sdk_errors  # noqa: PLC0415  only on failure

        return sdk_errors.engine_refusal(self._host, sdk_errors.one_line(why))

    def _ask(self, method: str, path: str, params: dict[str, str] | None = None, value: Any = None) -> Answer:
        """Send a request on the kept connection."""
        suffix = f"?{query(params)}" if params else ""
        with self._socket_errors:
            if self._connection is None:
                self._connection = Connection(self._path, _PATIENCE)
                self._open.append(self._connection)
            self._connection.send(method, f"{self._api}{path}{suffix}", value)
            return self._connection.answer()

    def _connect(self, timeout: float | None) -> Connection:
        with self._socket_errors:
            connection = Connection(self._path, timeout)
        self._open.append(connection)
        return connection

    @property
    def _socket_errors(self) -> SocketErrors:
        return SocketErrors(self._host)

    @property
    def _answer_errors(self) -> AnswerErrors:
        return AnswerErrors(self._host)
