"""Which programs the rig has started in the background, and how they end: by a recorded pid, never by a name."""

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self

from tests.rig.trouble import RigError


class Daemon(NamedTuple):
    """One process. A pid alone may be a stranger's by now; a pid and its start time are ours."""

    pid: int
    started: int  # clock ticks since boot: field 22 of /proc/PID/stat
    namespace: str  # its mount namespace, e.g. "mnt:[4026531841]"

    @classmethod
    def recorded(cls, file: Path) -> Self | None:
        """Read what :func:`start` wrote to *file*; nothing where it never did."""
        try:
            pid, started, namespace = file.read_text().split()
        except FileNotFoundError:
            return None
        return cls(int(pid), int(started), namespace)

    @property
    def alive(self) -> bool:
        """Whether this very process still runs; one of our own that is over is buried on the way."""
        with suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)
        return start_time(self.pid) == self.started


def start(argv: Sequence[str], *, pid_file: Path, log: Path, env: Mapping[str, str]) -> Daemon:
    """Start *argv* in a session of its own, its output going to *log*, and record it in *pid_file*."""
    output = (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    files = ((os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), output, (os.POSIX_SPAWN_DUP2, 1, 2))
    pid = os.posix_spawnp(argv[0], list(argv), env, file_actions=files, setsid=True)
    daemon = Daemon(pid, start_time(pid) or 0, "-")
    _write(daemon, pid_file)
    return daemon


def wait_for(daemon: Daemon, ready: Callable[[], bool], *, pid_file: Path, log: Path, seconds: float = 120) -> None:
    """Wait until *ready*; raises when the daemon ends or the time does."""
    deadline = time.monotonic() + seconds
    while not ready():
        if not daemon.alive or time.monotonic() > deadline:
            lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()] or ["no output"]
            what = f"{'did not answer' if daemon.alive else 'ended'}: {lines[-1][:300]}"
            raise RigError(pid_file.stem, what, f"read {log}")
        time.sleep(0.02)
    if daemon.alive:  # by now every exec and unshare of its start-up is behind it
        _write(daemon._replace(namespace=_namespace(daemon.pid)), pid_file)


def stop(pid_file: Path, *, seconds: float = 30) -> None:
    """End the daemon recorded in *pid_file*, wait for that, and forget it."""
    daemon = Daemon.recorded(pid_file)
    if daemon is None:
        return
    namespace = _namespace(daemon.pid) if daemon.alive else daemon.namespace
    _end(daemon, seconds)
    if namespace not in {"-", _namespace(os.getpid())}:
        for left in _inside(namespace, str(pid_file.parent)):  # a dockerd that crashed leaves containerd and shims
            _end(left, 1)
    pid_file.unlink(missing_ok=True)


def start_time(pid: int) -> int | None:
    """Return when *pid* started, in clock ticks since boot; nothing for one that is over or a zombie."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if state in "ZX" else int(fields[18])


def _write(daemon: Daemon, pid_file: Path) -> None:
    fresh = pid_file.with_suffix(".new")
    fresh.write_text(f"{daemon.pid} {daemon.started} {daemon.namespace}\n")
    fresh.replace(pid_file)


def _end(daemon: Daemon, seconds: float) -> None:
    for sign, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, 10)):
        deadline = time.monotonic() + patience
        if daemon.alive:
            with suppress(ProcessLookupError):
                os.kill(daemon.pid, sign)
        while daemon.alive and time.monotonic() < deadline:
            time.sleep(0.02)


def _namespace(pid: int) -> str:
    try:
        return str(Path(f"/proc/{pid}/ns/mnt").readlink())
    except OSError:
        return "-"


def _inside(namespace: str, folder: str) -> list[Daemon]:
    """List who lives in *namespace* and was told of *folder* (a number alone may have a new owner), with heirs."""
    parents: dict[int, int] = {}
    found: set[int] = set()
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            pid = int(each.name)
            parents[pid] = int((each / "stat").read_text().rpartition(")")[2].split()[1])
            if os.fsencode(folder) in (each / "cmdline").read_bytes() and _namespace(pid) == namespace:
                found.add(pid)
    while heirs := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= heirs  # a shim's container has namespaces of its own
    return [Daemon(pid, started, namespace) for pid in sorted(found) if (started := start_time(pid)) is not None]
