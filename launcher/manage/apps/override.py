"""Overrides: the user's changes and denials for one app or all apps, on top of all catalogs."""

import contextlib
import os
from collections.abc import Mapping
from typing import Any

from launcher.core.catalog import toml_edit
from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.merge import app_names, owner_of
from launcher.core.deploy.record import find_app
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.names import check_app_name, did_you_mean
from launcher.errors import NotFoundError, UsageError
from launcher.host import files
from launcher.manage.change.user_catalog import with_typed
from launcher.manage.context import Context

EMPTY = "# Your changes and denials, on top of all catalogs; written by applaunch override.\nschema = 1\n"
_GLOBAL = "global"


def find_target(context: Context, name: str, *, future: bool) -> str:
    """Return the app *name*, or the app with that command; with *future*, any valid app name.

    Raises `NotFoundError` if there is no such app, and `UsageError` for an invalid name.
    """
    path, _ = _file_and_layer(context, name)
    if future or os.path.lexists(path):
        return name
    with contextlib.suppress(NotFoundError):
        return find_app(context.record.deployed(), name).app
    try:
        return owner_of(context.read_catalogs().catalogs, name).name
    except NotFoundError as error:
        fix = did_you_mean(name, app_names(context.read_catalogs().catalogs), "applaunch search WORD finds apps")
        raise NotFoundError(name, error.what, f"{fix} (--future for an app to come)") from None


def override_app(context: Context, app: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    """Set *keys* for *app* ("": for all) and return all its overrides; values of arrays are added.

    They apply from the next call. Raises `CatalogError` for an invalid key or value.
    """
    before = read_keys(context, app)
    return set_keys(context, app, {key: _merge_values(before.get(key), value) for key, value in keys.items()})


def set_keys(context: Context, app: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    """Set *keys* for *app* exactly; an empty array removes its key. Return all its overrides."""
    path, seen = _file_and_layer(context, app)
    with context.record.alone(context.command_line):
        text = files.read(path) or EMPTY
        after = {key: value for key, value in (_parse_table(text, app) | dict(keys)).items() if value != []}
        changed = toml_edit.set_apps(text, {app: after}) if app else toml_edit.set_table(text, "defaults", after)
        typed = {"apps": {app: dict(keys)}} if app else {"defaults": dict(keys)}
        with_typed(Catalog.parse(text, "override", seen), changed, typed, app)
        files.make_folder(os.path.dirname(path), 0o700)
        files.write(path, changed, new_mode=files.PRIVATE)
    return after


def read_keys(context: Context, app: str) -> dict[str, Any]:
    """Return the overrides of *app* ("": of all)."""
    path, _ = _file_and_layer(context, app)
    return _parse_table(files.read(path) or EMPTY, app)


def reset_keys(context: Context, app: str) -> bool:
    """Remove all overrides of *app* ("": of all); return False if there were none."""
    path, _ = _file_and_layer(context, app)
    with context.record.alone(context.command_line):
        there = os.path.lexists(path)
        files.remove(path)
    return there


def _file_and_layer(context: Context, app: str) -> tuple[str, str]:
    """Return the path of the file, and its path for display; raises `UsageError`."""
    if app:
        try:
            check_app_name(app)
        except InvalidValueError as wrong:
            raise UsageError("", wrong.what, wrong.fix) from None
    path = f"{context.places.overrides}/{f'{app}.app' if app else _GLOBAL}.toml"
    return path, context.shown(path)


def _parse_table(text: str, app: str) -> dict[str, Any]:
    table = toml_edit.app_table(text, app) if app else toml_edit.parse_tables(text).get("defaults")
    return dict(table or {})


def _merge_values(before: Any, value: Any) -> Any:
    """Return two arrays joined without duplicates; any other value is replaced."""
    if isinstance(before, list) and isinstance(value, list):
        return [*before, *(word for word in value if word not in before)]
    return value
