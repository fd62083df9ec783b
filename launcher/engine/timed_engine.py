"""An engine that wraps another one and reports when each call begins and ends.

Only `applaunch run --timings` imports this module.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from launcher.core.run.process_states import ProcessState
    from launcher.core.values.run_spec import RunSpec
    from launcher.engine.engine_protocol import Engine, ExitCode, Reply, Stream

Mark: TypeAlias = "Callable[[str], None]"
"""Receives what the time since the last report was spent on; "" for anything without a name."""


class TimedEngine:
    """An `Engine` that wraps another one and reports the time of each method under its name.

    The time from the answer to the start until the end of the output is ``program``; the time to get the exit code
    afterwards is ``exit code``. The streams are those of the other engine, so that timing does not slow them.
    """

    def __init__(self, engine: Engine, mark: Mark) -> None:
        """Wrap *engine* and report to *mark*."""
        self._engine = engine
        self._mark = mark
        self._current = ""

    def close(self) -> None:
        """Close all connections."""
        with self._timed("close"):
            self._engine.close()

    def create(self, spec: RunSpec) -> str:
        """Return the new container's id."""
        with self._timed("create"):
            return self._engine.create(spec)

    def attach(self, container: str, spec: RunSpec) -> Stream:
        """Attach to the program's streams."""
        with self._timed("attach"):
            return self._engine.attach(container, spec)

    def wait(self, container: str) -> ExitCode:
        """Request the exit code."""
        with self._timed("wait"):
            exit_code = self._engine.wait(container)

        def timed_exit_code() -> int:
            self._mark(self._current)
            self._current = ""
            with self._timed("exit code"):
                return exit_code()

        return timed_exit_code

    def start(self, container: str) -> None:
        """Start the program."""
        with self._timed("start"):
            self._engine.start(container)
        self._current = "program"

    def send_signal(self, container: str, signal: int) -> Reply | None:
        """Send *signal* to the program."""
        with self._timed("kill"):
            return self._engine.send_signal(container, signal)

    def send_size(self, container: str, rows: int, columns: int) -> None:
        """Set the new size of the program's terminal."""
        with self._timed("resize"):
            self._engine.send_size(container, rows, columns)

    def probe(self) -> Reply | None:
        """Ask whether the engine answers."""
        with self._timed("probe"):
            return self._engine.probe()

    def resize(self, container: str, rows: int, columns: int) -> None:
        """Set the size of the program's terminal."""
        with self._timed("resize"):
            self._engine.resize(container, rows, columns)

    def processes(self, container: str) -> tuple[ProcessState, ...]:
        """Return what the program's processes do."""
        with self._timed("top"):
            return self._engine.processes(container)

    def wake(self, container: str) -> None:
        """Continue all stopped processes of the program."""
        with self._timed("wake"):
            self._engine.wake(container)

    def remove(self, container: str, patience: float) -> bool:
        """Remove the container."""
        with self._timed("remove"):
            return self._engine.remove(container, patience)

    def _timed(self, name: str) -> _Span:
        return _Span(self, name)

    def switch(self, name: str) -> str:
        """Report the current activity, switch to *name*, and return the previous one."""
        self._mark(self._current)
        before, self._current = self._current, name
        return before


class _Span:
    """The duration of one method call; a signal can cause a call in the middle of another."""

    def __init__(self, engine: TimedEngine, name: str) -> None:
        self._engine = engine
        self._name = name

    def __enter__(self) -> None:
        self._previous = self._engine.switch(self._name)

    def __exit__(self, *_: object) -> None:
        self._engine.switch(self._previous)
