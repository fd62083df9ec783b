"""The catalog of the project that the caller stands in: found by its name, and read without waiting for anything."""

from __future__ import annotations

import os

from launcher.errors import HostError

CATALOG_NAME = "applaunch.toml"
LOCK_NAME = "applaunch.lock"
MAX_SIZE = 5 * 1024 * 1024
"""Bytes of a project's file: as of any catalog."""

_REGULAR, _KIND = 0o100000, 0o170000  # stat.h


def find(home: str, folder: str = "") -> str:
    """Return the path of the nearest applaunch.toml at or above *folder* (the current one), "" where there is none.

    The home itself and what is above it are not looked at, nor is the root. A launch pays one `stat` a folder.
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
    """Return the next applaunch.toml above that at *path*, "" where there is none."""
    folder = path.rpartition("/")[0].rpartition("/")[0]
    return find(home, folder) if folder else ""


def lock_path(path: str) -> str:
    """Return where the lock of the project catalog at *path* is; where that is a link, what it leads to."""
    lock = f"{path.rpartition('/')[0]}/{LOCK_NAME}"
    return os.path.realpath(lock) if os.path.islink(lock) else lock


def read(path: str) -> str | None:
    """Return the text of *path*, None where there is no such file; raises `HostError` where it is none of a project's.

    A pipe or a device in its place is not waited for, a link is not followed, and no more than `MAX_SIZE` is read.
    """
    try:
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC
        descriptor = os.open(path, flags)
        if os.fstat(descriptor).st_mode & _KIND != _REGULAR:
            os.close(descriptor)
            raise HostError(path, "is not a plain file", "put one there, or remove it")
        with open(descriptor, "rb") as file:
            data = file.read(MAX_SIZE + 1)
        text = data.decode()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError:
        raise HostError(path, "is not UTF-8 text", "save it as UTF-8") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise HostError(path, f"cannot be read: {reason}", "check who owns it, and its mode") from None
    if len(data) > MAX_SIZE:
        raise HostError(path, f"is larger than {MAX_SIZE >> 20} MiB", "shorten it")
    return text


def main_checkout(folder: str) -> str:
    """Return *folder* as it is in the main checkout, where it is in one of its git worktrees; else *folder* itself.

    A worktree's ``.git`` is a file that names ``MAIN/.git/worktrees/NAME``, where the file ``gitdir`` names it in turn
    (gitrepository-layout(5)). A copy of that file in another folder is named by nothing.
    """
    at = folder
    while at not in ("", "/"):
        if os.path.lexists(f"{at}/.git"):
            main = _main_of(at)
            return main + folder[len(at) :] if main else folder
        at = at.rpartition("/")[0]
    return folder


def _main_of(worktree: str) -> str:
    """Return the main checkout of the git worktree at that path, "" where it is none."""
    inside = os.path.realpath(os.path.join(worktree, _line(f"{worktree}/.git").removeprefix("gitdir: ")))
    main, marker, _ = inside.rpartition("/.git/worktrees/")
    back = _line(f"{inside}/gitdir") if marker else ""
    named = back and os.path.realpath(os.path.join(inside, back)) == f"{worktree}/.git"
    return main if named and _is_mine(f"{worktree}/.git", f"{inside}/gitdir") else ""


def _line(path: str) -> str:
    """Return the one line of a file of git's, "" where there is none."""
    try:
        text = (read(path) or "").strip()
    except HostError:
        return ""
    return "" if "\0" in text else text


def _is_mine(*paths: str) -> bool:
    """Tell whether the caller or root wrote all of *paths*."""
    return all(os.lstat(path).st_uid in (0, os.getuid()) for path in paths)
