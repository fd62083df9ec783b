"""The deployments of each app: current, rollback target, kept, and the whole history."""

from collections.abc import Sequence
from typing import NamedTuple

from launcher.core.catalog.merge import resolve
from launcher.core.catalog.published_snapshot import with_snapshot
from launcher.core.deploy.record import Deployment, find_apps
from launcher.core.deploy.retention import rollback_numbers
from launcher.errors import EngineError, NotFoundError, UserError
from launcher.manage.context import Context
from launcher.manage.images.image_host import choose_image_host


class DeploymentStatus(NamedTuple):
    """One deployment and its role for its app."""

    deployment: Deployment
    current: bool
    rollback: bool
    kept: bool
    overrides: tuple[tuple[str, str], ...] = ()  # keys changed by local catalogs, with their layers
    present: bool | None = None  # whether its image is here; None if unknown


def list_status(context: Context, names: Sequence[str] = ()) -> list[DeploymentStatus]:
    """Return the retained deployments of the apps *names*, or of all apps, the current one first."""
    deployed = context.deployed()
    chosen = find_apps(deployed, names)
    past, kept = context.record.transactions(), context.record.kept()
    found = []
    for now in chosen:
        back = rollback_numbers(now.app, deployed, past)
        others = [each for each in context.record.deployments(now.app) if each.number in back | kept]
        found.append(DeploymentStatus(now, True, False, now.number in kept, _overrides(context, now)))
        found += [
            DeploymentStatus(each, False, each.number in back, each.number in kept)
            for each in others
            if each.number != now.number
        ]
    return found


def list_history(context: Context, name: str) -> list[DeploymentStatus]:
    """Return all deployments that an app ever had, newest first, even if it is no longer installed."""
    deployed = context.deployed()
    now = deployed.get(name) or next((each for each in deployed.values() if _has_command(each, name)), None)
    app = now.app if now else name
    every = context.record.deployments(app)
    if not every:
        raise NotFoundError(name, "was never installed", f"applaunch add {name}")
    back, kept = rollback_numbers(app, deployed, context.record.transactions()), context.record.kept()
    try:
        host = choose_image_host(context)
    except EngineError:
        host = None
    return [
        DeploymentStatus(
            now if now and now.number == each.number else each,
            now is not None and now.number == each.number,
            each.number in back,
            each.number in kept,
            present=None if host is None or not each.image_id else host.find(each) is not None,
        )
        for each in every
    ]


def _has_command(deployment: Deployment, name: str) -> bool:
    return name in [command.name for command in deployment.commands]


def _overrides(context: Context, now: Deployment) -> tuple[tuple[str, str], ...]:
    """Return the keys that are changed by other catalogs than the app's own, with their layers."""
    try:
        loaded = context.read_catalogs(published=False)
        app = resolve(with_snapshot(loaded.catalogs, now.published), now.app)
    except UserError:
        return ()
    published = {str(layer) for layer, *_ in now.published} or {now.source or "user"}
    return tuple((key, layer) for key, layer in app.origins.items() if layer not in published)
