"""Find the project that the current folder belongs to, for an entry that mounts it as a whole."""

from __future__ import annotations

import os

from launcher.core.policy.masked_paths import is_in
from launcher.core.policy.project_mounts import MARKERS, may_be_project
from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class ProjectFolders(NamedTuple):
    """What is mounted of a project, and what that was decided from."""

    top: str = ""
    """The nearest folder with a marker, at or above the current one; "" if there is none."""
    repository: str = ""
    """The git folder outside of `top` that it needs, as a worktree or a submodule; "" if it needs none."""
    looked_for: tuple[str, ...] = ()
    """The paths whose existence, kind or owner decided."""
    read: tuple[str, ...] = ()
    """The files whose contents decided."""


def find_project_folders(home: str, cwd: str, names: Iterable[str]) -> ProjectFolders:
    """Return the project that *cwd* is in: its top has a marker of every project, or one of *names*.

    Folders that may not be mounted (`may_be_project`) are no projects. Markers of other users are ignored, so that
    nobody else decides what is mounted, unless the folder is theirs, too.
    """
    looked_for = tuple(_markers(home, cwd, tuple(dict.fromkeys((*MARKERS, *names)))))
    for at, path in enumerate(looked_for):
        top = path.rpartition("/")[0]
        if _is_marker(path, top) and may_be_project(top, home):
            consulted = looked_for[: at + 1]
            if not os.path.isfile(f"{top}/.git"):
                return ProjectFolders(top, "", consulted)
            return _with_repository(home, top, (*consulted, f"{top}/.git"))
    return ProjectFolders(looked_for=looked_for)


def _markers(home: str, cwd: str, names: tuple[str, ...]) -> Iterator[str]:
    """Yield the paths of all possible markers, nearest first, as far up as a project may be."""
    folder = cwd
    while folder and not is_in(home, folder):
        yield from (f"{folder}/{name}" for name in names)
        folder = folder.rpartition("/")[0]


def _is_marker(path: str, folder: str) -> bool:
    try:
        os.stat(path)  # a link counts if it leads somewhere
        owner = os.lstat(path).st_uid
        return owner in (0, os.getuid()) or owner == os.stat(folder).st_uid
    except (OSError, ValueError):
        return False


def _with_repository(home: str, top: str, looked_for: tuple[str, ...]) -> ProjectFolders:
    from launcher.host.git_worktree import git_folder_of, linked_folder  # noqa: PLC0415  few projects

    git, own = git_folder_of(top), linked_folder(top)
    inside = not git or is_in(git, top) or not may_be_project(git, home)
    possible = (own, os.path.dirname(os.path.dirname(own))) if own else ()
    parts = [f"{each}/{name}" for each in possible for name in ("HEAD", "objects", "refs")]
    read = (f"{top}/.git", *((f"{own}/gitdir", f"{own}/config") if own else ()))
    return ProjectFolders(top, "" if inside else git, (*looked_for, *parts), read)
