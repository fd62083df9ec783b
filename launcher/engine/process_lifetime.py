"""Processes that we started: identified by pid, start time and boot, and terminated together."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from typing import NamedTuple, Self


class Process(NamedTuple):
    """A process that cannot be confused with a later one that has the same pid."""

    pid: int
    started: int
    """Clock ticks since boot: field 22 of /proc/PID/stat."""
    boot: str

    @classmethod
    def of(cls, pid: int) -> Self:
        """Return the process that has this pid now."""
        return cls(pid, _started(pid), boot_id())

    @property
    def alive(self) -> bool:
        """Whether this process is still running."""
        return self.started > 0 and self.boot == boot_id() and _started(self.pid) == self.started

    def signal(self, number: int) -> None:
        """Send a signal to this process through a pidfd, which cannot hit a later process with the same pid."""
        with suppress(ProcessLookupError):
            handle = os.pidfd_open(self.pid)
            try:
                if self.alive:
                    signal.pidfd_send_signal(handle, number)
            finally:
                os.close(handle)


def boot_id() -> str:
    """Return the id of the current boot."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def session_processes(leader: Process) -> list[Process]:
    """Return the processes in the session that *leader* started; the leader may have ended (rootless podman's has)."""
    if leader.boot != boot_id():
        return []
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    later = (Process.of(pid) for pid in pids if _stat(pid)[3:4] == [str(leader.pid)])
    return [process for process in later if process.started >= leader.started]


def end_processes(processes: list[Process], patience: float) -> None:
    """Send SIGTERM to *processes*, wait up to *patience* seconds, and kill the remaining ones."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in processes:
            process.signal(number)
        until = time.monotonic() + patience
        while any(process.alive for process in processes) and time.monotonic() < until:
            time.sleep(0.02)


def _started(pid: int) -> int:
    """Return the start time of process *pid*, or 0 if it has ended or is a zombie."""
    fields = _stat(pid)
    return int(fields[19]) if fields and fields[0] not in ("Z", "X") else 0


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the third on (the second, the name, may contain anything)."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []
