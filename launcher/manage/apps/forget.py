"""Removing entries of the user's own catalog: with their app if applaunch wrote them, or when asked to."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from launcher.core.catalog import toml_edit
from launcher.core.catalog.catalog_file import Catalog
from launcher.core.deploy.record import Transaction
from launcher.core.values.names import did_you_mean
from launcher.errors import CatalogError, NotFoundError, StateError
from launcher.host import files
from launcher.manage.context import Context


class Forgotten(NamedTuple):
    """An entry that was removed, and its TOML without comments."""

    app: str
    file: str
    toml: str


def forget(context: Context, names: Sequence[str]) -> list[Forgotten]:
    """Remove the entries of *names* from the user's own catalog.toml, all or none.

    Raises `NotFoundError` for a name that is not there, `StateError` for an installed app, and `CatalogError` for an
    entry that another one extends.
    """
    with context.record.alone(context.command_line):
        path = context.places.user_catalog
        shown = context.shown(path)
        mine = Catalog.parse(files.read(path) or toml_edit.EMPTY_CATALOG, "user", shown)
        layers = [each for each in context.read_catalogs().catalogs if not each.is_published]
        deployed = context.record.deployed()
        for name in names:
            if name not in mine.apps:
                raise _unknown(name, mine, layers)
            if name in deployed:
                raise StateError(name, "is installed, and its entry with it", f"applaunch remove {name}")
            for app, file in find_extending(name, layers).items():
                if app not in names:
                    raise CatalogError(name, f"{app} of {file} extends it", "forget both, or edit that one")
        files.write(path, toml_edit.set_apps(mine.text, dict.fromkeys(names)), new_mode=files.PRIVATE)
    return [
        Forgotten(name, shown, toml_edit.render_apps({name: _table(mine.apps[name])})) for name in dict.fromkeys(names)
    ]


def find_unedited(context: Context, apps: Sequence[str]) -> dict[str, Any]:
    """Return those entries of *apps* in the user's own catalog.toml that can go with them.

    applaunch wrote them, nobody edited them since, and no app that stays extends them.
    """
    tables = toml_edit.parse_tables(files.read(context.places.user_catalog) or "").get("apps", {})
    layers = [each for each in context.read_catalogs(published=False).catalogs if not each.is_published]
    found = {
        app: tables[app]
        for app in apps
        if app in tables and is_ours(app, tables[app], context.record.transactions(app))
    }
    while needed := [app for app in found if find_extending(app, layers).keys() - found]:
        found = {app: table for app, table in found.items() if app not in needed}
    return found


def has_entry(context: Context, app: str) -> bool:
    """Return whether the user's own catalog.toml has an entry of *app*."""
    return toml_edit.app_table(files.read(context.places.user_catalog) or "", app) is not None


def is_ours(app: str, table: Any, past: Sequence[Transaction]) -> bool:
    """Return whether only transactions made the *table* of an *app*; *past* is newest first."""
    owns = [each.own for transaction in past for each in transaction.changes if each.app == app and each.own]
    for before, after in owns if table else ():
        if after != table:
            return False
        if before is None:
            return True
        table = before
    return False


def find_extending(name: str, layers: Sequence[Catalog]) -> dict[str, str]:
    """Return the apps of *layers* that extend the app *name*, each with the file that says so."""
    return {
        app: catalog.path
        for catalog in layers
        for app, table in catalog.apps.items()
        if app != name and isinstance(table, Mapping) and table.get("extends") == name
    }


def _unknown(name: str, mine: Catalog, layers: Sequence[Catalog]) -> NotFoundError:
    for each in layers:
        if name in each.apps:
            return NotFoundError(name, f"is in {each.path}", "edit that file")
    return NotFoundError(
        name, "is not in your catalog", did_you_mean(name, mine.apps, "applaunch search lists the apps")
    )


def _table(value: Any) -> dict[str, Any]:
    return {"image": value} if isinstance(value, str) else value
