"""The deployment that an app would become, according to its catalogs today."""

import hashlib
import json
from typing import Any, NamedTuple

from launcher.core.catalog.merge import ResolvedApp, resolve
from launcher.core.catalog.published_snapshot import source_layers, source_of, take_snapshot
from launcher.core.deploy.record import Command, Deployment
from launcher.core.values.duration import iso
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import NotFoundError
from launcher.manage.change.recipe import read_recipe
from launcher.manage.context import Context
from launcher.run.catalog_set import CatalogSet


class PlannedDeployment(NamedTuple):
    """A deployment that an app could become, and what the catalogs say of that app."""

    deployment: Deployment
    app: ResolvedApp


def propose_deployment(context: Context, name: str, catalog_set: CatalogSet, before: Deployment | None) -> Deployment:
    """Return the deployment that the app *name* would become now; see `plan_deployment`."""
    return plan_deployment(context, name, catalog_set, before).deployment


def plan_deployment(
    context: Context, name: str, catalog_set: CatalogSet, before: Deployment | None, *, stays: bool = True
) -> PlannedDeployment:
    """Return what the app *name* would become now: on the image it has *before*, if the catalogs still name that.

    If it *stays*, it is from the published catalog that it came from, whatever other catalogs have it now. Raises
    `NotFoundError` and `CatalogError`.
    """
    if before and stays:
        source = source_of(before.published, name)
        catalog_set = catalog_set.heard_by(before.published)
        if source and source not in source_layers(catalog_set.catalogs, name):
            fix = f"applaunch add REMOTE/{name} takes it from another"
            raise NotFoundError(name, f"came from {source}, which does not have it any more", fix)
    app = resolve(catalog_set.catalogs, name)
    entries = {command: _plain(app.entry(command).to_json()) for command in app.command_names}
    image = app.entry(app.command_names[0]).image
    recipe = read_recipe(context, app)
    made = Deployment(
        app=name,
        image=image,
        digest="",
        image_id="",
        pulled=False,
        source=app.origins.get("build" if recipe else "image", ""),
        entry_hash=_hash(entries),
        commands=_commands(context, app),
        created=iso(context.now),
        parent=before.number if before else 0,
        recipe=recipe.checksum if recipe else "",
        entries=entries,
        published=take_snapshot(catalog_set.catalogs, name),
        own=own_table(context, catalog_set, name),
        pinned=before is not None and before.pinned,
    )
    same = before is not None and (before.image, before.recipe) == (image, made.recipe)
    return PlannedDeployment(made.with_image(before.pin if before and same else ResolvedImage()), app)


def is_same(one: Deployment, other: Deployment) -> bool:
    """Return whether two deployments run the same image and entry, have the same commands and the same source."""
    return _shape(one) == _shape(other)


def own_table(context: Context, catalog_set: CatalogSet, name: str) -> Any:
    """Return what the user's own catalog.toml says of the app *name*, None if it says nothing."""
    mine = context.shown(context.places.user_catalog)
    return next(
        (_plain(each.apps[name]) for each in catalog_set.catalogs if each.path == mine and name in each.apps), None
    )


def _shape(each: Deployment) -> tuple[object, ...]:
    return each.image, each.pin, each.source, each.entry_hash, each.commands, each.own, each.recipe


def _commands(context: Context, app: ResolvedApp) -> tuple[Command, ...]:
    return tuple(Command(name, f"{context.places.bin}/{name}", app.target_of(name)) for name in app.exposed_names)


def _plain(value: Any) -> Any:
    """Return *value* as JSON gives it back, so that a stored value compares equal to a new one."""
    return json.loads(json.dumps(value, default=str))


def _hash(entries: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(list(entries.values()), sort_keys=True).encode()).hexdigest()
