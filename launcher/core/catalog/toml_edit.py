"""Edits of a catalog's text or of config.toml that keep the author's comments."""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from launcher.core.values import toml
from launcher.errors import CatalogError

EMPTY_CATALOG = """\
# Your own catalog: entries here override the built-in one. docs/catalog.md describes the keys.
schema = 1
"""
_LINE = 90  # characters of an array


def set_app_keys(text: str, name: str, keys: Mapping[str, Any]) -> str:
    """Return the catalog *text* with *keys* set in the table of the app *name*, which is added if missing."""
    before = toml.loads(text).get("apps", {}).get(name, {})
    return set_apps(text, {name: ({"image": before} if isinstance(before, str) else before) | dict(keys)})


def set_table(text: str, name: str, table: Mapping[str, Any]) -> str:
    """Return the TOML *text* with *table* as its top-level table *name*; raises `CatalogError` if that fails."""
    tomlkit = _tomlkit()
    document = tomlkit.parse(text)
    document[name] = dict(table)
    after: str = tomlkit.dumps(document)
    if toml.loads(after) == {**toml.loads(text), name: dict(table)}:
        return after
    raise CatalogError("the file", f"cannot insert [{name}]", f"write a table [{name}]")


def parse_tables(text: str) -> dict[str, Any]:
    """Return the tables of a catalog *text* as they are."""
    return toml.loads(text)


def app_table(text: str, name: str) -> Any:
    """Return the table of the app *name* in the catalog *text* as it is; None if there is none."""
    return parse_tables(text).get("apps", {}).get(name)


def set_apps(text: str, tables: Mapping[str, Any]) -> str:
    """Return the catalog *text* with each app of *tables* replaced by its table; None removes the app.

    Raises `CatalogError` if the edited text does not parse as intended: in TOML, the position of a table can change
    the meaning of others.
    """
    for name, table in tables.items():
        text = _set_app(text, name, table)
    return text


def new_document(tables: Mapping[str, Any], comment: str) -> str:
    """Return a catalog with these *tables* below a *comment*."""
    text: str = _tomlkit().dumps(tables)
    return f"# {comment}\n{text}"


def append_apps(text: str, tables: Mapping[str, Any]) -> str:
    """Return the catalog *text* with new apps appended, each as `render_apps` formats it.

    If that is not possible, because all apps are in one inline table, the apps are inserted with `set_apps`.
    """
    before = toml.loads(text)
    after = text.rstrip("\n") + "\n" + "".join(f"\n{render_apps({name: table})}" for name, table in tables.items())
    try:
        if toml.loads(after) == {**before, "apps": {**before.get("apps", {}), **tables}}:
            return after
    except ValueError:
        pass
    return set_apps(text, tables)


def render_apps(tables: Mapping[str, Any]) -> str:
    """Return the TOML of apps, formatted as for a catalog; raises `CatalogError` for text that TOML cannot contain."""
    tomlkit = _tomlkit()
    document = tomlkit.document()
    apps = document.setdefault("apps", tomlkit.table(is_super_table=True))
    for name, table in tables.items():
        apps[name] = _format_table(table)
    text: str = tomlkit.dumps(document)
    if toml.loads(text) != {"apps": tables}:
        fix = "leave out unusual characters"
        raise CatalogError("catalog.toml", f"{', '.join(tables)} cannot be written as TOML", fix)
    return text.strip("\n") + "\n"


def set_setting(text: str, table: str, key: str, value: Any) -> str:
    """Return the text of config.toml with *key* set in *table*; raises `CatalogError` if that fails."""
    tomlkit = _tomlkit()
    before = toml.loads(text)
    document = tomlkit.parse(text)
    try:
        keys = document.setdefault(table, tomlkit.table())
        keys[key] = value
        after: str = tomlkit.dumps(document)
        if toml.loads(after) == {**before, table: {**before.get(table, {}), key: value}}:
            return after
    except ValueError:
        pass
    raise CatalogError("config.toml", f"cannot insert {key!r}", f"write its keys below [{table}]")


def _format_table(keys: Mapping[str, Any]) -> Any:
    """Return a table with long arrays broken into lines, and with tables of values inline."""
    tomlkit = _tomlkit()
    table = tomlkit.table()
    for key, value in keys.items():
        if key == "commands":
            table[key] = {name: _format_table(each) for name, each in value.items()}
        elif isinstance(value, dict):
            table[key] = _inline(value)
        elif isinstance(value, list):
            array = tomlkit.array()
            for item in value:
                array.append(_inline(item) if isinstance(item, dict) else item)
            table[key] = array.multiline(len(array.as_string()) > _LINE)
        else:
            table[key] = value
    return table


def _inline(value: Mapping[str, Any]) -> Any:
    table = _tomlkit().inline_table()
    for key, each in value.items():
        table[key] = _inline(each) if isinstance(each, dict) else each
    return table


def _set_app(text: str, name: str, table: Any) -> str:
    tomlkit = _tomlkit()
    before = toml.loads(text)
    others = {app: value for app, value in before.get("apps", {}).items() if app != name}
    intended = {"apps": {}} | before | {"apps": others if table is None else others | {name: table}}
    if {"apps": {}} | before == intended:
        return text
    forms = (tomlkit.table, tomlkit.inline_table)  # inline if `apps` itself is inline or dotted
    for new_table, replace in [(form, replace) for replace in (False, True) for form in forms]:
        try:
            after = _edit_app(text, name, table, new_table, replace=replace)
            if {"apps": {}} | toml.loads(after) == intended:
                return after
        except (ValueError, KeyError):
            continue
    raise CatalogError("your catalog", f"cannot insert {name!r}", f"write its apps as [apps.{name}]")


def _edit_app(text: str, name: str, table: Any, new_table: Any, *, replace: bool) -> str:
    tomlkit = _tomlkit()
    document = tomlkit.parse(text)
    apps = document.setdefault("apps", tomlkit.table(is_super_table=True))
    if table is None:
        del apps[name]
    elif isinstance(table, str):
        apps[name] = table
    else:
        if replace or not isinstance(apps.get(name), dict):  # the short form cannot hold other keys
            apps.pop(name, None)
            apps[name] = new_table()
        own = apps[name]
        for key in [key for key in own if key not in table]:
            del own[key]
        for key, value in table.items():
            if key not in own or own[key] != value:
                own[key] = value
    text_after: str = tomlkit.dumps(document)
    return text_after


def _tomlkit() -> ModuleType:
    import tomlkit  # noqa: PLC0415  slow to import (150 ms), and most commands never edit a file

    return tomlkit
