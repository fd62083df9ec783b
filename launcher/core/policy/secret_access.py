"""Secrets that the caller names, or stands in: who may see them, and who may not."""

from __future__ import annotations

from launcher.core.policy import denied_mounts, masked_paths
from launcher.errors import CannotRunError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from launcher.core.catalog.entry import CatalogEntry
    from launcher.core.policy.path_args import Facts
    from launcher.core.values.invocation import Invocation
    from launcher.core.values.mount import Mount
    from launcher.core.values.run_spec import RunSpec


def secrets(  # noqa: PLR0913, PLR0917  what is shown, and all that decides whether it may be
    folder: Collection[Mount],
    asked: Collection[Mount],
    granted: Collection[str],
    entry: CatalogEntry,
    call: Invocation,
    facts: Facts,
) -> Iterator[str]:
    """Yield the secrets in the current *folder* and in what arguments *asked* for, unless a volume *granted* them.

    Raises `CannotRunError` where the catalog of somebody else decides that the program sees them.
    """
    for key, mounts in (("mount_cwd", folder), ("path_args", asked)):
        for mount in mounts:
            if any(masked_paths.is_in(mount.source, path) for path in granted):
                continue
            if not masked_paths.holder(mount.source, masked_paths.absolute(call.home, call.secrets), facts):
                continue
            if key in call.theirs:
                raise _ungranted(mount, key, entry)
            yield mount.source


def refuse_home(folder: Collection[Mount], entry: CatalogEntry, call: Invocation) -> None:
    """Raise `CannotRunError` where a remote's or a project's app would get the home, or what holds it, to write.

    That is critical, and who agreed to "the current folder" has not agreed to it.
    """
    for mount in folder if "home" in call.theirs else ():
        if not mount.read_only and masked_paths.is_in(call.home, mount.source):
            what = f"the current folder {mount.source} is or holds your home, which this app may not write"
            raise CannotRunError(
                entry.name, what, f"cd to another folder, or: applaunch override {entry.app} --mount-cwd rw"
            )


def refuse_strayed(
    said: Collection[Mount], led: Collection[Mount], entry: CatalogEntry, call: Invocation, facts: Facts
) -> None:
    """Raise `CannotRunError` where a volume of somebody else's app leads, by links, to a secret that it does not name.

    Else who may write the folder that a volume lies in could have it lead anywhere at the next call.
    """
    if "volumes" not in call.theirs:
        return
    places = masked_paths.absolute(call.home, (*call.secrets, *call.startup))
    for volume, mount in zip(said, led, strict=True):
        if volume.source == mount.source or any(masked_paths.is_in(volume.source, place) for place in places):
            continue
        if place := masked_paths.holder(mount.source, places, facts):
            what = f"the volume {volume.source} leads to {place}, which its entry does not name"
            raise CannotRunError(entry.name, what, "remove the link, or name the volume in your own catalog")


def kept(shown: Collection[Mount], asked: Collection[Mount], call: Invocation, facts: Facts) -> list[Mount]:
    """Return the mounts, read-only where the app of somebody else would write what the caller's own shell runs."""
    return [
        _kept(mount, call, facts) if key in call.theirs and not mount.read_only else mount
        for key, mounts in (("mount_cwd", shown), ("path_args", asked))
        for mount in mounts
    ]


def needs_proof(entry: CatalogEntry, call: Invocation, facts: Facts, spec: RunSpec) -> bool:
    """Tell whether paths are denied to *entry*, and more than the current folder is mounted that could be exchanged."""
    if not denied_mounts.paths(entry.deny, call.home):
        return False
    known = {fact.real for fact in facts.values()} - {call.cwd}
    return any(mount.source in known and not mount.source.startswith(_STEADY) for mount in spec.mounts)


def shows_home(call: Invocation, spec: RunSpec) -> bool:
    """Tell whether the program may make new files in the caller's home."""
    return any(not mount.read_only and masked_paths.is_in(call.home, mount.source) for mount in spec.mounts)


_STEADY = ("/etc/", "/usr/")  # nobody but root exchanges anything there


def _kept(mount: Mount, call: Invocation, facts: Facts) -> Mount:
    startup = masked_paths.holder(mount.source, masked_paths.absolute(call.home, call.startup), facts)
    return mount._replace(read_only=True) if startup else mount


def _ungranted(mount: Mount, key: str, entry: CatalogEntry) -> CannotRunError:
    from shlex import quote  # noqa: PLC0415  someone is failing

    override = f"applaunch override {entry.app}"
    if key == "mount_cwd":
        what = f"the current folder {mount.source} holds secrets, and this app may not read them"
        return CannotRunError(entry.name, what, f"to allow it: {override} --mount-cwd ro")
    what = f"{mount.target} is secret, and this app may not read it"
    volume = quote(f"{mount.source}:{mount.target}:ro")
    return CannotRunError(entry.name, what, f"to allow it: {override} --volume {volume}")
