"""State of each kind of warm call: the time of the last one, who makes a container, whether one can wait."""

from __future__ import annotations

import fcntl
import os

from launcher.fast_stdlib import suppress
from launcher.state.state_folders import make_private_folders
from launcher.state.warm_store import kind_folder, open_locked


def is_hurried(folder: str, key: str, now: float, within: float) -> bool:
    """Return whether the last call of *key* was shortly before this one, and record this one."""
    path = f"{kind_folder(folder, key)}/.last"
    try:
        before = os.stat(path).st_mtime
    except OSError:
        before = 0.0
    _touched(path)
    return now - before < within


def mark_unfit(folder: str, key: str) -> None:
    """Record that no container can wait for calls of *key*: no usable sleep, or its processes are not visible."""
    _touched(f"{kind_folder(folder, key)}/.unfit")


def is_unfit(folder: str, key: str, since: float) -> bool:
    """Return whether `mark_unfit` was called for *key* after the time *since*."""
    try:
        return os.stat(f"{kind_folder(folder, key)}/.unfit").st_mtime > since
    except OSError:
        return False


def lock_maker(folder: str, key: str, places: int) -> int:
    """Return a descriptor whose lock says that a container of *key* is being made; -1 if enough are."""
    place = kind_folder(folder, key)
    make_private_folders(place)
    for number in range(places):
        if (descriptor := open_locked(f"{place}/.maker-{number}", fcntl.LOCK_EX, os.O_CREAT)) >= 0:
            return descriptor
    return -1


def _touched(path: str) -> None:
    with suppress(OSError):
        make_private_folders(os.path.dirname(path))
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        os.utime(path)
