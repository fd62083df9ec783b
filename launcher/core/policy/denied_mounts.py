"""Mounts that an override denies: removed, or hidden inside wider mounts."""

from __future__ import annotations

from launcher.core.policy.masked_paths import Mask
from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from launcher.core.policy.path_args import PathFacts
    from launcher.core.values.mount import Mount


class RemainingMounts(NamedTuple):
    """The mounts that remain, the masks for denied paths inside them, and the mounts that were removed."""

    mounts: tuple[Mount, ...]
    hidden: tuple[Mask, ...]
    removed: tuple[Mount, ...]


def denied_paths(denied: Iterable[str], home: str) -> tuple[str, ...]:
    """Return the paths in *denied* as absolute paths."""
    return tuple([home + path[1:] if path.startswith("~") else path for path in denied if path[:1] in ("/", "~")])


def remove_denied(mounts: Iterable[Mount], denied: Iterable[str], facts: PathFacts) -> RemainingMounts:
    """Remove the *mounts* of the *denied* paths and of all paths below them, and mask denied paths in other mounts.

    Paths are compared with symbolic links resolved, by *facts*.
    """
    paths = [*denied]
    real = [facts[path].real if path in facts else path for path in paths]
    folders = {facts[path].real for path in paths if path in facts and facts[path].kind == "folder"}
    existing = {facts[path].real for path in paths if path in facts}
    left, removed, hidden = [], [], []
    for mount in mounts:
        source = facts[mount.source].real if mount.source in facts else mount.source
        if mount.kind == "bind" and any(_is_in(source, path) for path in real):
            removed.append(mount)
            continue
        left.append(mount)
        if mount.kind == "bind":
            root = source.rstrip("/")
            target = mount.target.rstrip("/")
            below = [path for path in real if path in existing and _is_in(path, source)]
            hidden += [Mask(path, target + path[len(root) :], path in folders) for path in below]
    return RemainingMounts(tuple(left), tuple(hidden), tuple(removed))


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
