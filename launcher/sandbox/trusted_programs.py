"""Find a program of this machine on PATH that no other user can have replaced."""

from __future__ import annotations

import os

from launcher.errors import printable
from launcher.fast_stdlib import NamedTuple


class Found(NamedTuple):
    """Where a program was looked for."""

    path: str = ""
    """The program; "" if there is none."""
    candidates: tuple[str, ...] = ()
    """The paths that were looked at, the program itself included."""
    why_not: str = ""
    """If the only programs of that name can be replaced by other users: one line with what to do."""


def find_trusted(name: str, path: str, uid: int) -> Found:
    """Return the first program *name* in the folders of *path* that only root and user *uid* can change.

    Relative folders are skipped: the current folder may be anybody's.
    """
    looked: list[str] = []
    why_not = ""
    for folder in dict.fromkeys(path.split(os.pathsep)):
        if not folder.startswith("/"):
            continue
        looked.append(f"{folder.rstrip('/')}/{name}")
        if not (os.path.isfile(looked[-1]) and os.access(looked[-1], os.X_OK)):
            continue
        open_path = _changeable(looked[-1], uid)
        if not open_path:
            return Found(looked[-1], tuple(looked))
        why_not = why_not or printable(f"{open_path} can be changed by other users; chmod go-w {open_path}")
    return Found("", tuple(looked), why_not)


def _changeable(path: str, uid: int) -> str:
    """Return the first of *path*, its target and their folders that another user can change, or "".

    In a sticky folder such as /tmp, other users cannot replace what is not theirs.
    """
    for start in (os.path.dirname(path), os.path.realpath(path)):
        current = os.path.realpath(start)
        while True:
            status = os.stat(current)
            sticky = status.st_mode & _STICKY and current != os.path.realpath(start)
            if status.st_uid not in (0, uid) or (status.st_mode & _OTHERS_WRITE and not sticky):
                return current
            if current == "/":
                break
            current = os.path.dirname(current)
    return ""


_OTHERS_WRITE, _STICKY = 0o022, 0o1000
