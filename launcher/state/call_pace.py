"""What is remembered of a kind of warm calls: when the last one was, who makes a container, if none can wait."""

from __future__ import annotations

import fcntl
import os

from launcher.fast_stdlib import suppress
from launcher.state.state_folders import make_private_folders
from launcher.state.warm_store import kind_folder, open_locked


def is_hurried(folder: str, key: str, now: float, within: float) -> bool:
    """Tell whether the last call of *key* ended not long before this one, and remember this one."""
    path = f"{kind_folder(folder, key)}/.last"
    try:
        before = os.stat(path).st_mtime
    except OSError:
        before = 0.0
    _touched(path)
    return now - before < within


def mark_unfit(folder: str, key: str) -> None:
    """Remember that no container can wait for calls of *key*: its image cannot sleep, or it is out of our sight."""
    _touched(f"{kind_folder(folder, key)}/.unfit")


def is_unfit(folder: str, key: str, since: float) -> bool:
    """Tell whether that was found out after the moment *since*."""
    try:
        return os.stat(f"{kind_folder(folder, key)}/.unfit").st_mtime > since
    except OSError:
        return False


def lock_maker(folder: str, key: str, places: int) -> int:
    """Return a descriptor whose lock says that one more of *key* is being made; -1 where enough are."""
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
