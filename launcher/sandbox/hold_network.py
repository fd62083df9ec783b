"""A program that holds one network namespace until no run has used it for some time: RECORD FINAL SECONDS.

It runs inside the namespace, as a child of pasta or slirp4netns, which end when it ends; and it ends with them. Every
run holds a shared lock on the record, so a run that goes on for hours keeps its network, and a launcher that is killed
gives it up. A pidfile could not do that.
"""

from __future__ import annotations

import fcntl
import os
import sys
import time


def hold(record: str, final: str, keep: float) -> None:
    """Print our pid (as the machine sees it) and start time, and return when the network is not used any more."""
    lock = os.open(record, os.O_RDONLY | os.O_CLOEXEC)
    for name, value in _SYSCTLS:
        _write(f"/proc/sys/net/ipv4/{name}", value)
    _report()
    _end_with_parent()
    while not _is_unused(lock, keep):
        pass
    for path in filter(None, (record, final)):
        _unlink_own(path, lock)


_SYSCTLS = (("ip_unprivileged_port_start", b"0"), ("ping_group_range", b"0 0"))
"""As docker sets them: programs may use ports below 1024, and send pings."""


def _write(path: str, value: bytes) -> None:
    try:
        with open(path, "wb", 0) as file:
            file.write(value)
    except OSError:  # an older kernel
        return


def _unlink_own(path: str, lock: int) -> None:
    try:
        if os.stat(path).st_ino == os.fstat(lock).st_ino:
            os.unlink(path)
    except OSError:  # it was replaced
        return


def _report() -> None:
    with open("/proc/self/stat", "rb") as file:  # the machine's own /proc, so the pid is the machine's
        pid, _, fields = file.read().partition(b" (")
    os.write(1, b"%s %s\n" % (pid, fields.rpartition(b")")[2].split()[19]))
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (1, 2):
        os.dup2(null, descriptor)


def _end_with_parent() -> None:
    """Let the kernel end this process when pasta or slirp4netns ends: the network is of no use without it."""
    import ctypes  # noqa: PLC0415  the launcher does not wait for this any more

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL)


_PR_SET_PDEATHSIG, _SIGKILL = 1, 9  # linux/prctl.h


def _is_unused(lock: int, keep: float) -> bool:
    """Wait until no run holds *lock* and none has for *keep* seconds; then hold it ourselves and return True.

    Return False as soon as a run holds it again.
    """
    fcntl.flock(lock, fcntl.LOCK_EX)
    idle, used = time.monotonic(), os.fstat(lock).st_mtime_ns
    while time.monotonic() - idle < keep:
        fcntl.flock(lock, fcntl.LOCK_UN)
        time.sleep(min(max(keep / 10, 0.05), keep))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        if os.fstat(lock).st_mtime_ns != used:  # a short run came and went
            idle, used = time.monotonic(), os.fstat(lock).st_mtime_ns
    return True


if __name__ == "__main__":
    hold(sys.argv[1], sys.argv[2], float(sys.argv[3]))
