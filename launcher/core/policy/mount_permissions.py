"""The risk of each bind of an entry, assessed by the path that is really mounted."""

from typing import NamedTuple

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.policy import denied_mounts
from launcher.core.policy.key_risks import RISKS
from launcher.core.policy.path_reach import (
    MachineFacts,
    Reach,
    SensitivePath,
    is_in,
    path_forms,
    reach_of,
    real_paths,
    sensitive_paths,
    without_var_run,
)
from launcher.core.values.invocation import Invocation
from launcher.core.values.mount import Mount
from launcher.core.values.possible_values import possible_values


class AssessedBind(NamedTuple):
    """One bind of an entry: the mount as written, its possible paths with links resolved, and what those give."""

    mount: Mount
    real: tuple[str, ...]  # empty if it depends on a variable that has no value yet
    reach: Reach
    plain: bool  # the resolved path is the path as written


def assess_binds(entry: CatalogEntry, call: Invocation, machine: MachineFacts) -> list[AssessedBind]:
    """Return the binds among the entry's volumes, without denied ones."""
    denied = [path for each in denied_mounts.denied_paths(entry.deny, call.home) for path in real_paths(each, machine)]
    known = sensitive_paths(call, machine)
    found = [_assess(mount, call, machine, known) for mount in entry.volumes if mount.kind == "bind"]
    return [each for each in found if not (each.real and all(_is_in_any(path, denied) for path in each.real))]


def bind_paths(entry: CatalogEntry, call: Invocation) -> tuple[str, ...]:
    """Return the paths whose links must be resolved before the binds of an entry can be assessed."""
    binds = [mount for mount in entry.volumes if mount.kind == "bind"]
    sources = (path for mount in binds for path in _sources(mount, call) or ())
    return tuple(
        dict.fromkeys(
            form for path in (*sources, *denied_mounts.denied_paths(entry.deny, call.home)) for form in path_forms(path)
        )
    )


def _assess(mount: Mount, call: Invocation, machine: MachineFacts, known: tuple[SensitivePath, ...]) -> AssessedBind:
    sources = _sources(mount, call)
    if sources is None:
        return AssessedBind(mount, ("/",), Reach("critical", "it has too many possible paths"), plain=False)
    paths = tuple(dict.fromkeys(path for source in sources for path in real_paths(source, machine)))
    worst = Reach("high")
    for source in sources:
        found = reach_of(source, known, machine, read_only=mount.read_only)
        worst = found if RISKS.index(found.risk) > RISKS.index(worst.risk) else worst
    written = mount.source.replace("${HOME}", "~", 1).rstrip("/") or "/"
    plain = paths == (without_var_run(call.home + written[1:] if written.startswith("~") else written),)
    return AssessedBind(mount, paths, worst, plain)


def _sources(mount: Mount, call: Invocation) -> tuple[str, ...] | None:
    """Return the possible absolute paths of a source, None if there are too many; a launch refuses relative paths."""
    env = call.env if call.env.get("HOME") else {**call.env, "HOME": call.home}
    found = possible_values(mount.source, env, call.home)
    return found if found is None else tuple(each for each in found if each.startswith("/"))


def _is_in_any(path: str, folders: list[str]) -> bool:
    return any(is_in(path, folder) for folder in folders)
