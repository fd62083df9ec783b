"""Container processes as the host sees them: send a signal, or kill a process and all its children."""

from __future__ import annotations

import os

from launcher.fast_stdlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def send_signal(pid: int, number: int) -> bool:
    """Send a signal to process *pid*, or to |pid| and all its descendants if negative; return whether it was sent.

    The engine reports the pid. Whether its pids are the pids of this machine (the engine may run in a virtual machine
    or a pid namespace) is checked before a warm container is started. Processes outside containers are never signalled.
    """
    if not runs_in_container(abs(pid)):
        return False
    children = descendants(-pid) if pid < 0 else ()
    try:
        os.kill(abs(pid), number)
    except OSError:
        return False
    for each in children:
        with suppress(OSError):
            os.kill(each, number)
    return True


def runs_in_container(pid: int, words: tuple[str, ...] = ()) -> bool:
    """Return whether *pid* is in a child pid namespace and its command line ends with *words*."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            levels = next((line.split()[1:] for line in file if line.startswith(b"NSpid:")), [])
    except OSError:
        return False
    arguments = _command_line(pid).split(b"\0")[:-1]
    return len(levels) > 1 and arguments[len(arguments) - len(words) :] == [os.fsencode(word) for word in words]


def has_started(pid: int, words: tuple[str, ...], *, by_init: bool) -> bool:
    """Return whether the container whose first process is *pid* runs *words* yet.

    With *by_init*, the program is a child of an init. An init forks before it knows whether the program exists: a child
    that still has the init's own command line does not count.
    """
    if not by_init:
        return runs_in_container(pid, words)
    not_yet = (_command_line(pid), b"")  # an ended process has an empty command line
    return any(runs_in_container(each, words) and _command_line(each) not in not_yet for each in descendants(pid))


def _command_line(pid: int) -> bytes:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


def file_identities(paths: Sequence[str]) -> list[tuple[str, int, int]]:
    """Return each of *paths* with its device and inode, zeros if missing, to detect replaced files."""
    found = []
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:
            found.append((path, 0, 0))
        else:
            found.append((path, status.st_dev, status.st_ino))
    return found


def descendants(pid: int) -> tuple[int, ...]:
    """Return the pids of all running descendants of *pid*."""
    children: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError, ValueError, IndexError), open(f"/proc/{name}/stat", "rb") as file:
            children.setdefault(int(file.read().rpartition(b")")[2].split()[1]), []).append(int(name))
    return tuple(_walk(pid, children))


def _walk(pid: int, children: dict[int, list[int]]) -> Iterator[int]:
    for child in children.get(pid, ()):
        yield child
        yield from _walk(child, children)
