"""The mounts of a project: its top folder in the place of the current one, and the git folder of its worktree."""

from __future__ import annotations

from launcher.core.policy.denied_mounts import denied_paths
from launcher.core.policy.masked_paths import containing, is_in, under_home
from launcher.core.policy.path_args import TOO_LARGE, is_image_path
from launcher.core.values.mount import Mount
from launcher.core.values.protected_paths import is_system

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from launcher.core.catalog.entry import CatalogEntry
    from launcher.core.policy.path_args import PathFacts
    from launcher.core.values.invocation import Invocation

MARKERS = (".git", "applaunch.toml")
"""What the top folder of every project has, one of them at least."""


def may_be_project(folder: str, home: str) -> bool:
    """Tell whether *folder* may be mounted because the current folder belongs to it.

    It may not be the home, another user's home, a folder that contains one, or a folder of the system or the image.
    """
    is_home = is_in(home, folder) or folder.rpartition("/")[0] == "/home"
    return not (is_home or is_system(folder) or folder in TOO_LARGE or is_image_path(folder))


def project_mounts(entry: CatalogEntry, call: Invocation, facts: PathFacts, target: str) -> Iterator[Mount]:
    """Yield the mount of the project that *call* is in, at *target* or its own path, and that of its git folder.

    Nothing is yielded if it is in none, if a path has become another since it was found, or if the current folder is
    in a place that is protected or denied and the project is not: this place is covered in the project.
    """
    read_only = not entry.writes_folder
    if not call.project or not _is_folder(call.project, facts) or _is_in_covered_place(entry, call, facts):
        return
    yield Mount(call.project, target or call.project, read_only=read_only)
    secrets = under_home(call.home, call.secrets)
    if call.repository and _is_folder(call.repository, facts) and not containing(call.repository, secrets, facts):
        yield Mount(call.repository, call.repository, read_only=read_only)


def _is_folder(path: str, facts: PathFacts) -> bool:
    return path in facts and facts[path][:2] == ("folder", path)


def _is_in_covered_place(entry: CatalogEntry, call: Invocation, facts: PathFacts) -> bool:
    places = (*under_home(call.home, (*call.secrets, *call.startup)), *denied_paths(entry.deny, call.home))
    real = [facts[place].real for place in places if place in facts]
    return any(is_in(call.cwd, place) and not is_in(call.project, place) for place in real)
