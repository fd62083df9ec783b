"""The folders and files of this machine that an entry mounts, each judged by what is really mounted."""

from typing import NamedTuple

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.policy import denied_mounts
from launcher.core.policy.key_risks import RISKS
from launcher.core.policy.path_reach import Ground, Place, Reach, forms, is_in, places, reach, real, unaliased
from launcher.core.values.invocation import Invocation
from launcher.core.values.mount import Mount
from launcher.core.values.possible_values import possible_values


class Bound(NamedTuple):
    """One bind of an entry: its mount as it is written, where it may lead without links, and what that gives."""

    mount: Mount
    real: tuple[str, ...]  # empty if it depends on a variable that has no value yet
    reach: Reach
    plain: bool  # it leads where its text says


def bound(entry: CatalogEntry, call: Invocation, ground: Ground) -> list[Bound]:
    """Return the binds among the entry's volumes, without those that are denied to it."""
    refused = [path for each in denied_mounts.paths(entry.deny, call.home) for path in real(each, ground)]
    known = places(call, ground)
    found = [_judged(mount, call, ground, known) for mount in entry.volumes if mount.kind == "bind"]
    return [each for each in found if not (each.real and all(_is_in_any(path, refused) for path in each.real))]


def bind_paths(entry: CatalogEntry, call: Invocation) -> tuple[str, ...]:
    """Return the paths that must be known without links before the binds of an entry can be judged."""
    binds = [mount for mount in entry.volumes if mount.kind == "bind"]
    sources = (path for mount in binds for path in _sources(mount, call) or ())
    return tuple(
        dict.fromkeys(form for path in (*sources, *denied_mounts.paths(entry.deny, call.home)) for form in forms(path))
    )


def _judged(mount: Mount, call: Invocation, ground: Ground, known: tuple[Place, ...]) -> Bound:
    sources = _sources(mount, call)
    if sources is None:
        return Bound(mount, ("/",), Reach("critical", "nobody can tell where it leads"), plain=False)
    paths = tuple(dict.fromkeys(path for source in sources for path in real(source, ground)))
    worst = Reach("high")
    for source in sources:
        found = reach(source, known, ground, read_only=mount.read_only)
        worst = found if RISKS.index(found.risk) > RISKS.index(worst.risk) else worst
    written = mount.source.replace("${HOME}", "~", 1).rstrip("/") or "/"
    plain = paths == (unaliased(call.home + written[1:] if written.startswith("~") else written),)
    return Bound(mount, paths, worst, plain)


def _sources(mount: Mount, call: Invocation) -> tuple[str, ...] | None:
    """Return the absolute paths that a source may come out as; a launch refuses any other."""
    env = call.env if call.env.get("HOME") else {**call.env, "HOME": call.home}
    found = possible_values(mount.source, env, call.home)
    return found if found is None else tuple(each for each in found if each.startswith("/"))


def _is_in_any(path: str, folders: list[str]) -> bool:
    return any(is_in(path, folder) for folder in folders)
