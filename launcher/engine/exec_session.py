"""A session in a container that is started already: the program is executed in it, and nothing needs to be created.

The same `Engine` for the session as the others; where the container is gone, or will not take the program, that is
`ProtocolError` before anything has started, and the next engine makes one.
"""

from __future__ import annotations

import time

from launcher.core.run.warm_policy import argv
from launcher.engine.engine_http import ProtocolError
from launcher.engine.program_streams import SocketStream
from launcher.engine.stream_frames import HEADER
from launcher.engine.wire_engine import WireEngine
from launcher.errors import EngineError, EngineStalledError
from launcher.fast_stdlib import NamedTuple, closing, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from launcher.core.run.warm_policy import Idle
    from launcher.core.values.run_spec import RunSpec
    from launcher.engine.engine_http import Connection
    from launcher.engine.engine_ping import Reply
    from launcher.engine.engine_protocol import ExitCode, Stream

_REFUSALS = (b"OCI runtime exec failed: ", b"Error: OCI runtime error: ")
_REFUSED = (126, 127)
_REMOVAL = 10.0  # seconds for the removal of a container that waits
_DETACH_HARDLY = "\0,\x1c,\0,\x1e"  # JSON has no byte that nobody types: a Ctrl-@ is held until the next key
_PAUSES = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02)  # seconds; the code is known within a millisecond of the end


class ExecHooks(NamedTuple):
    """What a session in a container that waits needs of this machine."""

    send: Callable[[int, int], bool]  # a signal to a process (negative: with all it started); whether that could be
    told: Callable[[str], None]  # which program is about to start
    lost: Callable[[], None]  # the container is gone


class ExecEngine(WireEngine):
    """An `Engine` on a container that waits."""

    def __init__(self, idle: Idle, api: str, flavour: str, outside: ExecHooks) -> None:
        """Run in *idle*, with what there is *outside* for it."""
        super().__init__(idle.host.removeprefix("unix://"), api, flavour)
        self._idle = idle
        self._outside = outside
        self._streaming: _ExecStream | None = None
        self._tty = False

    def create(self, spec: RunSpec) -> str:
        """Return the id of the program to be executed; raises `ProtocolError` where the container is gone."""
        value = {
            "AttachStdin": spec.stdin,
            "AttachStdout": True,
            "AttachStderr": True,
            "Tty": spec.tty,
            "DetachKeys": _DETACH_HARDLY,
            "Cmd": list(argv(spec, self._idle)),
            "Env": [f"{name}={value}" for name, value in spec.environment],
            "WorkingDir": spec.working_dir,
        }
        answer = self._ask("POST", f"/containers/{self._idle.container}/exec", None, value)
        program = answer.json().get("Id") if answer.status == 201 else None  # noqa: PLR2004  created
        if not isinstance(program, str) or not program.isalnum():
            self._outside.lost()
            raise ProtocolError("the container that waited is gone")
        self._tty = spec.tty
        self._outside.told(program)
        return program

    def attach(self, container: str, spec: RunSpec) -> Stream:
        """Make ready to join the program's streams: they are the answer to its start."""
        skipped = 0 if spec.tty else HEADER
        self._streaming = _ExecStream(self._connected(_PATIENCE), skipped, lambda: self._refusal(container))
        return self._streaming

    def wait(self, container: str) -> ExitCode:
        """Return how to learn the exit code once the streams have ended; nobody needs to be asked before."""

        def exit_code() -> int:
            if self._streaming and self._streaming.held:
                from launcher.engine.start_failure import start_failure  # noqa: PLC0415  it fails

                raise start_failure(self._refused(self._streaming.held.decode("utf-8", "replace")))
            return int(self._ended(container)["ExitCode"])

        return exit_code

    def start(self, container: str) -> None:
        """Start the program; raises `NotFoundError`, or `CannotRunError` for a program that may not run."""
        assert self._streaming is not None  # noqa: S101  attach comes first
        connection = self._streaming.connection
        with self._translated, self._understood:
            path = f"{self._api}/exec/{container}/start"
            value = {"Detach": False, "Tty": self._tty}
            answer = connection.ask("POST", path, value, "Connection: Upgrade\r\nUpgrade: tcp\r\n")
            if answer.status not in (101, 200):
                from launcher.engine.start_failure import start_failure  # noqa: PLC0415  it fails

                raise start_failure(self._refused(_message(answer.json())))
        self._streaming.begin()

    def send_signal(self, container: str, signal: int) -> Reply | None:
        """Send *signal* to the program: an engine has no word for that, but its process is one of this machine's."""
        until = time.monotonic() + _ANSWERS
        for pause in (*_PAUSES, 0.0):
            said = self._seen(container, until - time.monotonic())
            if said.get("Running") is False:
                break
            if (pid := said.get("Pid")) and self._outside.send(pid, signal):
                break
            time.sleep(pause)
        return None

    def send_size(self, container: str, rows: int, columns: int) -> None:
        """Tell the program's terminal its new size; it has one since `resize`."""
        with suppress(EngineError):
            self._told("POST", f"/exec/{container}/resize", {"h": rows, "w": columns}, _MOMENT)

    def resize(self, container: str, rows: int, columns: int) -> None:
        """Tell the program's terminal its size; a program that has ended is no trouble.

        The engine answers a start before there is a terminal: until then it refuses.
        """
        for pause in (*_PAUSES, *_SOON):
            try:
                self._told("POST", f"/exec/{container}/resize", {"h": rows, "w": columns}, _PATIENCE)
            except EngineStalledError:
                raise
            except EngineError:
                if self._told_of(container).get("Running") is False:
                    return
                time.sleep(pause)
            else:
                return

    def remove(self, container: str, patience: float = _REMOVAL) -> bool:
        """End the program; of a fresh container nothing stays, of a shared one everything but the program."""
        if self._idle.reuse == "fresh":
            return super().remove(self._idle.container, patience)
        for pause in _SOON:  # it may be about to start: whoever asked for that was killed
            said = self._seen(container, patience)
            if pid := said.get("Pid") or 0:
                return said.get("Running") is True and self._outside.send(-pid, _KILL)
            if type(said.get("ExitCode")) is int:
                break
            time.sleep(pause)
        return False

    def _refusal(self, container: str) -> bool:
        """Tell whether the program never ran: a process that has none of its own ended with what says so."""
        said = self._ended(container)
        return said["ExitCode"] in _REFUSED and not said.get("Pid")

    def _ended(self, container: str) -> dict[str, Any]:
        for pause in (*_PAUSES, *[0.05] * 200):
            said = self._told_of(container)
            if said.get("Running") is False and type(said.get("ExitCode")) is int:
                return said
            time.sleep(pause)
        raise EngineError(self._host, "the engine tells no exit code", "applaunch doctor")

    def _told_of(self, container: str) -> dict[str, Any]:
        return self._known(self.inspect(f"/exec/{container}/json"))

    def _seen(self, container: str, patience: float) -> dict[str, Any]:
        """Ask the same on a connection of its own: a signal may come in the middle of another request."""
        with closing(self._connected(max(patience, 0.01))) as connection, self._translated, self._understood:
            return self._known(connection.ask("GET", f"{self._api}/exec/{container}/json").found())

    def _known(self, said: dict[str, Any] | None) -> dict[str, Any]:
        if said is None:
            raise EngineError(self._host, "lost the program: its container is gone", "applaunch doctor")
        return said


_KILL = 9
_ANSWERS = 0.35  # seconds until an engine that has answered nothing is taken to hang
_MOMENT = 0.1  # seconds for an answer that does not count for much
_SOON = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
_PATIENCE = 300.0


class _ExecStream(SocketStream):
    """The streams of a program that is yet to start; an engine's own words about one that cannot are held back."""

    def __init__(self, connection: Connection, skipped: int, refused: Callable[[], bool]) -> None:
        self.connection = connection
        self.held = b""
        self._skipped = skipped  # the header of the first frame
        self._refused = refused
        self._passes = False
        super().__init__(connection)

    def begin(self) -> None:
        """Take what came with the answer to the start; from now on nothing waits."""
        self._first = self.connection.buffer
        self.connection.socket.setblocking(False)

    def receive(self) -> bytes | memoryview | None:
        data = super().receive()
        if self._passes or data is None:
            return data
        self.held += data
        said = self.held[self._skipped :]
        if data and any(said.startswith(words) or words.startswith(said) for words in _REFUSALS):
            return None
        if not data and said and self._refused():
            return b""
        self._passes = True
        shown, self.held = self.held, b""
        return shown


def _message(said: Any) -> str:
    return str(said.get("message", "")) if isinstance(said, dict) else ""
