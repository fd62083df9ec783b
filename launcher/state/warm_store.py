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
    """A warm container in use, until it is closed or this process ends."""

    def __init__(self, idle: Idle, path: str, descriptor: int) -> None:
        """Keep the taken container; *descriptor* holds the lock on the file at *path*."""
        self.idle = idle
        self.path = path
        self._descriptor = descriptor

    def close(self) -> None:
        """Release the container."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class Announcement:
    """Announces a container while it is created: if this process is killed, its file remains and is not locked."""

    def __init__(self, folder: str, key: str, idle: Idle) -> None:
        """Keep the container that is about to be created."""
        self._path, self._key, self._idle = taken_path(folder, idle.container), key, idle
        self._descriptor = -1

    def __enter__(self) -> None:
        """Write the file and lock it."""
        with suppress(OSError):
            write_record(self._path, self._key, self._idle)
            self._descriptor = open_locked(self._path, fcntl.LOCK_SH)

    def __exit__(self, *_: object) -> None:
        """Delete the file."""
        forget(self._path)
        if self._descriptor >= 0:
            os.close(self._descriptor)


def add(folder: str, key: str, idle: Idle) -> None:
    """Make *idle* available to calls of its *key*; raises OSError."""
    write_record(f"{kind_folder(folder, key)}/{idle.container}", key, idle)


def borrow(folder: str, key: str, now: float) -> Loan | None:
    """Take a warm container for calls of *key* that has time left; a fresh one is no longer available to others."""
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
    """Make a shared container unavailable; the last call that uses it removes it."""
    _moved(path, taken_path(folder, container))


def is_free(path: str) -> bool:
    """Return whether no process uses the container of the file at *path*."""
    descriptor = open_locked(path, fcntl.LOCK_EX)
    if descriptor >= 0:
        os.close(descriptor)
    return descriptor >= 0


def count_waiting(folder: str, key: str) -> int:
    """Return how many containers wait for calls of *key*, including expired ones."""
    return len(list_idle_for(folder, key))


def list_idle(folder: str) -> Iterator[tuple[str, Idle]]:
    """Yield file and container of each that waits, is in use, or was left over."""
    for place in _names(folder):
        if place != RUNNING:
            yield from list_entries(f"{folder}/{place}")


def list_entries(place: str) -> Iterator[tuple[str, Idle]]:
    """Yield the files of one folder with their containers."""
    for name in _names(place):
        if known := _read(f"{place}/{name}"):
            yield f"{place}/{name}", known[1]


def list_damaged(folder: str) -> list[tuple[str, str]]:
    """Return path and container of each file that cannot be read and that no process uses."""
    found = [(f"{folder}/{place}/{name}", name) for place in _names(folder) for name in _names(f"{folder}/{place}")]
    return [(path, name) for path, name in found if _is_container(name) and _read(path) is None and is_free(path)]


def list_idle_for(folder: str, key: str) -> list[tuple[str, Idle]]:
    """Return file and container of each that waits for calls of *key*, or that they share."""
    place = kind_folder(folder, key)
    found = [(path, _read(path)) for path in (f"{place}/{name}" for name in _names(place))]
    return [(path, known[1]) for path, known in found if known and known[0] == key]


def remove_expired(folder: str, now: float) -> None:
    """Delete the files of expired containers, and the folders of kinds without a container for an hour."""
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
    """Return whether the file at *path* is that of a taken container."""
    return path.startswith(f"{folder}/{_TAKEN}/")


def claim(folder: str, path: str, container: str) -> str:
    """Take the container at *path* from all calls and return the new path of its file; "" if another was faster."""
    goal = taken_path(folder, container)
    return goal if path == goal or _moved(path, goal) else ""


def forget(path: str) -> None:
    """Delete the file of a container that no longer exists."""
    with suppress(OSError):
        os.unlink(path)


def taken_path(folder: str, container: str) -> str:
    """Return the path of the file of a taken container."""
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
    """Return whether *name* is a container's id, or its name while it is created."""
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
    """Write the file of *idle* at *path* atomically; raises OSError."""
    folder, _, name = path.rpartition("/")
    part = f"{folder}/{_PART}{name}"
    make_private_folders(folder)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(add_checksum({"key": key, "idle": idle._asdict()}))
    os.rename(part, path)


def open_locked(path: str, kind: int, flags: int = 0) -> int:
    """Return a descriptor with a lock of that *kind* on the file at *path*; -1 if it cannot be locked at once."""
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
