"""The catalog of the project that the caller stands in: found by its name alone, upward from the current folder."""

from __future__ import annotations

import os

NAME = "applaunch.toml"
LOCK = "applaunch.lock"


def find(home: str) -> str:
    """Return the path of the nearest applaunch.toml at or above the current folder, "" where there is none.

    The home itself and what is above it are not looked at, nor is the root. A launch pays one `stat` a folder.
    """
    try:
        folder = os.getcwd()
    except OSError:
        return ""
    while folder not in ("", "/", home):
        path = f"{folder}/{NAME}"
        try:
            os.stat(path)
        except OSError:
            folder = folder.rpartition("/")[0]
        else:
            return path
    return ""


def checkout(folder: str) -> str:
    """Return *folder* as it is in the main checkout, where it is in one of its git worktrees; else *folder* itself.

    A worktree's ``.git`` is a file that names ``MAIN/.git/worktrees/NAME`` (gitrepository-layout(5)).
    """
    above = folder
    while above not in ("", "/"):
        try:
            with open(f"{above}/.git", encoding="utf-8") as file:
                where = file.read().strip().removeprefix("gitdir: ")
        except (OSError, UnicodeDecodeError):
            above = above.rpartition("/")[0]
            continue
        main, marker, _ = where.rpartition("/.git/worktrees/")
        return main + folder[len(above) :] if marker and os.path.isdir(main) else folder
    return folder
