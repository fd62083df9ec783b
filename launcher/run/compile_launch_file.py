"""What a launch reads: an entry merged over all catalogs, and the settings, in one small file for each command."""

import time
from collections.abc import Iterable, Iterator

from launcher.core.catalog.catalog_file import BUILT_IN, Catalog
from launcher.core.catalog.merge import ResolvedApp, owner_of, resolve
from launcher.core.catalog.published_snapshot import source_layers, with_snapshot
from launcher.core.deploy.catalog_permissions import wished
from launcher.core.deploy.record import Deployment
from launcher.core.policy.derive_permissions import describe_risky, overlapping
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import CatalogError, StateError
from launcher.host import process
from launcher.host.locations import Places
from launcher.run import catalog_set as catalogs
from launcher.run.catalog_set import CatalogSet
from launcher.run.grants import Judged, granted
from launcher.state.launch_files import LaunchFile, is_damaged, stamp


def compiled(name: str, before: LaunchFile | None, places: Places, home: str) -> LaunchFile:
    """Return what *name* stands for now; one that is installed was so *before*, and listens to local catalogs only.

    It stays on its image, unless a local catalog names another and it is not pinned. Raises `NotFoundError` if no
    catalog knows the name, `CatalogError` if one is invalid.
    """
    sources = stamp(catalogs.watched(places, published=before is None))
    shelf = catalogs.read(places, home, published=before is None)
    if before is None:
        return not_installed(name, owner_of(shelf.catalogs, name), shelf, places)._replace(sources=sources)
    app = resolve(with_snapshot(shelf.catalogs, before.published), before.app)
    fresh = current_of(name, app, shelf)._replace(
        sources=sources, commands=before.commands, published=before.published, pinned=before.pinned
    )
    return _held(fresh, before)


def restored(name: str, places: Places, home: str) -> LaunchFile | None:
    """Return what the record says of the command *name*, whose launch file is damaged.

    None where that file is not damaged, or where the record does not know the command. Raises as `catalogs.read`.
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
    return installed(name, deployment, catalogs.read(places, home, published=False)) if deployment else None


def not_installed(name: str, app: ResolvedApp, shelf: CatalogSet, places: Places) -> LaunchFile:
    """Return what the command *name* of *app* stands for, which no transaction has brought; raises as `compiled`."""
    _refuse_unsure(shelf, app.name, places)
    return current_of(name, app, shelf)._replace(unasked=unasked(name, app, shelf.catalogs))


def unasked(name: str, app: ResolvedApp, catalogs: Iterable[Catalog]) -> str:
    """Return what the command *name* of *app* may do that remotes ask for and a person has to allow, in words."""
    theirs = [each for each in catalogs if each.is_published and each.layer != BUILT_IN]
    if not any(app.name in each.apps for each in theirs):
        return ""
    entry, call = app.entry(name), process.read_invocation(name, ())
    own = Judged(entry, built="build" in app.keys)
    may, *asked = granted([own, *(Judged(*each) for each in wished(theirs, app.name, entry.image))], call)
    return describe_risky(overlapping(may, [each for found in asked for each in found]))


def installed(command: str, deployment: Deployment, shelf: CatalogSet) -> LaunchFile:
    """Return the launch file of a *command* of an app that is deployed; it was compiled from nothing yet."""
    app = resolve(with_snapshot(shelf.catalogs, deployment.published), deployment.app)
    names = tuple(each.name for each in deployment.commands)
    fresh = current_of(command, app, shelf)._replace(commands=names, published=tuple(deployment.published))
    return on_image(fresh, deployment.image, deployment.pin, deployment.tag)._replace(pinned=deployment.pinned)


def current_of(name: str, app: ResolvedApp, shelf: CatalogSet) -> LaunchFile:
    """Return the launch file of the command *name* of *app*, held on no image yet."""
    chosen = shelf.settings
    entry = app.entry(name, chosen.app_defaults)
    return LaunchFile(
        app=app.name,
        command=name,
        entry={
            "entry": entry.to_json(),
            "autostart": chosen.autostart,
            "arguments": chosen.arguments,
            "cover": chosen.cover,
            "show": chosen.show,
            "idle": chosen.warm_idle,
            "theirs": list(_theirs(name, app)),
        },
        image=entry.image,
        commands=app.command_names,
    )


def _theirs(name: str, app: ResolvedApp) -> Iterator[str]:
    """Yield those of mount_cwd, path_args and volumes that others decide about an app of theirs.

    And ``home`` where a remote or a project, not applaunch's own catalog, decides that it sees the current folder.
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


def on_image(current: LaunchFile, image: str, pin: ResolvedImage, tag: str) -> LaunchFile:
    """Return *current* held on an *image*, whatever its entry names."""
    entry = current.entry | {"entry": current.entry["entry"] | {"image": image}}
    return current.held_on(pin)._replace(entry=entry, image=image, tag=tag)


def _refuse_unsure(shelf: CatalogSet, app: str, places: Places) -> None:
    """Raise where it is not sure which remote the *app* is of, or where nothing new may come from that one."""
    if len(tied := shelf.tied(app)) > 1:
        what = f"{' and '.join(tied)} have an app of that name, with the same priority"
        raise CatalogError(app, what, f"applaunch add {tied[0]}/{app}")
    origin = next(reversed(source_layers(shelf.catalogs, app)), "")
    for remote in shelf.remotes:
        if remote.name == origin:
            from launcher.run import remote_catalogs  # noqa: PLC0415  only for an app of theirs

            remote_catalogs.refuse_new(places, remote, time.time())


def _held(fresh: LaunchFile, before: LaunchFile) -> LaunchFile:
    """Return *fresh* on the image that it had, or had before an edit, where that is still the one."""
    had = (before.image, before.pin, before.tag)
    if fresh.image == before.image or before.pinned:
        return on_image(fresh, *had)._replace(aside=before.aside)
    if before.aside and before.aside[0] == fresh.image:
        image, pin, tag = before.aside
        return on_image(fresh, image, ResolvedImage(*pin), tag)
    return fresh._replace(aside=before.aside or had)
