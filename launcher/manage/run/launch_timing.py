"""Run a launch with a stopwatch and show the time of each phase (`applaunch run --timings`).

`main` runs in an interpreter that was started like a shim's and has loaded the same modules, so that the figures are
those of a shim. This module must not load anything that a launch would load later: its time would be missing.
"""

from __future__ import annotations

import os
import sys
import time
from itertools import pairwise

from launcher.core.run.shim_chain import refuse_loop
from launcher.engine.timed_engine import TimedEngine
from launcher.fast_stdlib import NamedTuple, dumps
from launcher.host.terminal import write_message
from launcher.run import full_launch
from launcher.run.launch import prepare_launch
from launcher.run.lookup import find_command
from launcher.run.run_launch import run_launch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from launcher.engine.engine_protocol import Engine
    from launcher.host.locations import Places
    from launcher.run.launch import Engines

IMPORTS = "interpreter and imports"
REST = "the rest"
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

    kind: str  # "cold" or "warm"
    engine: str  # "socket" or "docker-py"
    total: float  # milliseconds
    phases: tuple[Phase, ...]


class Stopwatch:
    """Add up the time of each phase."""

    def __init__(self, began: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Start at the time *began* of *clock*."""
        self._clock = clock
        self._marks = [(began, "")]
        self._kind, self._engine = "", ""
        self.is_held = True
        """Whether the image is known, so that the time before the engines is only planning."""

    def mark(self, name: str, at: float = 0.0) -> None:
        """Record what was done since the last mark, until now or *at* a time; "" is not counted."""
        self._marks.append((at or self._clock(), name))

    def through(self, engines: Engines) -> Engines:
        """Return *engines* with timing; a second call means that the image was pulled in between."""
        self.mark("planning" if self.is_held else "image and planning")
        self.is_held, self._kind = False, ""
        return tuple([self._timed(make) for make in engines])

    def _timed(self, make: Callable[[], Engine]) -> Callable[[], Engine]:
        def made() -> Engine:
            self.mark(REST if self._kind else "watcher")
            engine = make()
            self._kind, self._engine, words = _KINDS[type(engine).__name__]
            self.mark("docker-py" if self._engine == "docker-py" else REST)
            return TimedEngine(engine, lambda name: self.mark(words.get(name, name)))

        return made

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
        return Timing(self._kind, self._engine, round(total, 3), phases)


def main(words: Sequence[str], loaded: float) -> int:
    """Run a command with a stopwatch, print the figures on stderr, and return its exit code.

    *words* are the time when the interpreter was started, ``json`` or ``table``, the runtime that was typed or "", the
    command's name, and its arguments; *loaded* is the time when it had loaded the modules of a shim.
    """
    began, form, runtime, name, *args = words
    watch = Stopwatch(float(began))
    watch.mark(IMPORTS, loaded)
    watch.mark("")

    def timed(_: str, args: Sequence[str], where: Places, home: str) -> int:
        refuse_loop(name, os.environ)
        file = find_command(name, where, home)
        if runtime:
            file = file._replace(entry=file.entry._replace(runtime=runtime))
        watch.mark("catalogs" if "launcher.run.compile_launch_file" in sys.modules else "launch file")
        launch = prepare_launch(file, args, where)._replace(instrument=watch.through)
        watch.mark("engine")
        if launch.entry.warm and launch.engine.is_wired:
            import launcher.run.warm_launch  # noqa: F401, PLC0415  a shim would load it at this point

            watch.mark(IMPORTS)
        watch.is_held = bool(launch.pin.image_id) and launch.entry.pull_policy != "always"
        ended = run_launch(launch)
        watch.mark(REST)
        write_message(_JSON_OR_TABLE[form](watch.timing()))
        return full_launch.end_like(ended)

    return full_launch.main([name, *args], timed)


def as_json(timing: Timing) -> str:
    """Return *timing* as one line of JSON."""
    return dumps(timing._asdict() | {"phases": [phase._asdict() for phase in timing.phases]}).decode()


def as_table(timing: Timing) -> str:
    """Return *timing* as a table."""
    rows = [f"{phase.name:<26}{phase.ms:>10.1f}{phase.share:>8.1%}" for phase in timing.phases]
    head = f"{timing.kind + ', by ' + timing.engine:<26}{'ms':>10}{'share':>8}"
    return "\n".join([head, *rows, f"{'total':<26}{timing.total:>10.1f}"])


_JSON_OR_TABLE = {"json": as_json, "table": as_table}
