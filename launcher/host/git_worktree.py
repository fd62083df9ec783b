"""Find the repository that a git worktree or a submodule belongs to, whatever its ``.git`` file says."""

from __future__ import annotations

import os

from launcher.errors import HostError
from launcher.host.find_project import read_bytes

_LINE = "gitdir: "


def main_checkout(folder: str) -> str:
    """Return *folder* as seen in the main checkout if it is in a git worktree, else *folder* itself."""
    current = folder
    while current not in ("", "/"):
        if os.path.lexists(f"{current}/.git"):
            main, git, rest = shared_git_folder(current).rpartition("/.git")
            return main + folder[len(current) :] if git and not rest else folder
        current = current.rpartition("/")[0]
    return folder


def git_folder_of(folder: str) -> str:
    """Return the git folder that *folder* needs besides its own files, as a worktree or a submodule; "" if none."""
    return shared_git_folder(folder) or submodule_git_folder(folder)


def shared_git_folder(worktree: str) -> str:
    """Return the git folder that the git worktree at that path shares with its main checkout; "" if it is none.

    A worktree's ``.git`` is a file that names ``FOLDER/worktrees/NAME``, whose file ``gitdir`` points back
    (gitrepository-layout(5)). A copy of that ``.git`` file in another folder is not pointed back to, and does not
    count.
    """
    own = linked_folder(worktree)
    folder, name = os.path.split(own)
    shared, kind = os.path.split(folder)
    backlink = _line(f"{own}/gitdir") if name and kind == "worktrees" else ""
    is_linked = backlink and os.path.realpath(os.path.join(own, backlink)) == f"{worktree}/.git"
    return shared if is_linked and _is_owned(f"{own}/gitdir") and is_git_folder(shared) else ""


def submodule_git_folder(folder: str) -> str:
    """Return the git folder of the submodule at *folder*, whose setting ``core.worktree`` points back; "" if none."""
    own = linked_folder(folder)
    backlink = _core_worktree(f"{own}/config") if own and is_git_folder(own) else ""
    is_linked = backlink and os.path.realpath(os.path.join(own, backlink)) == folder
    return own if is_linked and _is_owned(f"{own}/config") else ""


def linked_folder(worktree: str) -> str:
    """Return the folder that the file ``.git`` in *worktree* names, its links resolved; "" if there is no such file."""
    text = _line(f"{worktree}/.git")
    if not text.startswith(_LINE) or not _is_owned(f"{worktree}/.git"):
        return ""
    return os.path.realpath(os.path.join(worktree, text.removeprefix(_LINE)))


def is_git_folder(folder: str) -> bool:
    """Return whether *folder* has what every git folder has."""
    return os.path.isfile(f"{folder}/HEAD") and all(os.path.isdir(f"{folder}/{name}") for name in ("objects", "refs"))


def _line(path: str) -> str:
    """Return the text of one of git's files without the end of its line, or "" if there is none."""
    try:
        text = os.fsdecode(read_bytes(path) or b"").rstrip("\r\n")
    except HostError:
        return ""
    return "" if "\0" in text else text


def _core_worktree(path: str) -> str:
    """Return ``core.worktree`` of the git configuration at *path*; "" if it has none, or one with escapes."""
    section = ""
    for line in map(str.strip, _line(path).split("\n")):
        name, _, value = line.partition("=")
        if line.startswith("["):
            section = line.lower()
        elif section == "[core]" and name.strip().lower() == "worktree":
            return "" if "\\" in value else value.strip().strip('"')
    return ""


def _is_owned(*paths: str) -> bool:
    """Return whether the caller or root owns all of *paths*."""
    try:
        return all(os.lstat(path).st_uid in (0, os.getuid()) for path in paths)
    except OSError:
        return False
