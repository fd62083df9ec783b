"""The record of a network that is kept for an app: held by its runs, and checked against the process that it names.

A launch that repeats a plan imports this module, so it imports nothing else.
"""

from __future__ import annotations

import fcntl

from launcher.fast_stdlib import NamedTuple, loads, os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class HeldNetwork(NamedTuple):
    """A kept network that a run has joined."""

    lock: int
    """A descriptor that keeps the network as long as it is open: close it when the run is over."""
    pid: int
    """The process that holds the namespace."""
    forwarder: str
    """The address from which pasta or slirp4netns forwards to the machine's own resolver; "": from none."""
    machine: str
    """The address of this machine, as programs in the network reach it; "": unknown."""


def hold_record(path: str) -> HeldNetwork | None:
    """Return the network of the record at *path*, kept for this run; None if it has ended."""
    try:
        lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH)
        status = os.fstat(lock)
        record: Any = loads(os.read(lock, _LARGEST))
        if (
            status.st_nlink
            and status.st_uid == os.getuid()
            and not status.st_mode & _OTHERS
            and record["boot"] == read_text("/proc/sys/kernel/random/boot_id")
            and record["started"] == _start_time(record["pid"])
            and is_own_address(str(record["machine"]))
        ):
            os.utime(lock)
            return HeldNetwork(lock, int(record["pid"]), str(record["forwarder"]), str(record["machine"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    os.close(lock)
    return None


_LARGEST, _OTHERS = 4096, 0o077


def is_own_address(address: str) -> bool:
    """Return whether this machine still has the IPv4 *address*: it loses it with the network that it is in."""
    try:
        with open("/proc/net/fib_trie", "rb", 0) as file:
            return not address or b"|-- %s\n" % address.encode() in file.read()
    except OSError:
        return True


def enter_words(nsenter: str, pid: str) -> tuple[str, ...]:
    """Return the words that go before bwrap on the command line, to enter the network of process *pid*."""
    user = () if os.getuid() == 0 else ("--user", "--preserve-credentials")
    return (nsenter, "--target", pid, *user, "--net", "--")


def read_text(path: str) -> str:
    """Return the beginning of a small file; "" if it cannot be read."""
    try:
        with open(path, "rb", 0) as file:
            return file.read(_LARGEST).decode("utf-8", "surrogateescape")
    except OSError:
        return ""


def _start_time(pid: int) -> str:
    """Return when process *pid* started, in clock ticks after the boot; "" if there is none."""
    fields = read_text(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return fields[_STARTED] if len(fields) > _STARTED and fields[0] not in ("Z", "X") else ""


_STARTED = 19  # proc(5): field 22, counted after the second
