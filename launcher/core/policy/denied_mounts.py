"""Mounts that an override denies: removed, or hidden inside wider mounts."""

from __future__ import annotations

from launcher.core.policy.masked_paths import Cover
from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from launcher.core.policy.path_args import Facts
    from launcher.core.values.mount import Mount


class Left(NamedTuple):
    """The mounts that are left, and what must be hidden in those that are wider."""

    mounts: tuple[Mount, ...]
    hidden: tuple[Cover, ...]
    gone: tuple[Mount, ...]


def paths(denied: Iterable[str], home: str) -> tuple[str, ...]:
    """Return the paths among what is *denied*, absolute."""
    return tuple([home + path[1:] if path.startswith("~") else path for path in denied if path[:1] in ("/", "~")])


def without(mounts: Iterable[Mount], denied: Iterable[str], facts: Facts) -> Left:
    """Take away the *mounts* of the *denied* paths and of all below them, and tell what of wider ones is to be hidden.

    Paths are compared without symbolic links, as *facts* tell.
    """
    paths = [*denied]
    real = [facts[path].real if path in facts else path for path in paths]
    folders = {facts[path].real for path in paths if path in facts and facts[path].kind == "folder"}
    there = {facts[path].real for path in paths if path in facts}
    left, gone, hidden = [], [], []
    for mount in mounts:
        source = facts[mount.source].real if mount.source in facts else mount.source
        if mount.kind == "bind" and any(_is_in(source, path) for path in real):
            gone.append(mount)
            continue
        left.append(mount)
        if mount.kind == "bind":
            root = source.rstrip("/")
            target = mount.target.rstrip("/")
            below = [path for path in real if path in there and _is_in(path, source)]
            hidden += [Cover(path, target + path[len(root) :], path in folders) for path in below]
    return Left(tuple(left), tuple(hidden), tuple(gone))


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
