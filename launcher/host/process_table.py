"""The processes of this machine, as /proc shows them at one moment."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")


class Process(NamedTuple):
    """One process."""

    pid: int
    parent: int
    name: str
    """The name of its program, at most 15 bytes (``comm``)."""
    ticks: int
    """When it started, in clock ticks since boot."""
    uid: int = 0
    """The user who may look into it."""


def list_processes() -> dict[int, Process]:
    """Return all processes by their pids."""
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError, ValueError, IndexError):
            found[int(name)] = _parse(_read(name, "stat"))._replace(uid=os.stat(f"/proc/{name}").st_uid)
    return found


def command_line(pid: int) -> list[str]:
    """Return the words of a process; none if it has ended."""
    return [os.fsdecode(word) for word in _read_or_nothing(pid, "cmdline").split(b"\0")[:-1]]


def initial_variable(pid: int, name: str) -> str | None:
    """Return a variable that a process was started with, None if it had none of that name."""
    prefix = os.fsencode(f"{name}=")
    found = [each for each in _read_or_nothing(pid, "environ").split(b"\0") if each.startswith(prefix)]
    return os.fsdecode(found[0].removeprefix(prefix)) if found else None


def ignored_signals(pid: int) -> int:
    """Return the mask of the signals that a process ignores: bit 0 is signal 1."""
    return int(_status_field(pid, b"SigIgn:") or b"0", 16)


def namespace_pids(pid: int) -> list[int]:
    """Return the pids of a process, from this namespace to its own."""
    return [int(number) for number in _status_field(pid, b"NSpid:").split()]


def current_folder(pid: int) -> str:
    """Return the current folder of a process; "" if it has ended."""
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return ""


def start_time(process: Process) -> float:
    """Return when a process started, in unix seconds."""
    with open("/proc/stat", "rb") as file:
        boot = next(int(line.split()[1]) for line in file if line.startswith(b"btime "))
    return boot + process.ticks / _TICKS


def descendants(pid: int, table: Mapping[int, Process]) -> Iterator[Process]:
    """Yield the descendants of *pid* in *table*, parents before their children."""
    for child in children(pid, table.values()):
        yield child
        yield from descendants(child.pid, table)


def children(pid: int, processes: Iterable[Process]) -> list[Process]:
    """Return the children of *pid*, the oldest first."""
    return sorted((each for each in processes if each.parent == pid), key=lambda each: (each.ticks, each.pid))


def _parse(stat: bytes) -> Process:
    """Parse /proc/PID/stat (proc(5)); the name may hold blanks and brackets."""
    pid, _, rest = stat.partition(b" (")
    name, _, fields = rest.rpartition(b") ")
    numbers = fields.split()
    return Process(int(pid), int(numbers[1]), os.fsdecode(name), int(numbers[19]))


def _status_field(pid: int, name: bytes) -> bytes:
    lines = _read_or_nothing(pid, "status").splitlines()
    return next((line.removeprefix(name).strip() for line in lines if line.startswith(name)), b"")


def _read_or_nothing(pid: int, name: str) -> bytes:
    try:
        return _read(str(pid), name)
    except OSError:
        return b""


def _read(pid: str, name: str) -> bytes:
    with open(f"/proc/{pid}/{name}", "rb") as file:
        return file.read()
