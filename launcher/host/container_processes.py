"""Programs in containers, seen from outside: a signal for one, or the end of one with all that it has started."""

from __future__ import annotations

import os

from launcher.fast_stdlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def send_signal(pid: int, number: int) -> bool:
    """Send a signal to the program with *pid*, and tell whether that could be done; -pid: and to all that it started.

    The engine has told the pid. Whether it counts processes as this machine does (it may sit in a virtual machine, or
    in a namespace of its own) is asked before a container waits at all; a process that is in no container is never
    meant.
    """
    if not runs_in_container(abs(pid)):
        return False
    several = descendants(-pid) if pid < 0 else ()
    try:
        os.kill(abs(pid), number)
    except OSError:
        return False
    for each in several:
        with suppress(OSError):
            os.kill(each, number)
    return True


def runs_in_container(pid: int, words: tuple[str, ...] = ()) -> bool:
    """Tell whether *pid* is in a pid namespace below ours, and its command line ends with *words*."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            levels = next((line.split()[1:] for line in file if line.startswith(b"NSpid:")), [])
    except OSError:
        return False
    said = _line(pid).split(b"\0")[:-1]
    return len(levels) > 1 and said[len(said) - len(words) :] == [os.fsencode(word) for word in words]


def has_started(pid: int, words: tuple[str, ...], *, by_init: bool) -> bool:
    """Tell whether the container whose first process is *pid* runs *words* now, started by its init or on its own.

    An init forks before it finds out whether there is such a program: what bears its own command line is not that yet.
    """
    if not by_init:
        return runs_in_container(pid, words)
    not_yet = (_line(pid), b"")  # one that has ended has no command line any more
    return any(runs_in_container(each, words) and _line(each) not in not_yet for each in descendants(pid))


def _line(pid: int) -> bytes:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


def file_identities(paths: Sequence[str]) -> list[tuple[str, int, int]]:
    """Return *paths* with what tells that one still is the same file or folder: its device and inode, zeros if gone."""
    found = []
    for path in paths:
        try:
            seen = os.stat(path)
        except OSError:
            found.append((path, 0, 0))
        else:
            found.append((path, seen.st_dev, seen.st_ino))
    return found


def descendants(pid: int) -> tuple[int, ...]:
    """Return the pids of all that *pid* has started and that still runs, and of what those have."""
    children: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError, ValueError, IndexError), open(f"/proc/{name}/stat", "rb") as file:
            children.setdefault(int(file.read().rpartition(b")")[2].split()[1]), []).append(int(name))
    return tuple(_below(pid, children))


def _below(pid: int, children: dict[int, list[int]]) -> Iterator[int]:
    for child in children.get(pid, ()):
        yield child
        yield from _below(child, children)
