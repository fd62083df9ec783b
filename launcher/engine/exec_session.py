"""Run a program in a warm container, which is already started, by executing it there.

Implements the same `Engine` as the others. If the container is gone or refuses the program, `ProtocolError` is raised
before anything has started, and the next engine creates a container.
"""

from __future__ import annotations

import time

from launcher.core.run.warm_policy import program_words
from launcher.engine.engine_http import CREATED, ProtocolError
from launcher.engine.program_streams import SocketStream
from launcher.engine.stream_frames import HEADER
from launcher.engine.wire_engine import WireEngine
from launcher.errors import EngineError, EngineStalledError
from launcher.fast_stdlib import NamedTuple, closing, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from launcher.core.run.process_states import ProcessState
    from launcher.core.run.warm_policy import Idle
    from launcher.core.values.run_spec import RunSpec
    from launcher.engine.engine_http import Connection
    from launcher.engine.engine_ping import Reply
    from launcher.engine.engine_protocol import ExitCode, Stream

_REFUSALS = (b"OCI runtime exec failed: ", b"Error: OCI runtime error: ")
_REFUSED = (126, 127)
_INIT = ("/sbin/docker-init", "-s", "--")  # Ctrl-Z stops only a program that has a parent in its session (POSIX)
_REMOVAL = 10.0  # seconds for the removal of a warm container
_DETACH_RARELY = "\0,\x1c,\0,\x1e"  # every JSON key can be typed; this one only delays a Ctrl-@ until the next key
_PAUSES = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02)  # seconds; the exit code is known within a millisecond of the end


class ExecHooks(NamedTuple):
    """What a session in a warm container uses on this machine."""

    send_signal: Callable[[int, int], bool]  # to a process (negative: and its descendants); returns whether it was sent
    on_create: Callable[[str], None]  # called with the id of the program before it starts
    on_lost: Callable[[], None]  # called if the container is gone


class ExecEngine(WireEngine):
    """An `Engine` on a warm container."""

    def __init__(self, idle: Idle, api: str, flavour: str, hooks: ExecHooks) -> None:
        """Run in the container *idle*."""
        super().__init__(idle.host.removeprefix("unix://"), api, flavour)
        self._idle = idle
        self._hooks = hooks
        self._streaming: _ExecStream | None = None
        self._tty = False

    def create(self, spec: RunSpec) -> str:
        """Return the id of the program to execute; raises `ProtocolError` if the container is gone."""
        init = _INIT if spec.tty and spec.init and self._flavour == "docker" else ()
        value = {
            "AttachStdin": spec.stdin,
            "AttachStdout": True,
            "AttachStderr": True,
            "Tty": spec.tty,
            "DetachKeys": _DETACH_RARELY,
            "Cmd": [*init, *program_words(spec, self._idle)],
            "Env": [f"{name}={value}" for name, value in spec.environment],
            "WorkingDir": spec.working_dir,
        }
        answer = self._ask("POST", f"/containers/{self._idle.container}/exec", None, value)
        program = answer.json().get("Id") if answer.status == CREATED else None
        if not isinstance(program, str) or not program.isalnum():
            self._hooks.on_lost()
            raise ProtocolError("the warm container is gone")
        self._tty = spec.tty
        self._hooks.on_create(program)
        return program

    def attach(self, container: str, spec: RunSpec) -> Stream:
        """Prepare the program's streams, which are the answer to its start."""
        skipped = 0 if spec.tty else HEADER
        self._streaming = _ExecStream(self._connect(_PATIENCE), skipped, lambda: self._never_ran(container))
        return self._streaming

    def wait(self, container: str) -> ExitCode:
        """Return a function for the exit code, to call after the streams have ended."""

        def exit_code() -> int:
            if self._streaming and self._streaming.held:
                from launcher.engine.start_failure import start_failure  # noqa: PLC0415  only on failure

                raise start_failure(self._refused(self._streaming.held.decode("utf-8", "replace")))
            return int(self._wait_for_end(container)["ExitCode"])

        return exit_code

    def start(self, container: str) -> None:
        """Start the program; raises `NotFoundError`, or `CannotRunError` for a program that may not run."""
        assert self._streaming is not None  # noqa: S101  attach comes first
        connection = self._streaming.connection
        with self._socket_errors, self._answer_errors:
            path = f"{self._api}/exec/{container}/start"
            value = {"Detach": False, "Tty": self._tty}
            answer = connection.ask("POST", path, value, "Connection: Upgrade\r\nUpgrade: tcp\r\n")
            if answer.status not in (101, 200):
                from launcher.engine.start_failure import start_failure  # noqa: PLC0415  only on failure

                raise start_failure(self._refused(_message(answer.json())))
        self._streaming.begin()

    def send_signal(self, container: str, signal: int) -> Reply | None:
        """Send *signal* to the program's process on this machine: engines have no request for that."""
        until, whole = time.monotonic() + _SILENCE, 1
        if signal in (_STOP_TYPED, _CONTINUE):  # a shell stops and continues all of a job
            signal, whole = _STOP if signal == _STOP_TYPED else signal, -1  # no job of a terminal: SIGTSTP is ignored
        for pause in (*_PAUSES, 0.0):
            state = self._inspect_separately(container, until - time.monotonic())
            if state.get("Running") is False:
                break
            if (pid := state.get("Pid")) and self._hooks.send_signal(whole * pid, signal):
                break
            time.sleep(pause)
        return None

    def send_size(self, container: str, rows: int, columns: int) -> None:
        """Set the new size of the program's terminal, which exists since `resize`."""
        with suppress(EngineError):
            self._request("POST", f"/exec/{container}/resize", {"h": rows, "w": columns}, _RESIZE)

    def resize(self, container: str, rows: int, columns: int) -> None:
        """Set the size of the program's terminal; no error if the program has ended.

        The engine answers a start before the terminal exists, and refuses until then.
        """
        for pause in (*_PAUSES, *_LONG_PAUSES):
            try:
                self._request("POST", f"/exec/{container}/resize", {"h": rows, "w": columns}, _PATIENCE)
            except EngineStalledError:
                raise
            except EngineError:
                if self._inspect(container).get("Running") is False:
                    return
                time.sleep(pause)
            else:
                return

    def processes(self, container: str) -> tuple[ProcessState, ...]:
        """Return what the program's processes do; none if the engine does not tell."""
        from launcher.core.run.process_states import descendants_of  # noqa: PLC0415  few launches

        pid = self._inspect_separately(container, _SILENCE).get("Pid") or 0
        return descendants_of(pid, super().processes(self._idle.container))

    def wake(self, container: str) -> None:
        """Continue all stopped processes of the program."""
        if pid := self._inspect_separately(container, _SILENCE).get("Pid"):
            self._hooks.send_signal(-pid, _CONTINUE)

    def remove(self, container: str, patience: float = _REMOVAL) -> bool:
        """End the program; a fresh container is removed, a shared one kept."""
        if self._idle.reuse == "fresh":
            return super().remove(self._idle.container, patience)
        for pause in _LONG_PAUSES:  # it may be about to start, requested by a launch that was killed
            state = self._inspect_separately(container, patience)
            if pid := state.get("Pid") or 0:
                return state.get("Running") is True and self._hooks.send_signal(-pid, _KILL)
            if type(state.get("ExitCode")) is int:
                break
            time.sleep(pause)
        return False

    def _never_ran(self, container: str) -> bool:
        """Return whether the program never ran: it has an exit code for that and no pid."""
        state = self._wait_for_end(container)
        return state["ExitCode"] in _REFUSED and not state.get("Pid")

    def _wait_for_end(self, container: str) -> dict[str, Any]:
        for pause in (*_PAUSES, *[0.05] * 200):
            state = self._inspect(container)
            if state.get("Running") is False and type(state.get("ExitCode")) is int:
                return state
            time.sleep(pause)
        raise EngineError(self._host, "the engine reports no exit code", "applaunch doctor")

    def _inspect(self, container: str) -> dict[str, Any]:
        return self._require(self.inspect(f"/exec/{container}/json"))

    def _inspect_separately(self, container: str, patience: float) -> dict[str, Any]:
        """Inspect on a separate connection: a signal may arrive during another request."""
        with closing(self._connect(max(patience, 0.01))) as connection, self._socket_errors, self._answer_errors:
            return self._require(connection.ask("GET", f"{self._api}/exec/{container}/json").found())

    def _require(self, state: dict[str, Any] | None) -> dict[str, Any]:
        if state is None:
            raise EngineError(self._host, "the program was lost: its container is gone", "applaunch doctor")
        return state


_KILL, _CONTINUE, _STOP, _STOP_TYPED = 9, 18, 19, 20  # on Linux
_SILENCE = 0.35  # seconds until a silent engine counts as hanging
_RESIZE = 0.1  # seconds for an answer of little importance
_LONG_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
_PATIENCE = 300.0


class _ExecStream(SocketStream):
    """The streams of a program that has yet to start; an engine's message that it cannot start is held back."""

    def __init__(self, connection: Connection, skipped: int, refused: Callable[[], bool]) -> None:
        self.connection = connection
        self.held = b""
        self._skipped = skipped  # the size of the first frame's header
        self._refused = refused
        self._passes = False
        super().__init__(connection)

    def begin(self) -> None:
        """Use the data that came with the answer to the start, and never block from now on."""
        self._first = self.connection.buffer
        self.connection.socket.setblocking(False)

    def receive(self) -> bytes | memoryview | None:
        data = super().receive()
        if self._passes or data is None:
            return data
        self.held += data
        text = self.held[self._skipped :]
        if data and any(text.startswith(prefix) or prefix.startswith(text) for prefix in _REFUSALS):
            return None
        if not data and text and self._refused():
            return b""
        self._passes = True
        shown, self.held = self.held, b""
        return shown


def _message(answer: Any) -> str:
    return str(answer.get("message", "")) if isinstance(answer, dict) else ""
