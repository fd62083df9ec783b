"""What the processes of a container do, as the engine lists them: stopped by Ctrl-Z, or waiting for input."""

from __future__ import annotations

from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

COLUMNS = {"docker": "-eL -o pid,ppid,stat,wchan:32,comm", "podman": "pid,ppid,state,comm"}
"""What to ask for: docker runs ps on its machine as root, so all threads and the kernel's wait channels are shown."""
_INITS = ("docker-init", "podman-init", "catatonit", "tini")
_BUSY = "RDTtZX"  # running, at a disk, stopped, ended: not waiting for input
_UNKNOWN = ("", "-", "?", "0")
_OTHER_WAITS = frozenset({
    "anon_pipe_write", "do_nanosleep", "do_sigtimedwait", "do_wait", "futex_do_wait", "futex_wait_queue",
    "futex_wait_queue_me", "hrtimer_nanosleep", "pipe_wait_writable", "pipe_write", "sigsuspend",
})  # fmt: skip
"""Wait channels (wchan) of processes that do not wait for input; an unknown one may be a wait for input."""


class ProcessState(NamedTuple):
    """A process, or one of its threads."""

    pid: int
    parent: int
    state: str
    """As in /proc/PID/stat: ``S`` sleeping, ``R`` running, ``T`` stopped..."""
    wait: str
    """The kernel function that it waits in; "" if unknown."""
    name: str


def read_processes(answer: Any) -> tuple[ProcessState, ...]:
    """Return the processes in an engine's *answer* to ``top``; none if it has another form."""
    try:
        rows = [dict(zip(map(str, answer["Titles"]), map(str, row), strict=True)) for row in answer["Processes"]]
        return tuple(
            ProcessState(
                int(row["PID"]),
                int(row["PPID"]),
                row["STAT"] if "STAT" in row else row["STATE"],
                row.get("WCHAN", "").partition(".")[0],
                row["COMMAND"],
            )
            for row in rows
        )
    except (KeyError, TypeError, ValueError):
        return ()


def descendants_of(pid: int, processes: tuple[ProcessState, ...]) -> tuple[ProcessState, ...]:
    """Return process *pid* and all that descend from it."""
    pids, known = {pid}, -1
    while known < len(pids):
        known = len(pids)
        pids.update([each.pid for each in processes if each.parent in pids])
    return tuple([each for each in processes if each.pid in pids])


def is_stopped(processes: tuple[ProcessState, ...]) -> bool:
    """Return whether the program is stopped.

    That is the child of the init, or the first process where there is no init. A job that a shell in the container has
    stopped is a child of the program.
    """
    pids = {each.pid for each in processes}
    first = [each for each in processes if each.parent not in pids]
    inits = {each.pid for each in first if each.name in _INITS}
    programs = [each for each in processes if each.parent in inits] if inits else first
    return bool(programs) and min(programs).state.startswith("T")


def has_stopped_process(processes: tuple[ProcessState, ...]) -> bool:
    """Return whether any process is stopped."""
    return any(each.state.startswith("T") for each in processes)


def wants_input(processes: tuple[ProcessState, ...]) -> bool | None:
    """Return whether a process may be waiting for input; None if that is not known."""
    known = bool(processes)
    for each in processes:
        if each.state[:1] in _BUSY or each.name in _INITS or each.name.startswith("runc:"):  # runc: not started yet
            continue
        if each.wait in _UNKNOWN:
            known = False
        elif each.wait not in _OTHER_WAITS:
            return True
    return False if known else None
