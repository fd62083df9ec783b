"""The containers that wait for a call: one small file for each, in a folder for each kind; taking one is a rename.

``warm/<kind>/<container>`` waits, ``warm/taken/<container>`` is in use or about to be removed; whoever uses one holds
a lock on its file, so that what a killed process left is told from what still runs. A *kind* is the checksum of a
*key*, which says in full what a container was made for and is compared as a whole. The launch path imports this module.
"""

from __future__ import annotations

import fcntl
import os
from binascii import crc32

from launcher.core.run.warm_policy import Idle
from launcher.core.values.checksum import add_checksum, verify
from launcher.fast_stdlib import suppress
from launcher.state.state_folders import make_private_folders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_TAKEN = "taken"
RUNNING = "running"
_PART = ".part-"
_HOUR = 3600.0
_ID = 64  # characters


class Loan:
    """An idle container in use: as long as this process lives, or until it is given back."""

    def __init__(self, idle: Idle, path: str, descriptor: int) -> None:
        """Keep what was taken; *descriptor* holds the lock on the file at *path*."""
        self.idle = idle
        self.path = path
        self._descriptor = descriptor

    def close(self) -> None:
        """Give it back."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class Announcement:
    """Wraps the time in which a container is made: should we be killed, its file tells of it and is not locked."""

    def __init__(self, folder: str, key: str, idle: Idle) -> None:
        """Keep what is about to be made."""
        self._path, self._key, self._idle = taken_path(folder, idle.container), key, idle
        self._descriptor = -1

    def __enter__(self) -> None:
        """Write the file and hold it."""
        with suppress(OSError):
            write_record(self._path, self._key, self._idle)
            self._descriptor = open_locked(self._path, fcntl.LOCK_SH)

    def __exit__(self, *_: object) -> None:
        """Delete it."""
        forget(self._path)
        if self._descriptor >= 0:
            os.close(self._descriptor)


def add(folder: str, key: str, idle: Idle) -> None:
    """Let *idle* be found by calls of its *key*; raises OSError."""
    write_record(f"{kind_folder(folder, key)}/{idle.container}", key, idle)


def borrow(folder: str, key: str, now: float) -> Loan | None:
    """Take a container that waits for calls of *key* and has time left; a fresh one is taken from all others."""
    place = kind_folder(folder, key)
    for name in _names(place):
        path = f"{place}/{name}"
        known = _read(path)
        if known is None or known[0] != key:
            continue
        idle = known[1]
        if idle.closes < now:
            with suppress(OSError):
                os.unlink(path)
            continue
        if idle.reuse == "fresh":
            path = taken_path(folder, idle.container)
            if not _moved(f"{place}/{name}", path):
                continue
        if (descriptor := open_locked(path, fcntl.LOCK_SH)) >= 0:
            return Loan(idle, path, descriptor)
    return None


def retire(folder: str, path: str, container: str) -> None:
    """Let no further call use a shared container: the last that does will remove it."""
    _moved(path, taken_path(folder, container))


def is_free(path: str) -> bool:
    """Tell whether nobody uses the container of the file at *path* (any more)."""
    descriptor = open_locked(path, fcntl.LOCK_EX)
    if descriptor >= 0:
        os.close(descriptor)
    return descriptor >= 0


def count_waiting(folder: str, key: str) -> int:
    """Return how many wait for calls of *key*, and have time left or not."""
    return len(list_idle_for(folder, key))


def list_idle(folder: str) -> Iterator[tuple[str, Idle]]:
    """Yield the file and the container of each that waits, is in use, or was left."""
    for place in _names(folder):
        if place != RUNNING:
            yield from list_entries(f"{folder}/{place}")


def list_entries(place: str) -> Iterator[tuple[str, Idle]]:
    """Yield the files of one folder, each with its container."""
    for name in _names(place):
        if known := _read(f"{place}/{name}"):
            yield f"{place}/{name}", known[1]


def list_damaged(folder: str) -> list[tuple[str, str]]:
    """Return the path and the container of each file that cannot be read and that nobody uses."""
    found = [(f"{folder}/{place}/{name}", name) for place in _names(folder) for name in _names(f"{folder}/{place}")]
    return [(path, name) for path, name in found if _is_container(name) and _read(path) is None and is_free(path)]


def list_idle_for(folder: str, key: str) -> list[tuple[str, Idle]]:
    """Return the file and the container of each that waits for calls of *key*, or is shared by some."""
    place = kind_folder(folder, key)
    found = [(path, _read(path)) for path in (f"{place}/{name}" for name in _names(place))]
    return [(path, known[1]) for path, known in found if known and known[0] == key]


def remove_expired(folder: str, now: float) -> None:
    """Forget the containers whose time is over, and the kinds of which none has waited for an hour."""
    for path, idle in list(list_idle(folder)):
        if idle.expires < now and is_free(path):
            forget(path)
    for place in _names(folder):
        with suppress(OSError):
            if (
                place != _TAKEN
                and os.stat(f"{folder}/{place}").st_mtime < now - _HOUR
                and not _names(f"{folder}/{place}")
            ):
                for name in os.listdir(f"{folder}/{place}"):
                    os.unlink(f"{folder}/{place}/{name}")
                os.rmdir(f"{folder}/{place}")


def is_taken(folder: str, path: str) -> bool:
    """Tell whether the file at *path* is of a container that was taken."""
    return path.startswith(f"{folder}/{_TAKEN}/")


def claim(folder: str, path: str, container: str) -> str:
    """Take whatever is at *path* from all calls, and return where its file is now; "" where somebody was faster."""
    goal = taken_path(folder, container)
    return goal if path == goal or _moved(path, goal) else ""


def forget(path: str) -> None:
    """Delete the file of a container that is gone."""
    with suppress(OSError):
        os.unlink(path)


def taken_path(folder: str, container: str) -> str:
    """Return where the file of a container is that was taken."""
    return f"{folder}/{_TAKEN}/{container}"


def kind_folder(folder: str, key: str) -> str:
    """Return the folder of the containers that serve calls of *key*."""
    return f"{folder}/{crc32(key.encode('utf-8', 'surrogateescape')):08x}"


def _names(folder: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError:
        return []


def _is_container(name: str) -> bool:
    """Tell whether we named a file so: after a container's id, or after its name while it was made."""
    return name.startswith("applaunch-warm-") or (len(name) == _ID and not name.strip("0123456789abcdef"))


def _moved(path: str, goal: str) -> bool:
    try:
        os.rename(path, goal)
    except FileNotFoundError:
        make_private_folders(os.path.dirname(goal))
        try:
            os.rename(path, goal)
        except OSError:
            return False
    except OSError:
        return False
    return True


def write_record(path: str, key: str, idle: Idle) -> None:
    """Write the file of *idle* at *path*, whole or not at all; raises OSError."""
    folder, _, name = path.rpartition("/")
    part = f"{folder}/{_PART}{name}"
    make_private_folders(folder)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(add_checksum({"key": key, "idle": idle._asdict()}))
    os.rename(part, path)


def open_locked(path: str, kind: int, flags: int = 0) -> int:
    """Return a descriptor that holds a lock of that *kind* on the file at *path*; -1 where that cannot be at once."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | flags, 0o600)
    except OSError:
        return -1
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return -1
    return descriptor


def _read(path: str) -> tuple[str, Idle] | None:
    try:
        with open(path, "rb") as file:
            said = verify(file.read())
        idle = Idle(**said["idle"])
        idle = idle._replace(entrypoint=tuple(idle.entrypoint), command=tuple(idle.command))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return str(said["key"]), idle
