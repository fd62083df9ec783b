"""Access to secrets in the current folder and in paths named in arguments."""

from __future__ import annotations

from launcher.core.policy import denied_mounts, masked_paths
from launcher.core.values import protected_paths
from launcher.errors import CannotRunError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from launcher.core.catalog.entry import CatalogEntry
    from launcher.core.policy.path_args import PathFacts
    from launcher.core.values.invocation import Invocation
    from launcher.core.values.mount import Mount
    from launcher.core.values.run_spec import RunSpec


def exposed_secrets(
    mounts: Mapping[str, Collection[Mount]],
    granted: Collection[str],
    entry: CatalogEntry,
    call: Invocation,
    facts: PathFacts,
) -> Iterator[str]:
    """Yield the secrets in *mounts*, by the key that decides about them, unless a volume *granted* them.

    Raises `CannotRunError` if an untrusted catalog gives the program access to them.
    """
    for key, mounts_of_key in mounts.items():
        for mount in mounts_of_key:
            if any(masked_paths.is_in(mount.source, path) for path in granted):
                continue
            if not masked_paths.containing(mount.source, masked_paths.under_home(call.home, call.secrets), facts):
                continue
            if key in call.theirs:
                raise _not_granted(mount, key, entry)
            yield mount.source


def refuse_home(folder: Collection[Mount], entry: CatalogEntry, call: Invocation) -> None:
    """Raise `CannotRunError` if an app of a remote or a project could write the home or a parent of it.

    That is critical, and approval of "the current folder" does not include it.
    """
    for mount in folder if "home" in call.theirs else ():
        _refuse_home(mount, entry, call, f"applaunch override {entry.app} --mount-cwd rw")


def current_folders(
    written: Collection[Mount], resolved: Collection[Mount], entry: CatalogEntry, call: Invocation
) -> list[Mount]:
    """Return the *resolved* volumes whose source is *written* as ``${PWD}``; they follow the rules of `mount_cwd`.

    Raises `CannotRunError` if one is a system folder, or one of an untrusted app could write the home.
    """
    texts = [mount.source for mount in entry.volumes if mount.source.rstrip("/.") == _HERE]
    sources = {(call.cwd + text.removeprefix(_HERE)).rstrip("/") or "/" for text in texts}
    found = (
        [mount for mount, before in zip(resolved, written, strict=True) if before.source in sources] if sources else []
    )
    for mount in found:
        instead = f"remove the volume ${{PWD}}:{mount.target} from its entry"
        protected_paths.refuse_system(mount.source, entry.name, instead)
        if "volumes" in call.theirs:
            _refuse_home(mount, entry, call, "write the volume into your own catalog")
    return found


def _refuse_home(mount: Mount, entry: CatalogEntry, call: Invocation, instead: str) -> None:
    if not mount.read_only and masked_paths.is_in(call.home, mount.source):
        what = f"the current folder {mount.source} is or contains your home, which this app may not write"
        raise CannotRunError(entry.name, what, f"cd to another folder, or: {instead}")


def refuse_redirected_volumes(
    written: Collection[Mount], resolved: Collection[Mount], entry: CatalogEntry, call: Invocation, facts: PathFacts
) -> None:
    """Raise `CannotRunError` if links redirect a volume of an untrusted app to a secret that the volume does not name.

    Otherwise anyone who can write the volume's parent folder could redirect it at the next call.
    """
    if "volumes" not in call.theirs:
        return
    places = masked_paths.under_home(call.home, (*call.secrets, *call.startup))
    for volume, mount in zip(written, resolved, strict=True):
        if volume.source == mount.source or any(masked_paths.is_in(volume.source, place) for place in places):
            continue
        if place := masked_paths.containing(mount.source, places, facts):
            what = f"the volume {volume.source} is a link to {place}, which its entry does not name"
            raise CannotRunError(entry.name, what, "remove the link, or name the volume in your own catalog")


def protect_startup_files(
    shown: Collection[Mount], asked: Collection[Mount], call: Invocation, facts: PathFacts
) -> list[Mount]:
    """Return the mounts, with start-up files of the caller's shell read-only if the app is untrusted."""
    return [
        _protected(mount, call, facts) if key in call.theirs and not mount.read_only else mount
        for key, mounts in (("mount_cwd", shown), ("path_args", asked))
        for mount in mounts
    ]


def protect_volumes(
    volumes: Collection[Mount], here: Collection[Mount], call: Invocation, facts: PathFacts
) -> tuple[Mount, ...]:
    """Return the *volumes*, those of the current folder (*here*) as `protect_startup_files` does."""
    if not here or "volumes" not in call.theirs:
        return tuple(volumes)
    return tuple(_protected(mount, call, facts) if mount in here else mount for mount in volumes)


def may_mount_folder(path: str, call: Invocation, facts: PathFacts) -> bool:
    """Tell whether an argument that names the file *path* may have its folder mounted, to write to.

    It may not for a secret or a start-up file, and for an existing file in the home, a folder above it, one that many
    programs share, or the machine's configuration. An app of somebody else is not given the home for a new file either.
    """
    folder = facts[path.rpartition("/")[0]].real
    has_home = masked_paths.is_in(call.home, folder)
    if path not in facts:
        return not (has_home and "path_args" in call.theirs)
    real = facts[path].real
    if has_home or masked_paths.is_shared(folder, call.home) or real.startswith(ROOT_OWNED):
        return False
    places = masked_paths.under_home(call.home, (*call.secrets, *call.startup))
    return not masked_paths.containing(real, places, facts)


def needs_mount_check(entry: CatalogEntry, call: Invocation, facts: PathFacts, spec: RunSpec) -> bool:
    """Tell whether *entry* has denied paths and mounts, besides the current folder, that could be exchanged."""
    if not denied_mounts.denied_paths(entry.deny, call.home):
        return False
    known = {fact.real for fact in facts.values()} - {call.cwd}
    return any(mount.source in known and not mount.source.startswith(ROOT_OWNED) for mount in spec.mounts)


def home_is_writable(call: Invocation, spec: RunSpec) -> bool:
    """Tell whether the program may create files in the caller's home."""
    return any(not mount.read_only and masked_paths.is_in(call.home, mount.source) for mount in spec.mounts)


_HERE = "${PWD}"
ROOT_OWNED = ("/etc/", "/usr/")
"""Folders in which only root can exchange files."""


def _protected(mount: Mount, call: Invocation, facts: PathFacts) -> Mount:
    startup = masked_paths.containing(mount.source, masked_paths.under_home(call.home, call.startup), facts)
    return mount._replace(read_only=True) if startup else mount


def _not_granted(mount: Mount, key: str, entry: CatalogEntry) -> CannotRunError:
    from shlex import quote  # noqa: PLC0415  only needed for an error message

    override = f"applaunch override {entry.app}"
    if key == "mount_cwd":
        what = f"the current folder {mount.source} contains secrets, which this app may not read"
        return CannotRunError(entry.name, what, f"to allow it: {override} --mount-cwd ro")
    if key == "volumes":
        what = f"the current folder {mount.source} contains secrets, which this app may not read"
        return CannotRunError(entry.name, what, "cd to another folder, or write the volume into your own catalog")
    what = f"{mount.target} is a secret, which this app may not read"
    volume = quote(f"{mount.source}:{mount.target}:ro")
    return CannotRunError(entry.name, what, f"to allow it: {override} --volume {volume}")
