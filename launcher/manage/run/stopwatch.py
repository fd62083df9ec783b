"""A stopwatch for one launch, and its figures as a table or JSON.

It must not load anything that a launch would load later: its time would be missing.
"""

from __future__ import annotations

import time
from itertools import pairwise

from launcher.fast_stdlib import NamedTuple, dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

    from launcher.engine.engine_protocol import Engine
    from launcher.run.launch import Engines

IMPORTS = "interpreter and imports"
REST = "the rest"
SANDBOX = "sandbox and program"
_COLD = {"wait": "asking for the exit code", "close": REST, "": REST}
_WARM = {"create": "exec create", "attach": "connect", "wait": REST, "close": REST, "": REST}
_KINDS = {
    "WireEngine": ("cold", "socket", _COLD),
    "SdkEngine": ("cold", "docker-py", _COLD),
    "ExecEngine": ("warm", "socket", _WARM),
    "CheckedEngine": ("cold", "socket", _WARM),
}


class Phase(NamedTuple):
    """One phase of a launch."""

    name: str
    ms: float
    share: float  # of the total: 0 to 1


class Timing(NamedTuple):
    """The phases of one launch in order, with the rest last."""

    runtime: str  # "engine" or "bubblewrap"
    kind: str  # "cold" or "warm"; in a sandbox "saved" or "planned"
    engine: str  # "socket" or "docker-py"; "" for a sandbox
    why: str  # why it is not bubblewrap; "" if it is, or nobody asked for it
    total: float  # milliseconds
    phases: tuple[Phase, ...]


class Stopwatch:
    """Add up the time of each phase."""

    def __init__(self, began: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Start at the time *began* of *clock*."""
        self._clock = clock
        self._marks = [(began, "")]
        self._runtime, self._kind, self._engine = "engine", "", ""
        self.why = ""
        """Why bubblewrap does not run it."""
        self.is_held = True
        """Whether the image is known, so that the time before the engines is only planning."""

    def mark(self, name: str, at: float = 0.0) -> None:
        """Record what was done since the last mark, until now or *at* a time; "" is not counted."""
        self._marks.append((at or self._clock(), name))

    def through(self, engines: Engines) -> Engines:
        """Return *engines* with timing; a second call means that the image was pulled in between."""
        self.mark("planning" if self.is_held else "image and planning")
        self.is_held, self._runtime, self._kind = False, "engine", ""
        return tuple([self._timed(make) for make in engines])

    def _timed(self, make: Callable[[], Engine]) -> Callable[[], Engine]:
        def made() -> Engine:
            self.mark(REST if self._kind else "watcher")
            engine = make()
            from launcher.engine.timed_engine import TimedEngine  # noqa: PLC0415  no launch loads it

            self._kind, self._engine, words = _KINDS[type(engine).__name__]
            self.mark("docker-py" if self._engine == "docker-py" else REST)
            return TimedEngine(engine, lambda name: self.mark(words.get(name, name)))

        return made

    def around(self, module: ModuleType, name: str, phase: str, kind: str = "", before: str = REST) -> None:
        """Time the calls of a function of *module* as *phase*, and the time *before*; a *kind* means a sandbox.

        The function is replaced: a place for a stopwatch in it would cost every launch.
        """
        work = getattr(module, name)

        def timed(*args: Any) -> Any:
            self.mark(before)
            if kind:
                self._runtime, self._kind, self._engine = "bubblewrap", kind, ""
            try:
                return work(*args)
            finally:
                self.mark(phase)

        setattr(module, name, timed)

    def timing(self) -> Timing:
        """Return the time of each phase up to the last mark."""
        marks = sorted(
            self._marks, key=lambda mark: mark[0]
        )  # the mark of a signal may precede that of the call it interrupted
        spent: dict[str, float] = {}
        for (before, _), (after, name) in pairwise(marks):
            if name:
                spent[name] = spent.get(name, 0.0) + (after - before) * 1000
        spent[REST] = spent.pop(REST, 0.0)
        total = sum(spent.values())
        phases = tuple([Phase(name, round(ms, 3), round(ms / total, 4)) for name, ms in spent.items()])
        return Timing(self._runtime, self._kind, self._engine, self.why, round(total, 3), phases)


def as_json(timing: Timing) -> str:
    """Return *timing* as one line of JSON."""
    return dumps(timing._asdict() | {"phases": [phase._asdict() for phase in timing.phases]}).decode()


def as_table(timing: Timing) -> str:
    """Return *timing* as a table."""
    rows = [f"{phase.name:<26}{phase.ms:>10.1f}{phase.share:>8.1%}" for phase in timing.phases]
    kind = f"{timing.kind}, by {timing.engine or timing.runtime}"
    head = f"{kind:<26}{'ms':>10}{'share':>8}"
    why = [f"runs with the engine: {timing.why}"] if timing.why else []
    return "\n".join([head, *rows, f"{'total':<26}{timing.total:>10.1f}", *why])
