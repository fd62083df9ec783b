"""An engine around another one: every verb goes on as it is, and somebody hears when it began and when it was done.

Only `applaunch run --timings` imports this module.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from launcher.core.values.run_spec import RunSpec
    from launcher.engine.engine_protocol import Engine, ExitCode, Reply, Stream

Mark: TypeAlias = "Callable[[str], None]"
"""Hears what the time since it last heard something went into; "" for nothing that has a name."""


class TimedEngine:
    """An `Engine` on another one; what each verb took is told by the verb's own name.

    From the answer to the start to the end of the output it is ``program``, and what it then takes to learn the exit
    code ``exit code``. The streams are the other engine's own, so that timing does not slow them.
    """

    def __init__(self, engine: Engine, mark: Mark) -> None:
        """Time *engine*, telling *mark*."""
        self._engine = engine
        self._mark = mark
        self._doing = ""

    def close(self) -> None:
        """Let go of every connection."""
        with self._told("close"):
            self._engine.close()

    def create(self, spec: RunSpec) -> str:
        """Return the new container's id."""
        with self._told("create"):
            return self._engine.create(spec)

    def attach(self, container: str, spec: RunSpec) -> Stream:
        """Join the program's streams."""
        with self._told("attach"):
            return self._engine.attach(container, spec)

    def wait(self, container: str) -> ExitCode:
        """Ask for the exit code."""
        with self._told("wait"):
            exit_code = self._engine.wait(container)

        def told() -> int:
            self._mark(self._doing)
            self._doing = ""
            with self._told("exit code"):
                return exit_code()

        return told

    def start(self, container: str) -> None:
        """Start the program."""
        with self._told("start"):
            self._engine.start(container)
        self._doing = "program"

    def send_signal(self, container: str, signal: int) -> Reply | None:
        """Send *signal* to the program."""
        with self._told("kill"):
            return self._engine.send_signal(container, signal)

    def send_size(self, container: str, rows: int, columns: int) -> None:
        """Tell the program's terminal its new size."""
        with self._told("resize"):
            self._engine.send_size(container, rows, columns)

    def probe(self) -> Reply | None:
        """Ask whether the engine answers."""
        with self._told("probe"):
            return self._engine.probe()

    def resize(self, container: str, rows: int, columns: int) -> None:
        """Tell the program's terminal its size."""
        with self._told("resize"):
            self._engine.resize(container, rows, columns)

    def remove(self, container: str, patience: float) -> bool:
        """Remove the container."""
        with self._told("remove"):
            return self._engine.remove(container, patience)

    def _told(self, name: str) -> _Told:
        return _Told(self, name)

    def turn(self, name: str) -> str:
        """Tell what was done until now, be about *name* from now on, and return what it was about before."""
        self._mark(self._doing)
        before, self._doing = self._doing, name
        return before


class _Told:
    """Wraps the time in which an engine is about one verb; a signal's verb may come in the middle of another."""

    def __init__(self, engine: TimedEngine, name: str) -> None:
        self._engine = engine
        self._name = name

    def __enter__(self) -> None:
        self._before = self._engine.turn(self._name)

    def __exit__(self, *_: object) -> None:
        self._engine.turn(self._before)
