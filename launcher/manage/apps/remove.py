"""Removing apps: their commands, what waited for them, and their images where nothing else needs those."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from launcher.core.deploy.record import Change, Deployment
from launcher.core.values.names import did_you_mean
from launcher.errors import EngineError, NotFoundError
from launcher.host import shims
from launcher.manage.apps import forget, gc, trash
from launcher.manage.apps.gc import NOT_OURS, Gone
from launcher.manage.change.apply_changes import switch
from launcher.manage.context import Context
from launcher.manage.run import warm_pool
from launcher.manage.run.warm_pool import Waiting

Entry = Literal["", "removed", "kept"]


class RemovedApp(NamedTuple):
    """One app that is gone."""

    app: str
    shims: tuple[str, ...]
    strangers: tuple[str, ...]  # files in the place of its shims that are not ours, and stay
    entry: Entry  # what became of its table in the user's own catalog.toml; "": there is none


class Removed(NamedTuple):
    """What one `remove` has done; without an engine, containers and images stay."""

    apps: list[RemovedApp]
    containers: list[Waiting]
    images: list[Gone]
    data: list[str]  # folders of the trash
    transaction: int


def remove(desk: Context, names: Sequence[str], *, keep_image: bool, purge: bool = False) -> Removed:
    """Take the apps *names* off this machine, the containers that wait for them, and the images only they needed.

    Their entries in the user's own catalog go too, if applaunch wrote them and nobody edited them.
    What they kept of their homes goes to the trash, or at once where it is to *purge*.
    """
    with desk.record.alone(desk.command_line):
        deployed = desk.deployed()
        going = [find(deployed, name) for name in dict.fromkeys(names)]
        entries = forget.unedited(desk, [each.app for each in going])
        told = [_told(desk, deployment, gone=deployment.app in entries) for deployment in going]
        used = [*map(desk.effective, going)]
        number = switch(desk, [_removal(each, entries) for each in going])
    containers = _containers_of(desk, going)
    images = [] if keep_image else _images_of(desk, {each.app for each in going}, used)
    data = [path for each in going if (path := trash.discard(desk, each.app, purge=purge))]
    return Removed(told, containers, images, data, number)


def find(deployed: Mapping[str, Deployment], name: str) -> Deployment:
    """Return the app *name*, or the one whose command that is; raises `NotFoundError`."""
    if name in deployed:
        return deployed[name]
    for deployment in deployed.values():
        if name in [command.name for command in deployment.commands]:
            return deployment
    raise NotFoundError(name, "is not installed", did_you_mean(name, deployed, "applaunch list shows what is"))


def _removal(deployment: Deployment, entries: Mapping[str, Any]) -> Change:
    """Return the removal of an app, and of its entry if that is one of *entries*."""
    app = deployment.app
    return Change(app, "Remove", deployment, None, (entries[app], None) if app in entries else None)


def _told(desk: Context, deployment: Deployment, *, gone: bool) -> RemovedApp:
    paths = tuple(command.shim for command in deployment.commands)
    ours = tuple(path for path in paths if shims.is_ours(path))
    strangers = tuple(path for path in paths if path not in ours)
    entry: Entry = "removed" if gone else "kept" if forget.has_entry(desk, deployment.app) else ""
    return RemovedApp(deployment.app, ours, strangers, entry)


def _containers_of(desk: Context, going: Sequence[Deployment]) -> list[Waiting]:
    """Remove the containers that wait for calls of apps now *going*; those of an engine that is away end themselves."""
    try:
        return warm_pool.cleared(desk.engine, warm_pool.of_apps(desk, [each.app for each in going]))[0]
    except EngineError:
        return []


def _images_of(desk: Context, apps: set[str], used: Sequence[Deployment]) -> list[Gone]:
    """Remove the images of all deployments of *apps* but kept ones, and what an edited catalog had them use."""
    every, stays = gc.split(desk)
    kept = {each.number for each in stays}
    going = [each for each in (*used, *every) if each.app in apps and each.number not in kept and each.image_id]
    try:
        reached = desk.engine()
        return [*gc.abandoned(desk, reached), *gc.dropped(reached, going, gc.in_use(desk, stays), every)]
    except EngineError:
        ours = {each.image for each in going if each.pulled}
        why = "no engine answers; later: applaunch gc"
        return [Gone(image, kept=why if image in ours else NOT_OURS) for image in dict.fromkeys(e.image for e in going)]
