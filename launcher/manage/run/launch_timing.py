"""Run a launch with a stopwatch and show the time of each phase (`applaunch run --timings`).

`main` runs in an interpreter that was started like a shim's and has loaded the same modules, so that the figures are
those of a shim. This module must not load anything that a launch would load later: its time would be missing.
"""

from __future__ import annotations

import os
import sys
import time

from launcher.manage.run.stopwatch import IMPORTS, REST, SANDBOX, Stopwatch, as_json, as_table
from launcher.run import repeat_call, replay
from launcher.run.load_modules import ENGINE, PLAN, load_modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from launcher.host.locations import Places
    from launcher.run.launch import Launch
    from launcher.run.record_run import Ended

_JSON_OR_TABLE = {"json": as_json, "table": as_table}


def main(words: Sequence[str], loaded: float) -> int:
    """Run a command with a stopwatch, print the figures on stderr, and return its exit code.

    *words* are the time when the interpreter was started, ``json`` or ``table``, the runtime that was typed or "", the
    command's name, and its arguments; *loaded* is the time when it had loaded the modules of a shim.
    """
    began, form, runtime, name, *args = words
    watch = Stopwatch(float(began))
    watch.mark(IMPORTS, loaded)
    watch.mark("")
    if not runtime:
        started = time.time(), time.monotonic()
        watch.around(replay, "run_sandbox", SANDBOX, "saved", before=_SAVED)
        done = replay.replay([name, *args], os.environ)
        if done is not None:
            _show(watch, form)
            return repeat_call.finish([name, *args], done, started[0], time.monotonic() - started[1])
        watch.mark(_SAVED)
    load_modules(PLAN)
    from launcher.run import full_launch  # noqa: PLC0415  a shim loads it at this point

    watch.mark(IMPORTS)

    def timed(name: str, args: Sequence[str], where: Places, home: str) -> int:
        return full_launch.end_like(_run(name, args, where, home, watch, form, runtime))

    return full_launch.main([name, *args], timed)


_SAVED = "saved plan"


def _run(  # noqa: PLR0913, PLR0917  those of a launch, and ours
    name: str, args: Sequence[str], where: Places, home: str, watch: Stopwatch, form: str, runtime: str
) -> Ended:
    from launcher.core.run.shim_chain import refuse_loop  # noqa: PLC0415  loaded by full_launch
    from launcher.run import run_call  # noqa: PLC0415  as above
    from launcher.run.lookup import find_command  # noqa: PLC0415  as above
    from launcher.run.record_run import Ended  # noqa: PLC0415  as above

    refuse_loop(name, os.environ)
    file = find_command(name, where, home)
    if runtime:
        file = file._replace(entry=file.entry._replace(runtime=runtime))
    watch.mark("catalogs" if "launcher.run.compile_launch_file" in sys.modules else "launch file")
    choose = getattr(run_call, _CHOOSE)

    def chosen(*args: Any) -> Any:
        watch.mark(REST)
        found = choose(*args)
        watch.mark("runtime")
        if isinstance(found, str):
            watch.why = found
        else:
            watch.why = ""
            _instrument_sandbox(watch)
        return found

    setattr(run_call, _CHOOSE, chosen)
    begun = run_call.run_or_prepare(file, args, where)
    ended = begun if isinstance(begun, Ended) else _run_by_engine(begun, watch)
    watch.mark(REST)
    _show(watch, form)
    return ended


_CHOOSE = "choose_sandbox"


def _instrument_sandbox(watch: Stopwatch) -> None:
    from launcher.run import run_in_sandbox  # noqa: PLC0415  a shim loads it at this point

    watch.mark(IMPORTS)
    watch.around(run_in_sandbox, "_join_network", "network")
    watch.around(run_in_sandbox, "plan_sandbox", "planning")
    watch.around(run_in_sandbox, "run_sandbox", SANDBOX, "planned")


def _run_by_engine(launch: Launch, watch: Stopwatch) -> Ended:
    watch.mark("engine")
    load_modules(ENGINE)
    from launcher.run.run_launch import run_launch  # noqa: PLC0415  a shim loads it at this point

    if launch.engine.is_wired and launch.entry.warm:
        import launcher.run.warm_launch  # noqa: F401, PLC0415  as above
    watch.mark(IMPORTS)
    watch.is_held = bool(launch.pin.image_id) and launch.entry.pull_policy != "always"
    return run_launch(launch._replace(instrument=watch.through))


def _show(watch: Stopwatch, form: str) -> None:
    from launcher.host.terminal import write_message  # noqa: PLC0415  the program has ended

    write_message(_JSON_OR_TABLE[form](watch.timing()))
