"""Compiles launch files: the entry of a command, merged over all catalogs, and the settings."""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress

from launcher.core.catalog.catalog_file import BUILT_IN, Catalog
from launcher.core.catalog.merge import ResolvedApp, owner_of, resolve
from launcher.core.catalog.published_snapshot import source_layers, with_snapshot
from launcher.core.deploy.catalog_permissions import catalog_entries
from launcher.core.deploy.record import Deployment
from launcher.core.policy.derive_permissions import describe_risky, overlapping
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import CatalogError, StateError
from launcher.host import process
from launcher.host.locations import Places
from launcher.run import catalog_set as catalogs
from launcher.run.catalog_set import CatalogSet
from launcher.run.grants import JudgedEntry, derive_grants
from launcher.state import write_launch_file
from launcher.state.launch_files import LaunchFile, LaunchSettings, is_damaged, stamp_sources


def recompile(name: str, before: LaunchFile | None, places: Places, home: str) -> LaunchFile:
    """Compile the launch file of *name*, and save it if the command is installed; raises as `compile_command`."""
    before = before or restore_damaged(name, places, home)
    now = compile_command(name, before, places, home)
    if before is not None:
        with suppress(StateError):  # in a home that cannot be written, it is compiled at each call
            write_launch_file.write(places.current, now)
    return now


def compile_command(name: str, before: LaunchFile | None, places: Places, home: str) -> LaunchFile:
    """Return the launch file of *name*, which was *before* if it is installed; then it follows local catalogs only.

    It stays on its image, unless a local catalog names another and it is not pinned. Raises `NotFoundError` if no
    catalog has the command, `CatalogError` if a catalog is invalid.
    """
    sources = stamp_sources(catalogs.watched_paths(places, published=before is None))
    catalog_set = catalogs.read_catalogs(places, home, published=before is None)
    if before is None:
        owner = owner_of(catalog_set.catalogs, name)
        return compile_uninstalled(name, owner, catalog_set, places)._replace(sources=sources)
    app = resolve(with_snapshot(catalog_set.catalogs, before.published), before.app)
    fresh = compile_app_command(name, app, catalog_set)._replace(
        sources=sources, commands=before.commands, published=before.published, pinned=before.pinned
    )
    return _held(fresh, before)


def restore_damaged(name: str, places: Places, home: str) -> LaunchFile | None:
    """Return the launch file of *name* from the record if the file on disk is damaged.

    Return None if it is not damaged, or if the record does not have the command. Raises as `read_catalogs`.
    """
    if not is_damaged(places.current, name):
        return None
    from launcher.state.transactions import Record  # noqa: PLC0415  SQLite, for the repair of a damaged file only

    try:
        deployed = Record(places.database).deployed()
    except (StateError, ValueError, TypeError):
        return None
    found = (each for each in deployed.values() if name in [command.name for command in each.commands])
    deployment = next(found, None)
    return (
        compile_deployed(name, deployment, catalogs.read_catalogs(places, home, published=False))
        if deployment
        else None
    )


def compile_uninstalled(name: str, app: ResolvedApp, catalog_set: CatalogSet, places: Places) -> LaunchFile:
    """Return the launch file of the command *name* of an *app* that is not installed; raises as `compile_command`."""
    _refuse_unsure(catalog_set, app.name, places)
    return compile_app_command(name, app, catalog_set)._replace(unasked=needs_approval(name, app, catalog_set.catalogs))


def needs_approval(name: str, app: ResolvedApp, catalogs: Iterable[Catalog]) -> str:
    """Return the permissions that remotes request for the command *name* and that need approval, in words."""
    theirs = [each for each in catalogs if each.is_published and each.layer != BUILT_IN]
    if not any(app.name in each.apps for each in theirs):
        return ""
    entry, call = app.entry(name), process.read_invocation(name, ())
    own = JudgedEntry(entry, built="build" in app.keys)
    may, *asked = derive_grants(
        [own, *(JudgedEntry(*each) for each in catalog_entries(theirs, app.name, entry.image))], call
    )
    return describe_risky(overlapping(may, [each for found in asked for each in found]))


def compile_deployed(command: str, deployment: Deployment, catalog_set: CatalogSet) -> LaunchFile:
    """Return the launch file of a *command* of a deployed app, without its sources."""
    app = resolve(with_snapshot(catalog_set.catalogs, deployment.published), deployment.app)
    names = tuple(each.name for each in deployment.commands)
    made = compile_app_command(command, app, catalog_set)
    fresh = made._replace(commands=names, published=tuple(deployment.published))
    return with_image(fresh, deployment.image, deployment.pin, deployment.tag)._replace(pinned=deployment.pinned)


def compile_app_command(name: str, app: ResolvedApp, catalog_set: CatalogSet) -> LaunchFile:
    """Return the launch file of the command *name* of *app*, without an image yet."""
    chosen = catalog_set.settings
    entry = app.entry(name, chosen.app_defaults)
    return LaunchFile(
        app=app.name,
        command=name,
        entry=entry,
        image=entry.image,
        settings=LaunchSettings(*[getattr(chosen, key) for key in LaunchSettings._fields]),
        theirs=tuple(_theirs(name, app)),
        commands=app.command_names,
    )


def _theirs(name: str, app: ResolvedApp) -> Iterator[str]:
    """Yield which of mount_cwd, path_args and volumes are decided by a published catalog or a project.

    Also yield ``home`` if a remote or a project, not the built-in catalog, decides that the current folder is mounted.
    """
    made = app.origins.get("build" if "build" in app.keys else "image", "")
    command = app.target_of(name)
    for key in ("mount_cwd", "path_args", "volumes"):
        says = app.origins.get(f"commands.{command}.{key}") or app.origins.get(key, made)
        if _is_others(made) and _is_others(says):
            yield key
            if key == "mount_cwd" and BUILT_IN not in (made, says):
                yield "home"


def _is_others(layer: str) -> bool:
    return layer == "project" or Catalog(layer, "", "", {}).is_published


def with_image(file: LaunchFile, image: str, pin: ResolvedImage, tag: str) -> LaunchFile:
    """Return *file* held on an *image*, whatever its entry names."""
    return file._replace(entry=file.entry._replace(image=image), image=image, pin=pin, tag=tag)


def _refuse_unsure(catalog_set: CatalogSet, app: str, places: Places) -> None:
    """Raise if two remotes of the same priority have the *app*, or if no new app may be used from its remote."""
    if len(tied := catalog_set.tied(app)) > 1:
        what = f"{' and '.join(tied)} have an app of that name, with the same priority"
        raise CatalogError(app, what, f"applaunch add {tied[0]}/{app}")
    origin = next(reversed(source_layers(catalog_set.catalogs, app)), "")
    for remote in catalog_set.remotes:
        if remote.name == origin:
            from launcher.run import remote_catalogs  # noqa: PLC0415  only for an app of a remote

            remote_catalogs.refuse_new(places, remote, time.time())


def _held(fresh: LaunchFile, before: LaunchFile) -> LaunchFile:
    """Return *fresh* on the image that it had, or had before an edit, if that is still the one it names."""
    if fresh.image == before.image or before.pinned:
        return with_image(fresh, before.image, before.pin, before.tag)._replace(aside=before.aside)
    if before.aside and before.aside.image == fresh.image:
        return with_image(fresh, *before.aside)
    return fresh._replace(aside=before.deployed)
