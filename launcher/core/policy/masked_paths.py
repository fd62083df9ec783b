"""Paths in a mount that a program does not get: secrets are masked, and files that the shell runs are read-only."""

from __future__ import annotations

from launcher.core.values.mount import Mount
from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from typing import Self

    from launcher.core.policy.path_args import PathFacts
    from launcher.core.values.invocation import Invocation


class Mask(NamedTuple):
    """A secret with symbolic links resolved, its path in the container, and whether it is a folder."""

    source: str
    target: str
    folder: bool = False


class Grants(NamedTuple):
    """Explicitly mounted sources, which are not masked, and those of them that are one tool's own folder."""

    sources: tuple[str, ...]
    tools: tuple[str, ...] = ()

    @classmethod
    def of(cls, volumes: Iterable[str], others: Iterable[str], home: str) -> Self:
        """Return the grants of *volumes* and *others*: ``~/.m2`` grants everything in it, ``~/.config`` does not."""
        names = [*volumes]
        shared = {home, *under_home(home, _SHARED)}
        return cls((*names, *others), tuple([name for name in names if is_in(name, home) and name not in shared]))


_SHARED = (".config", ".local", ".local/share", ".local/state", ".cache", ".var", "snap", "Library")
_SHARED_ON_MACHINE = ("/var/cache", "/var/lib", "/var/log", "/var/spool", "/var/tmp")


def is_shared(folder: str, home: str) -> bool:
    """Tell whether many programs have files in *folder*, of the *home* or of the machine."""
    return folder in _SHARED_ON_MACHINE or folder in under_home(home, _SHARED)


def under_home(home: str, paths: Iterable[str]) -> list[str]:
    """Return *paths* as absolute paths; those without a leading slash are under *home*."""
    root = home.rstrip("/")
    return [path if path.startswith("/") else f"{root}/{path}" for path in paths]


def secret_masks(mounts: Collection[Mount], call: Invocation, facts: PathFacts, granted: Grants) -> list[Mask]:
    """Return masks for the caller's secrets in *mounts*, whose sources have no symbolic links.

    Links of the secrets are resolved, too. A secret that is *granted* is not masked.
    """
    secrets = [path for path in under_home(call.home, call.secrets) if path in facts]
    known = {facts[path].real: facts[path].kind == "folder" for path in secrets if not _is_among(path, granted.tools)}
    named = [source for source in granted.sources if any(is_in(source, real) for real in known)]
    secret_paths = sorted([each for each in known.items() if not _is_among(each[0], named)], key=_by_parts)
    found: list[Mask] = []
    for mount in mounts:
        above = ""
        for real, folder in secret_paths:
            target = _target(real, mount, mounts)
            if not target or (above and is_in(real, above)):
                continue
            above = real if folder else above
            found.append(Mask(real, target, folder))
    return found


def outermost_masks(masks: Collection[Mask]) -> list[Mask]:
    """Return *masks*, each target once, without those inside a folder that is masked as a whole."""
    folders = [mask.target for mask in masks if mask.folder]
    inner = {mask.target for mask in masks for each in folders if each != mask.target and is_in(mask.target, each)}
    return list({mask.target: mask for mask in masks if mask.target not in inner}.values())


def startup_mounts(
    mounts: Collection[Mount], call: Invocation, facts: PathFacts, granted: Grants, masks: Iterable[Mask]
) -> list[Mount]:
    """Return read-only mounts for the caller's start-up files in *mounts*, unless they are *granted*.

    Their parent folders are mounted separately, too, because a mount cannot be renamed or replaced.
    """
    masked = {mask.target for mask in masks}
    named = {*granted.sources}
    found: dict[str, Mount] = {}
    for mount in mounts:
        if mount.read_only or mount.kind != "bind":
            continue
        above = ""
        for real in sorted(_startup(mount, call, facts, granted.tools) - named, key=_parts):
            target = _target(real, mount, mounts)
            if not target or (above and is_in(real, above)) or any(is_in(target, each) for each in masked):
                continue
            above = real
            found |= {each.target: each for each in _parent_mounts(mount, real) if each.target not in found}
            found[target] = Mount(real, target, read_only=True)
    return list(found.values())


def containing(path: str, places: Iterable[str], facts: PathFacts) -> str:
    """Return the first of *places* that is or contains *path*, a path without links; "" if there is none."""
    for place in places:
        if place in facts and is_in(path, facts[place].real):
            return place
    return ""


def is_in(path: str, folder: str) -> bool:
    """Tell whether *path* is *folder* or is inside it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _startup(mount: Mount, call: Invocation, facts: PathFacts, tools: Iterable[str]) -> set[str]:
    """Return the caller's start-up files in *mount*, with links resolved."""
    paths = [path for path in under_home(call.home, call.startup) if path in facts and not _is_among(path, tools)]
    return {facts[path].real for path in paths if is_in(path, mount.source)}


def _is_among(path: str, folders: Iterable[str]) -> bool:
    return any(is_in(path, folder) for folder in folders)


def _target(real: str, mount: Mount, mounts: Iterable[Mount]) -> str:
    """Return the target of *real* inside *mount*; "" if it is not inside, or if a deeper mount hides it."""
    if mount.kind != "bind" or real == mount.source or not is_in(real, mount.source):
        return ""
    target = _below(mount, real)
    deeper = [other.target for other in mounts if other.target != mount.target and is_in(other.target, mount.target)]
    return "" if any(is_in(target, other) for other in deeper) else target


def _parent_mounts(mount: Mount, real: str) -> Iterator[Mount]:
    folder = real.rpartition("/")[0]
    above = []
    while len(folder) > len(mount.source.rstrip("/")):
        above.append(folder)
        folder = folder.rpartition("/")[0]
    return (Mount(each, _below(mount, each)) for each in reversed(above))


def _below(mount: Mount, real: str) -> str:
    return mount.target.rstrip("/") + real[len(mount.source.rstrip("/")) :]


def _parts(path: str) -> list[str]:
    return path.split("/")


def _by_parts(place: tuple[str, bool]) -> list[str]:
    return place[0].split("/")
