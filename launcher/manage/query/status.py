"""How each app stands: its current deployment, what one step back is, what is kept, and all that it ever was."""

from collections.abc import Sequence
from typing import NamedTuple

from launcher.core.catalog.merge import resolve
from launcher.core.catalog.published_snapshot import with_snapshot
from launcher.core.deploy.record import Deployment, find_apps
from launcher.core.deploy.retention import rollback_numbers
from launcher.errors import EngineError, NotFoundError, UserError
from launcher.manage.change.ensure_image import find_image
from launcher.manage.context import Context


class DeploymentStatus(NamedTuple):
    """One deployment, and what it is to its app."""

    deployment: Deployment
    current: bool
    rollback: bool
    kept: bool
    overrides: tuple[tuple[str, str], ...] = ()  # keys that local catalogs change, each with its layer
    present: bool | None = None  # whether the engine has its image; None: not asked


def list_status(desk: Context, names: Sequence[str] = ()) -> list[DeploymentStatus]:
    """Return the deployments of the apps *names*, or of all, that stay: the current one of each app first."""
    deployed = desk.deployed()
    chosen = find_apps(deployed, names)
    past, kept = desk.record.transactions(), desk.record.kept()
    found = []
    for now in chosen:
        back = rollback_numbers(now.app, deployed, past)
        others = [each for each in desk.record.deployments(now.app) if each.number in back | kept]
        found.append(DeploymentStatus(now, True, False, now.number in kept, _overrides(desk, now)))
        found += [
            DeploymentStatus(each, False, each.number in back, each.number in kept)
            for each in others
            if each.number != now.number
        ]
    return found


def list_history(desk: Context, name: str) -> list[DeploymentStatus]:
    """Return every deployment that an app ever had, newest first; one that is removed has a past, too."""
    deployed = desk.deployed()
    now = deployed.get(name) or next((each for each in deployed.values() if _answers(each, name)), None)
    app = now.app if now else name
    every = desk.record.deployments(app)
    if not every:
        raise NotFoundError(name, "was never installed", f"applaunch add {name}")
    back, kept = rollback_numbers(app, deployed, desk.record.transactions()), desk.record.kept()
    try:
        reached = desk.engine()
    except EngineError:
        reached = None
    return [
        DeploymentStatus(
            now if now and now.number == each.number else each,
            now is not None and now.number == each.number,
            each.number in back,
            each.number in kept,
            present=None if reached is None or not each.image_id else find_image(reached, each) is not None,
        )
        for each in every
    ]


def _answers(deployment: Deployment, name: str) -> bool:
    return name in [command.name for command in deployment.commands]


def _overrides(desk: Context, now: Deployment) -> tuple[tuple[str, str], ...]:
    """Return the keys that other catalogs change than the one the app is from, each with its layer."""
    try:
        shelf = desk.read_catalogs(published=False)
        app = resolve(with_snapshot(shelf.catalogs, now.published), now.app)
    except UserError:
        return ()
    theirs = {str(layer) for layer, *_ in now.published} or {now.source or "user"}
    return tuple((key, layer) for key, layer in app.origins.items() if layer not in theirs)
