"""An app at a glance: what lists show of it, from the raw tables, so that ten thousand apps keep nobody waiting."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.merge import counting, resolve


class Glance(NamedTuple):
    """What a list shows of an app."""

    image: str
    description: str
    commands: tuple[str, ...]
    layer: str
    """Where its image comes from; empty where no catalog says one."""


def glance(catalogs: Sequence[Catalog], name: str) -> Glance:
    """Return what `resolve` would tell of the app *name*, its other keys not looked at.

    Raises `CatalogError` where it `extends` what is not there, and `NotFoundError` where no catalog has it.
    """
    image = description = layer = ""
    commands: dict[str, None] = {}
    aliases: dict[str, None] = {}
    for _, catalog in counting(catalogs, name):
        table = catalog.apps.get(name, {})
        table = {"image": table} if isinstance(table, str) else table
        if not isinstance(table, dict) or {"extends", "build"} & {*table}:
            return _resolved(catalogs, name)
        said = catalog.tables.get("defaults", {}) | table
        if isinstance(said.get("image"), str):
            image, layer = said["image"], catalog.layer
        description = said["description"] if isinstance(said.get("description"), str) else description
        commands |= dict.fromkeys(_words(table.get("commands")))
        aliases |= dict.fromkeys(_words(table.get("aliases")))
    own = tuple(commands) or (name,)
    return Glance(image, description, (*own, *(alias for alias in aliases if alias not in own)), layer)


def _resolved(catalogs: Sequence[Catalog], name: str) -> Glance:
    app = resolve(catalogs, name)
    image, description = app.keys.get("image", ""), app.keys.get("description", "")
    return Glance(image, description, app.command_names, app.origins.get("image") or app.origins.get("build", ""))


def _words(value: Any) -> list[str]:
    return [word for word in value if isinstance(word, str)] if isinstance(value, (dict, list)) else []
