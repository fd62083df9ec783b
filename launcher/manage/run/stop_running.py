"""Stop programs that run, as `docker stop` does: ask, wait, and kill."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from launcher.engine import stale_containers
from launcher.errors import NotFoundError, UserError
from launcher.host import running_launches
from launcher.manage.context import Context
from launcher.manage.run.list_running import Running, RunningProgram, list_running
from launcher.run.lookup import find_command

_PAUSE = 0.02  # seconds between two looks
_SLACK = 3.0  # seconds that a launcher takes to end after its program


def stop_programs(context: Context, names: Sequence[str]) -> list[RunningProgram]:
    """Stop the programs of the apps, commands or pids *names*, and return what they were.

    Each gets its stop signal, and SIGKILL when its `stop_grace_period` is over. Raises `NotFoundError` if nothing of
    one name runs, and then stops nothing.
    """
    running = list_running(context)
    chosen: dict[int, Running] = {}
    for name in names:
        found = [each for each in running if name in (str(each.shown.pid), each.shown.app, each.shown.command)]
        if not found:
            raise NotFoundError(name, "is not running", "applaunch ps")
        chosen |= {each.shown.pid: each for each in found}
    waiting = [(each, _request_end(context, each)) for each in chosen.values()]
    for each, (until, kill) in waiting:
        _wait(each, until)
        if running_launches.is_running(each.launch):
            kill()
            _wait(each, time.monotonic() + _SLACK)
    return [each.shown for each in chosen.values()]


def _request_end(context: Context, running: Running) -> tuple[float, Callable[[], None]]:
    """Ask one program to end; return until when it may take to do so, and what kills it."""
    name, grace = _stop_keys(context, running)
    until = time.monotonic() + grace
    if running.launch.sandbox:
        init, program = running_launches.find_program(running.launch)
        _signal(program, name)
        return until, lambda: _signal(init, signal.SIGKILL)
    if running.container:
        stale_containers.stop_container(context.engine().client, running.container, grace)
        return time.monotonic() + _SLACK, lambda: _signal(running.launch.pid, signal.SIGKILL)
    _signal(running.launch.pid, signal.SIGTERM)  # in a warm container: it forwards this, and kills when it is time
    return until + _SLACK, lambda: _signal(running.launch.pid, signal.SIGKILL)


def _stop_keys(context: Context, running: Running) -> tuple[int, float]:
    """Return the stop signal and the grace period of a program, as its entry says now."""
    try:
        entry = find_command(running.shown.command, context.places, context.call.home).entry
    except UserError:
        return signal.SIGTERM, 10.0
    return _number(entry.stop_signal), entry.stop_grace_period


def _number(name: str) -> int:
    """Return the number of a signal such as ``SIGINT``, ``INT`` or ``2``, that of SIGTERM for any other text."""
    if name.isdecimal():
        return int(name)
    return getattr(signal, f"SIG{name.upper().removeprefix('SIG')}", signal.SIGTERM) if name else signal.SIGTERM


def _signal(pid: int, number: int) -> None:
    with suppress(OSError):  # it has ended
        if pid > 0:
            os.kill(pid, number)


def _wait(running: Running, until: float) -> None:
    while running_launches.is_running(running.launch) and time.monotonic() < until:
        time.sleep(_PAUSE)
