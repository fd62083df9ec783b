"""The user's own catalog with one app changed; nothing is written here."""

from collections.abc import Mapping
from typing import Any

from launcher.core.catalog import toml_edit
from launcher.core.catalog.catalog_file import Catalog
from launcher.errors import CatalogError
from launcher.host import files
from launcher.manage.context import Context
from launcher.run.catalog_set import CatalogSet

Own = tuple[Any, Any] | None
"""What that catalog says of an app, and what it will say; None if that does not change."""


def with_keys(context: Context, catalog_set: CatalogSet, name: str, keys: Mapping[str, Any]) -> tuple[CatalogSet, Own]:
    """Return the catalogs with *keys* set for the app *name* in the user's own one, and the change to that.

    Raises `CatalogError` for an invalid key or value.
    """
    path = context.places.user_catalog
    shown = context.shown(path)
    before = (
        next((each.text for each in catalog_set.catalogs if each.path == shown), files.read(path))
        or toml_edit.EMPTY_CATALOG
    )
    table = {"apps": {name: dict(keys)}}
    mine = with_typed(Catalog.parse(before, "user", shown), toml_edit.set_app_keys(before, name, keys), table, name)
    others = [catalog for catalog in catalog_set.catalogs if catalog.path != mine.path]
    at = next((at for at, catalog in enumerate(others) if catalog.rank >= mine.rank), len(others))
    was, now = toml_edit.app_table(before, name), mine.apps[name]
    return catalog_set._replace(catalogs=(*others[:at], mine, *others[at:])), None if was == now else (was, now)


def with_typed(before: Catalog, text: str, typed: Mapping[str, Any], name: str) -> Catalog:
    """Return the catalog *before* with the new *text*, which holds the tables that a person *typed*; *name* is checked.

    Raises `CatalogError`: with its line for a mistake that the file holds already, without a place for one in what was
    typed, and with the file alone where the two do not fit together.
    """
    if name in before.apps or before.is_global:
        before.app(name)
    try:
        Catalog.parse(toml_edit.new_document({"schema": 1, **typed}, "typed"), before.layer, "").app(name)
    except CatalogError as error:
        raise CatalogError("", error.what, error.fix) from None
    after = Catalog.parse(text, before.layer, before.path)
    try:
        after.app(name)
    except CatalogError as error:
        table = f"[apps.{name}]" if name else "[defaults]"
        raise CatalogError(f"{before.path}: {table}", error.what, error.fix) from None
    return after
