"""Removing apps, and the images that nothing needs any more."""

import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from launcher.core.names import did_you_mean
from launcher.core.record import Change, Command, Deployment
from launcher.core.reference import Reference
from launcher.engine import images
from launcher.errors import EngineError, NotFound
from launcher.host import shims
from launcher.manage import waiting
from launcher.manage.desk import Desk, Undo
from launcher.manage.waiting import Waiting
from launcher.reached import Reached
from launcher.state import current as currents


class Gone(NamedTuple):
    """What became of one image: its bytes given back, or why it stays."""

    image: str
    freed: int = 0
    kept: str = ""


class RemovedApp(NamedTuple):
    """One app that is gone."""

    app: str
    shims: tuple[str, ...]
    strangers: tuple[str, ...]  # files in the place of its shims that are not ours, and stay


class Removed(NamedTuple):
    """What one `remove` has done; without an engine, containers and images stay."""

    apps: list[RemovedApp]
    containers: list[Waiting]
    images: list[Gone]
    transaction: int


class Collected(NamedTuple):
    """What one `gc` has removed, or would remove."""

    containers: list[Waiting]
    images: list[Gone]


def remove(desk: Desk, names: Sequence[str], *, keep_image: bool) -> Removed:
    """Take the apps *names* off this machine, the containers that wait for them, and the images only they needed."""
    with desk.record.alone(desk.command_line):
        deployed = desk.deployed()
        going = [_deployment(deployed, name) for name in dict.fromkeys(names)]
        told = [_told(deployment) for deployment in going]

        def work(undo: Undo) -> None:
            for deployment in going:
                for command in deployment.commands:
                    drop_command(desk, command, undo)

        used = [*map(desk.effective, going)]
        changes = [Change(deployment.app, "Remove", deployment, None) for deployment in going]
        number = desk.transact(changes, work)
    rest = [deployment for deployment in deployed.values() if deployment not in going]
    containers = _containers_of(desk, going)
    images_ = [] if keep_image else _images_of(desk, [*going, *used], [*map(desk.effective, rest), *rest])
    return Removed(told, containers, images_, number)


def drop_command(desk: Desk, command: Command, undo: Undo) -> None:
    """Take one command away: its shim, where it is ours, and its launch file."""
    known = currents.read(desk.places.current, command.name)
    if shims.is_ours(command.shim):
        undo.append(partial(shims.write, os.path.dirname(command.shim), command.name))
        shims.remove(command.shim)
    if known:
        undo.append(partial(currents.write, desk.places.current, known))
    currents.remove(desk.places.current, command.name)


def garbage(desk: Desk, *, dry_run: bool) -> Collected:
    """Remove the containers that wait in vain, and the images that applaunch pulled and no app needs.

    *dry_run* only lists them. Raises `EngineError`.
    """
    with desk.record.alone(desk.command_line):
        reached = desk.engine()
        vain = waiting.unneeded(desk)
        if dry_run:
            containers = [each.told(desk.now) for each in vain if each.idle.host == reached.endpoint.host]
        else:
            waiting.end_programs(reached, waiting.programs_left(desk))
            containers, _ = waiting.cleared(lambda: reached, vain)
        return Collected(containers, _unneeded_images(desk, reached, dry_run=dry_run))


def _unneeded_images(desk: Desk, reached: Reached, *, dry_run: bool) -> list[Gone]:
    ours = {name for deployment in _ever(desk) if deployment.pulled for name in _names(deployment)}
    apps = desk.deployed().values()
    needed = {name for each in (*apps, *map(desk.effective, apps)) for name in _names(each)}
    spares = images.unneeded(reached.client, needed, ours)
    if dry_run:
        return [Gone(spare.names[0], spare.size) for spare in spares]
    return [_removed(reached, spare.names) for spare in spares]


def _deployment(deployed: Mapping[str, Deployment], name: str) -> Deployment:
    """Return the app *name*, or the one whose command that is."""
    for deployment in deployed.values():
        if name == deployment.app:
            return deployment
    for deployment in deployed.values():
        if name in [command.name for command in deployment.commands]:
            return deployment
    raise NotFound(name, "is not installed", did_you_mean(name, deployed, "applaunch list shows what is"))


def _told(deployment: Deployment) -> RemovedApp:
    paths = tuple(command.shim for command in deployment.commands)
    ours = tuple(path for path in paths if shims.is_ours(path))
    return RemovedApp(deployment.app, ours, tuple(path for path in paths if path not in ours))


def _containers_of(desk: Desk, going: Sequence[Deployment]) -> list[Waiting]:
    """Remove the containers that wait for calls of apps now *going*; those of an engine that is away end themselves."""
    try:
        return waiting.cleared(desk.engine, waiting.of_apps(desk, [each.app for each in going]))[0]
    except EngineError:
        return []


def _images_of(desk: Desk, going: Sequence[Deployment], rest: Sequence[Deployment]) -> list[Gone]:
    """Remove the images that only the apps now *going* needed, and that we pulled."""
    needed = {deployment.image_id for deployment in rest}
    ours = [deployment for deployment in going if deployment.image_id and deployment.image_id not in needed]
    if not ours:
        return []
    try:
        reached = desk.engine()
    except EngineError:
        return [Gone(deployment.image, kept="no engine answers; later: applaunch gc") for deployment in ours]
    pulled = {deployment.image_id for deployment in _ever(desk) if deployment.pulled}
    return [
        _removed(reached, _names(deployment))
        if deployment.image_id in pulled
        else Gone(deployment.image, kept=_NOT_OURS)
        for deployment in {deployment.image_id: deployment for deployment in ours}.values()
    ]


_NOT_OURS = "it was here before applaunch"


def _removed(reached: Reached, names: Sequence[str]) -> Gone:
    """Take away every name that we gave an image, and with the last one the image."""
    gone = [images.remove(reached.client, name) for name in names]
    freed = sum(each.freed for each in gone)
    if any(each.deleted for each in gone):
        return Gone(names[0], freed)
    reasons = [each.kept for each in gone if each.kept and each.kept != "no such image"]
    still = any(each.untagged for each in gone)
    kept = reasons[0] if reasons else "another name holds it" if still else "it was gone already"
    return Gone(names[0], kept=kept)


def _names(deployment: Deployment) -> tuple[str, ...]:
    """Return the names by which an image is ours: the tag that was pulled, and its digest."""
    full = Reference.parse(deployment.image).full
    pinned = deployment.pin.reference(deployment.image)
    return tuple(dict.fromkeys((full, pinned)))


def _ever(desk: Desk) -> list[Deployment]:
    """Return every deployment that the history knows."""
    changes = [change for transaction in desk.record.transactions() for change in transaction.changes]
    sides = [side for change in changes for side in (change.before, change.after) if side]
    return [*sides, *map(desk.effective, desk.deployed().values())]
