"""What of a mount a program does not get: secrets that lie below it, and what its owner's shell runs, to write."""

from __future__ import annotations

from launcher.core.values.mount import Mount
from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from typing import Self

    from launcher.core.policy.path_args import Facts
    from launcher.core.values.invocation import Invocation


class Cover(NamedTuple):
    """A secret, without symbolic links, where the program would otherwise see it, and whether it is a folder."""

    source: str
    target: str
    folder: bool = False


class Granted(NamedTuple):
    """What a program gets because it is named: sources of mounts, and those of them that are one tool's own folder."""

    sources: tuple[str, ...]
    tools: tuple[str, ...] = ()

    @classmethod
    def of(cls, volumes: Iterable[str], others: Iterable[str], home: str) -> Self:
        """Return what *volumes* and *others* name: a volume of ``~/.m2`` names all in it, of ``~/.config`` not."""
        names = [*volumes]
        shared = {home, *absolute(home, _SHARED)}
        return cls((*names, *others), tuple([name for name in names if is_in(name, home) and name not in shared]))


_SHARED = (".config", ".local", ".local/share", ".local/state", ".cache", ".var", "snap", "Library")


def absolute(home: str, paths: Iterable[str]) -> list[str]:
    """Return *paths*, of which those without a leading slash are under *home*."""
    root = home.rstrip("/")
    return [path if path.startswith("/") else f"{root}/{path}" for path in paths]


def hidden(mounts: Collection[Mount], call: Invocation, facts: Facts, granted: Granted) -> list[Cover]:
    """Return what covers the caller's secrets in *mounts*, whose sources have no links.

    A secret lies where its links lead. One that is *granted* is not covered.
    """
    secrets = [path for path in absolute(call.home, call.secrets) if path in facts]
    known = {facts[path].real: facts[path].kind == "folder" for path in secrets if not _is_among(path, granted.tools)}
    named = [source for source in granted.sources if any(is_in(source, real) for real in known)]
    places = sorted([each for each in known.items() if not _is_among(each[0], named)], key=_by_parts)
    found: list[Cover] = []
    for mount in mounts:
        above = ""
        for real, folder in places:
            target = _target(real, mount, mounts)
            if not target or (above and is_in(real, above)):
                continue
            above = real if folder else above
            found.append(Cover(real, target, folder))
    return found


def outermost(covers: Collection[Cover]) -> list[Cover]:
    """Return *covers*, each place once, without those that lie in a folder that is covered as a whole."""
    folders = [cover.target for cover in covers if cover.folder]
    inner = {cover.target for cover in covers for each in folders if each != cover.target and is_in(cover.target, each)}
    return list({cover.target: cover for cover in covers if cover.target not in inner}.values())


def read_only(
    mounts: Collection[Mount], call: Invocation, facts: Facts, granted: Granted, covers: Iterable[Cover]
) -> list[Mount]:
    """Return what keeps a program from writing the caller's start-up files in *mounts*, where that is not *granted*.

    The folders on the way to one are mounts of their own: a mount cannot be renamed, nor a new one put in its place.
    """
    away = {cover.target for cover in covers}
    named = {*granted.sources}
    found: dict[str, Mount] = {}
    for mount in mounts:
        if mount.read_only or mount.kind != "bind":
            continue
        above = ""
        for real in sorted(_startup(mount, call, facts, granted.tools) - named, key=_parts):
            target = _target(real, mount, mounts)
            if not target or (above and is_in(real, above)) or any(is_in(target, each) for each in away):
                continue
            above = real
            found |= {each.target: each for each in _pins(mount, real) if each.target not in found}
            found[target] = Mount(real, target, read_only=True)
    return list(found.values())


def holder(path: str, places: Iterable[str], facts: Facts) -> str:
    """Return that of *places* which *path*, without links, is or lies in; "" where none is."""
    for place in places:
        if place in facts and is_in(path, facts[place].real):
            return place
    return ""


def is_in(path: str, folder: str) -> bool:
    """Tell whether *path* is *folder* or lies in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _startup(mount: Mount, call: Invocation, facts: Facts, tools: Iterable[str]) -> set[str]:
    """Return the start-up files that *mount* shows at the caller's own paths, without links."""
    paths = [path for path in absolute(call.home, call.startup) if path in facts and not _is_among(path, tools)]
    return {facts[path].real for path in paths if is_in(path, mount.source)}


def _is_among(path: str, folders: Iterable[str]) -> bool:
    return any(is_in(path, folder) for folder in folders)


def _target(real: str, mount: Mount, mounts: Iterable[Mount]) -> str:
    """Return where *mount* shows what lies at *real*, below its own top; "" where it does not, or another hides it."""
    if mount.kind != "bind" or real == mount.source or not is_in(real, mount.source):
        return ""
    target = _below(mount, real)
    deeper = [other.target for other in mounts if other.target != mount.target and is_in(other.target, mount.target)]
    return "" if any(is_in(target, other) for other in deeper) else target


def _pins(mount: Mount, real: str) -> Iterator[Mount]:
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
