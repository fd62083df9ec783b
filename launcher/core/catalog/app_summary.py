"""A summary of an app for lists, made from the raw tables, so that ten thousand apps are listed fast."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.merge import relevant_catalogs, resolve


class AppSummary(NamedTuple):
    """An app as a list shows it."""

    image: str
    description: str
    commands: tuple[str, ...]
    layer: str
    """The layer that its image comes from; empty if no catalog names an image."""


def summarize_app(catalogs: Sequence[Catalog], name: str) -> AppSummary:
    """Return the summary of the app *name*, equal to that of `resolve` but without checking its other keys.

    Raises `CatalogError` if it extends an unknown app, and `NotFoundError` if no catalog has it.
    """
    image = description = layer = ""
    commands: dict[str, None] = {}
    aliases: dict[str, None] = {}
    for _, catalog in relevant_catalogs(catalogs, name):
        table = catalog.apps.get(name, {})
        table = {"image": table} if isinstance(table, str) else table
        if not isinstance(table, dict) or {"extends", "build"} & {*table}:
            return _resolved(catalogs, name)
        keys = catalog.tables.get("defaults", {}) | table
        if isinstance(keys.get("image"), str):
            image, layer = keys["image"], catalog.layer
        description = keys["description"] if isinstance(keys.get("description"), str) else description
        commands |= dict.fromkeys(_words(table.get("commands")))
        aliases |= dict.fromkeys(_words(table.get("aliases")))
    own = tuple(commands) or (name,)
    return AppSummary(image, description, (*own, *(alias for alias in aliases if alias not in own)), layer)


def _resolved(catalogs: Sequence[Catalog], name: str) -> AppSummary:
    app = resolve(catalogs, name)
    image, description = app.keys.get("image", ""), app.keys.get("description", "")
    return AppSummary(image, description, app.command_names, app.origins.get("image") or app.origins.get("build", ""))


def _words(value: Any) -> list[str]:
    return [word for word in value if isinstance(word, str)] if isinstance(value, (dict, list)) else []
