"""End networks that no run uses."""

from __future__ import annotations

import fcntl
import os
import select
import time

from launcher.core.values.checksum import verify
from launcher.fast_stdlib import signal, suppress


def end_surplus(folder: str, newest: str, most: int) -> None:
    """End unused networks in *folder*, those first whose last run began first, until *most* remain; *newest* stays.

    Records that were never finished, because their launcher was killed, are removed, too.
    """
    paths = [each.path for each in os.scandir(folder) if not each.name.startswith(".") and each.path != newest]
    for each in os.scandir(folder):
        if each.name.startswith(".") and each.name != ".lock" and time.time() - _last_used(each.path) > _UNFINISHED:
            end_network(each.path)
    surplus = len(paths) + bool(newest) - most
    for path in sorted(paths, key=_last_used):
        if surplus <= 0:
            return
        surplus -= end_network(path)


def wait_for_end(publisher: int) -> None:
    """Wait until the process *publisher* has ended, and the ports that it published are free."""
    with suppress(OSError):
        handle = os.pidfd_open(publisher)
        try:
            select.select([handle], [], [], _PATIENCE)
        finally:
            os.close(handle)


_PATIENCE = 2  # seconds; it ends within some milliseconds


def end_network(path: str) -> bool:
    """End the network with the record at *path*; return False, and leave it alone, if a run uses it."""
    try:
        lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return True
    try:
        _lock(lock)
        record = verify(os.read(lock, 4096))
        _kill(record["pid"], record["started"])
    except BlockingIOError:
        return False
    except (OSError, ValueError, KeyError, TypeError):
        pass  # a damaged record: its holder ends by itself
    finally:
        os.close(lock)
    with suppress(OSError):
        os.unlink(path)
    return True


_UNFINISHED = 60  # seconds


def _lock(lock: int) -> None:
    """Lock *lock* for us alone; raises BlockingIOError if a run holds it. The holder does so only for an instant."""
    for _ in range(_ATTEMPTS):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE)
        else:
            return
    raise BlockingIOError


_ATTEMPTS, _PAUSE = 4, 0.005  # seconds


def _kill(pid: int, started: str) -> None:
    """Kill the process *pid*, if it is still the one that *started* at that time."""
    handle = os.pidfd_open(pid)
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            if file.read().rpartition(b")")[2].split()[19] == started.encode():
                signal.pidfd_send_signal(handle, signal.SIGKILL)
    finally:
        os.close(handle)


def _last_used(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0
