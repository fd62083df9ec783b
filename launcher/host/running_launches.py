"""The launchers that run now, found among the caller's processes: a launch itself leaves no note for this."""

import os
import signal
from collections.abc import Mapping
from typing import NamedTuple

from launcher.core.run.launcher_words import LaunchedCommand, launched_command
from launcher.host import process, process_table, shims
from launcher.host.locations import Places
from launcher.host.process_table import Process


class RunningLaunch(NamedTuple):
    """One launcher and what it launched."""

    pid: int
    command: str
    folder: str
    """The folder that it was called in."""
    since: float
    """When it started, in unix seconds."""
    stamp: str
    """Its start stamp, which is a label of its container (`process_stamp`)."""
    sandbox: int = 0
    """The pid of bwrap, if its program runs in a sandbox."""


def list_launches(home: str, places: Places) -> list[RunningLaunch]:
    """Return this user's launchers of the home folder *home*, the oldest first."""
    table = process_table.list_processes()
    own = {pid: each for pid, each in table.items() if each.uid == os.getuid()}
    words = {pid: tuple(process_table.command_line(pid)) for pid in own}
    found = []
    for pid, each in own.items():
        launched = launched_command(words[pid])
        if launched and words.get(each.parent) != words[pid] and _is_launcher(pid, launched, home, places):
            script = _absolute(launched.script, pid)
            name = process.command_name(script, places.current) if launched.script else launched.name
            found.append(describe_launch(each, name, table))
    return sorted(found, key=lambda launch: (launch.since, launch.pid))


def describe_launch(launcher: Process, command: str, table: Mapping[int, Process]) -> RunningLaunch:
    """Return the launch of *command* by the process *launcher*."""
    sandboxes = [each.pid for each in process_table.children(launcher.pid, table.values()) if each.name == _BWRAP]
    return RunningLaunch(
        pid=launcher.pid,
        command=command,
        folder=process_table.current_folder(launcher.pid),
        since=process_table.start_time(launcher),
        stamp=process.process_stamp(launcher.pid),
        sandbox=sandboxes[0] if sandboxes else 0,
    )


def is_running(launch: RunningLaunch) -> bool:
    """Return whether the launcher is still there."""
    return process.process_stamp(launch.pid) == launch.stamp


def find_program(launch: RunningLaunch) -> tuple[int, int]:
    """Return the pids of the first process in the sandbox of *launch* and of the program, zeros if it has ended.

    bwrap is the first process, and the program its child, unless the entry says ``init = false``.
    """
    table = process_table.list_processes()
    for each in process_table.descendants(launch.sandbox, table):
        if process_table.namespace_pids(each.pid)[-1:] == [1]:
            inner = process_table.children(each.pid, table.values()) if each.name == _BWRAP else [each]
            return each.pid, inner[0].pid if inner else 0
    return 0, 0


_BWRAP = "bwrap"
_WATCHERS = sum(1 << number - 1 for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT))
"""What a watcher ignores; it has the command line of its launcher, and may outlive it for seconds."""


def _is_launcher(pid: int, launched: LaunchedCommand, home: str, places: Places) -> bool:
    if process_table.initial_variable(pid, "HOME") not in (home, None):
        return False
    if process_table.ignored_signals(pid) & _WATCHERS == _WATCHERS:
        return False
    script = _absolute(launched.script, pid)
    is_removed = not os.path.lexists(script) and os.path.dirname(script) == places.bin  # while its program runs
    return not launched.script or is_removed or shims.is_ours(os.path.realpath(script))


def _absolute(script: str, pid: int) -> str:
    return os.path.join(process_table.current_folder(pid), script)
