"""The mounts of a program: the current folder, volumes, paths that arguments name, and masks over secrets."""

from __future__ import annotations

from launcher.core.policy import denied_mounts, masked_paths, path_args, secret_access
from launcher.core.run.expand import expand_home, expand_variables
from launcher.core.values import protected_paths
from launcher.core.values.mount import Mount
from launcher.errors import CannotRunError, CatalogError
from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeVar

    from launcher.core.catalog.entry import CatalogEntry
    from launcher.core.policy.path_args import PathFacts
    from launcher.core.run.engine_traits import EngineTraits
    from launcher.core.values.invocation import Invocation

    Placed = TypeVar("Placed", Mount, masked_paths.Mask)


_ZONES = "/usr/share/zoneinfo"
_LOCALTIME = "/etc/localtime"


class MountPlan(NamedTuple):
    """What the program sees of this machine."""

    mounts: tuple[Mount, ...]
    tmpfs: tuple[tuple[str, str], ...]  # empty folders over secret ones
    working_dir: str  # "": the image's own
    secrets: tuple[str, ...] = ()  # secrets that it sees because the caller named them or is in their folder


def inspected_paths(entry: CatalogEntry, call: Invocation) -> tuple[str, ...]:
    """Return the paths of this machine that `plan_mounts` needs facts about."""
    volumes = [mount for mount in _volumes(entry, call) if mount.kind == "bind"]
    binds = [mount.source for mount in volumes]
    binds += [f"{call.homes}/{entry.app}"] if entry.persist and call.homes else []
    folder = [path for path in (call.cwd, call.project, call.repository) if path and entry.mount_cwd != "none"]
    named = path_args.named_paths(call.args, entry.path_args, call.cwd)
    parents = [path.rpartition("/")[0] or "/" for path in named] if entry.path_args == "rw" else []
    secrets = masked_paths.under_home(call.home, call.secrets) if folder or binds or named else ()
    written = [*(folder if entry.writes_folder else []), *(each.source for each in volumes if not each.read_only)]
    near = entry.path_args == "rw" or any(_is_near(path, call.home) for path in written)
    startup = masked_paths.under_home(call.home, call.startup) if near else ()
    refused = denied_mounts.denied_paths(entry.deny, call.home)
    paths = (*binds, *folder, *named, *parents, *secrets, *startup, *_zone_files(entry, call), *refused)
    return tuple(dict.fromkeys(paths))


def _is_near(path: str, home: str) -> bool:
    return masked_paths.is_in(path, home) or masked_paths.is_in(home, path)


def plan_mounts(entry: CatalogEntry, call: Invocation, facts: PathFacts, traits: EngineTraits) -> MountPlan:
    """Decide what of this machine is mounted, and where; sources are paths with their links resolved.

    Raises `CannotRunError` where a volume's source is missing, the current folder must not be mounted, or the app of
    somebody else is given a secret that nobody granted it.
    """
    folder = tuple(_folder(entry, call, facts))
    if folder:
        protected_paths.refuse_system(call.cwd, entry.name)
        secret_access.refuse_home(folder, entry, call)
    said = tuple(_present(_volumes(entry, call), facts, entry))
    _refuse_links_of_its_own(said, entry, call, facts)
    volumes = tuple(_resolved(said, facts))
    secret_access.refuse_redirected_volumes(said, volumes, entry, call, facts)
    here = secret_access.current_folders(said, volumes, entry, call)
    volumes = secret_access.protect_volumes(volumes, here, call, facts)
    shown = (*folder, *_own_path_too(folder, entry, call))
    named = path_args.named_paths(call.args, entry.path_args, call.cwd)
    asked = path_args.argument_mounts(
        named,
        entry.path_args,
        facts,
        (*shown, *volumes),
        lambda path: secret_access.may_mount_folder(path, call, facts),
    )
    current = [mount.source for mount in here]
    granted = [mount.source for mount in volumes if mount.source not in current]
    shown_of = {"mount_cwd": folder, "path_args": asked, "volumes": here}
    secrets = tuple(secret_access.exposed_secrets(shown_of, granted, entry, call, facts))
    given = secret_access.protect_startup_files(shown, asked, call, facts)
    left = denied_mounts.remove_denied(
        (*without_taken_targets(volumes, given), *volumes), denied_mounts.denied_paths(entry.deny, call.home), facts
    )
    if folder and any(mount == folder[0] for mount in left.removed):
        fix = f"change to another folder, or see: applaunch override {entry.app} --show"
        raise CannotRunError(entry.name, f"the current folder {call.cwd} is denied to it", fix)
    taken = masked_paths.Grants.of(granted, [*current, *(mount.source for mount in (*folder, *asked))], call.home)
    hidden = masked_paths.outermost_masks(
        without_taken_targets(volumes, (*masked_paths.secret_masks(left.mounts, call, facts, taken), *left.hidden))
    )
    fixed = masked_paths.startup_mounts(left.mounts, call, facts, taken, hidden)
    zone = [Mount(facts[path].real, path, read_only=True) for path in _zone_files(entry, call) if path in facts]
    mine = [mount for mount in left.mounts if mount in volumes]
    seen = [mount for mount in left.mounts if mount not in mine]
    labelled = [_labelled(mount, call) for mount in (*seen, *mine)] if traits.selinux else [*seen, *mine]
    kept = without_taken_targets(labelled, (*fixed, *_files_hidden(hidden)))
    return MountPlan(
        mounts=(*labelled[: len(seen)], *kept, *labelled[len(seen) :], *without_taken_targets(volumes, zone)),
        tmpfs=tuple(_folders_hidden(hidden, traits)),
        working_dir=_start(folder[0], call) if folder else _working_dir(entry, call),
        secrets=secrets,
    )


def _resolved(mounts: Iterable[Mount], facts: PathFacts) -> Iterator[Mount]:
    for mount in mounts:
        there = mount.kind == "bind" and mount.source in facts
        yield mount._replace(source=facts[mount.source].real) if there else mount


def _folder(entry: CatalogEntry, call: Invocation, facts: PathFacts) -> Iterator[Mount]:
    """Yield the mount of the current folder, or those of its project, of which the first one has it."""
    if entry.mount_cwd == "none":
        return
    target = _working_dir(entry, call)
    found: tuple[Mount, ...] = ()
    if entry.mounts_project:
        from launcher.core.policy.project_mounts import project_mounts  # noqa: PLC0415  few apps

        found = tuple(project_mounts(entry, call, facts, target))
    yield from found or (Mount(call.cwd, target or call.cwd, read_only=not entry.writes_folder),)


def _start(folder: Mount, call: Invocation) -> str:
    """Return the current folder as the program sees it in the mount *folder*, which has it."""
    return folder.target.rstrip("/") + call.cwd[len(folder.source) :] or "/"


def _own_path_too(folder: tuple[Mount, ...], entry: CatalogEntry, call: Invocation) -> tuple[Mount, ...]:
    """Return *folder* at its own path too, and the current one at the shell's, as far as an argument needs that."""
    if not any(word.startswith("/") for arg in call.args for word in (arg, arg.partition("=")[2])):
        return ()
    named = path_args.named_paths(call.args, entry.path_args, call.cwd)
    linked = call.typed_cwd and not path_args.is_image_path(call.typed_cwd)
    sources = {mount.source: mount.source for mount in folder[:1]}
    if linked and not any(masked_paths.is_in(call.typed_cwd, path) for path in sources):
        sources[call.typed_cwd] = call.cwd
    needed = [path for path in sources if any(masked_paths.is_in(each, path) for each in named)]
    return tuple(
        mount._replace(source=sources[path], target=path)
        for mount in folder[:1]
        for path in needed
        if mount.target != path
    )


def _working_dir(entry: CatalogEntry, call: Invocation) -> str:
    folder = expand_home(expand_variables(entry, entry.working_dir, call), entry, call)
    if folder and not folder.startswith("/"):
        raise _relative(entry, "working_dir", entry.working_dir, folder)
    return folder


def _volumes(entry: CatalogEntry, call: Invocation) -> Iterator[Mount]:
    for mount in entry.volumes:
        source = expand_variables(entry, mount.source, call, home=call.home) if mount.kind == "bind" else mount.source
        if mount.kind == "bind" and not source.startswith("/"):
            raise _relative(entry, "volumes", mount.source, source)  # an empty one would mount the whole machine
        yield mount._replace(source=source.rstrip("/") or "/", target=expand_home(mount.target, entry, call))
    yield from persisted_mounts(entry, call)


def persisted_mounts(entry: CatalogEntry, call: Invocation) -> Iterator[Mount]:
    """Yield the persistent folders of the program's home, each below the app's folder on this machine."""
    for path in entry.persist if call.homes else ():
        kept, seen = f"{call.homes}/{entry.app}", expand_home("~/", entry, call).rstrip("/")
        yield Mount(kept, seen) if path == "." else Mount(f"{kept}/{path}", f"{seen}/{path}")


def _relative(entry: CatalogEntry, key: str, text: str, value: str) -> CatalogError:
    what = f"{key}: {text!r} comes out as {value!r}, which is no absolute path"
    return CatalogError(f"[apps.{entry.app}]", what, "set the variable to an absolute path")


def _present(volumes: Iterator[Mount], facts: PathFacts, entry: CatalogEntry) -> Iterator[Mount]:
    for mount in volumes:
        if mount.kind != "bind" or mount.source in facts:
            yield mount
        elif mount.required:
            from launcher.core.run.missing_source import fix_of  # noqa: PLC0415  someone is failing

            raise CannotRunError(entry.name, f"the volume's source {mount.source} does not exist", fix_of(mount.source))


def _refuse_links_of_its_own(
    volumes: tuple[Mount, ...], entry: CatalogEntry, call: Invocation, facts: PathFacts
) -> None:
    """Raise if a source is in a folder that the program can write, and is a link that leads out of it.

    The program may have made that link in an earlier run, to have all of this machine mounted in the next one.
    """
    kept = f"{call.homes}/{entry.app}" if entry.persist and call.homes else ""
    for folder in (*(mount.source for mount in volumes if mount.kind == "bind" and not mount.read_only), kept):
        for mount in volumes if folder else ():
            below = mount.source.startswith(f"{folder}/") and mount.source in facts and folder in facts
            if below and not f"{facts[mount.source].real}/".startswith(f"{facts[folder].real}/"):
                what = f"the volume's source {mount.source} is a link out of {folder}, where the program can make links"
                raise CannotRunError(entry.name, what, f"look where it leads: ls -ld {mount.source}")


def _zone_files(entry: CatalogEntry, call: Invocation) -> tuple[str, ...]:
    """Return the files with the caller's time zone: the one in TZ, or the machine's own."""
    if any(name == "TZ" and value is not None for name, value in entry.environment):
        return ()
    name = call.env.get("TZ", "").removeprefix(":")
    if not name:
        return () if "TZ" in call.env else (_LOCALTIME,)
    return (f"{_ZONES}/{name}",) if not name.startswith("/") and ".." not in name else ()


def _labelled(mount: Mount, call: Invocation) -> Mount:
    """Return *mount* relabelled for SELinux (z), except the home, system folders, and their parents."""
    source = mount.source
    above = call.home == source or call.home.startswith(source.rstrip("/") + "/")
    system = source == "/tmp" or any(source == folder or source.startswith(folder + "/") for folder in _UNLABELLED)
    if mount.kind != "bind" or mount.relabel or above or system:
        return mount
    return mount._replace(relabel="z")


_UNLABELLED = (
    *("/etc", "/usr", "/var", "/run", "/dev", "/proc", "/sys", "/boot", "/opt"),
    *("/bin", "/sbin", "/lib", "/lib64"),
)


def without_taken_targets(volumes: Iterable[Mount], others: Iterable[Placed]) -> list[Placed]:
    """Return those of *others* whose target no volume has: the volumes of the entry win, and no engine takes both."""
    taken = {mount.target for mount in volumes}
    return [other for other in others if other.target not in taken]


def _files_hidden(hidden: Iterable[masked_paths.Mask]) -> Iterator[Mount]:
    return (Mount("/dev/null", cover.target, read_only=True) for cover in hidden if not cover.folder)


def _folders_hidden(hidden: Iterable[masked_paths.Mask], traits: EngineTraits) -> Iterator[tuple[str, str]]:
    """Yield empty folders over the hidden ones; options keep podman from copying the content into them."""
    options = "ro,mode=0555,notmpcopyup" if traits.flavour == "podman" else "ro,mode=0555"
    return ((cover.target, options) for cover in hidden if cover.folder)
