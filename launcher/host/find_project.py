"""Find and read the catalog of the project that the caller's folder belongs to, without ever blocking."""

from __future__ import annotations

import os

from launcher.errors import HostError

CATALOG_NAME = "applaunch.toml"
LOCK_NAME = "applaunch.lock"
MAX_SIZE = 5 * 1024 * 1024
"""The most bytes of a project's file, as for any catalog."""

_REGULAR, _KIND = 0o100000, 0o170000  # stat.h


def find(home: str, folder: str = "") -> str:
    """Return the path of the nearest applaunch.toml at or above *folder* (default: the current one), or "".

    The home folder, its parents and the root are not searched. This costs a launch one `stat` per folder.
    """
    try:
        folder = folder or os.getcwd()
    except OSError:
        return ""
    while folder not in ("", "/", home):
        path = f"{folder}/{CATALOG_NAME}"
        try:
            os.stat(path)
        except OSError:
            folder = folder.rpartition("/")[0]
        else:
            return path
    return ""


def next_above(path: str, home: str) -> str:
    """Return the next applaunch.toml above the one at *path*, or ""."""
    folder = path.rpartition("/")[0].rpartition("/")[0]
    return find(home, folder) if folder else ""


def repository_above(home: str, folder: str) -> str:
    """Return the nearest folder above *folder* that has a ``.git``; "" if *folder* has one, or none is below *home*."""
    if os.path.lexists(f"{folder}/.git"):
        return ""
    while (folder := folder.rpartition("/")[0]) not in ("", home):
        if os.path.lexists(f"{folder}/.git"):
            return folder
    return ""


def lock_path(path: str) -> str:
    """Return the path of the lock file for the project catalog at *path*, with a link resolved."""
    lock = f"{path.rpartition('/')[0]}/{LOCK_NAME}"
    return os.path.realpath(lock) if os.path.islink(lock) else lock


def read(path: str) -> str | None:
    """Return the text of *path*, or None if there is no such file; raises `HostError` if it is not a plain text file.

    It does not block on a pipe or device, does not follow a link, and reads at most `MAX_SIZE` bytes.
    """
    data = read_bytes(path)
    try:
        return None if data is None else data.decode()
    except UnicodeDecodeError:
        raise HostError(path, "is not UTF-8 text", "save it as UTF-8") from None


def read_bytes(path: str) -> bytes | None:
    """Return what is in *path*, as `read` does, whatever its encoding."""
    try:
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC
        descriptor = os.open(path, flags)
        if os.fstat(descriptor).st_mode & _KIND != _REGULAR:
            os.close(descriptor)
            raise HostError(path, "is not a plain file", "put one there, or remove it")
        with open(descriptor, "rb") as file:
            data = file.read(MAX_SIZE + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise HostError(path, f"cannot be read: {reason}", "check who owns it, and its mode") from None
    if len(data) > MAX_SIZE:
        raise HostError(path, f"is larger than {MAX_SIZE >> 20} MiB", "shorten it")
    return data
