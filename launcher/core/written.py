"""A catalog's text with one app changed, or that of config.toml with one key: the comments of its author kept."""

from collections.abc import Mapping
from typing import Any

from launcher.errors import CatalogError

EMPTY = """\
# Your own catalog: what stands here wins over the built-in one. The keys are in docs/catalog.md.
schema = 1
"""


def with_app(text: str, name: str, keys: Mapping[str, Any]) -> str:
    """Return the catalog *text* with *keys* set in the table of the app *name*, made where there is none.

    What was written says what was meant, or `CatalogError`: in TOML the place of a table changes its neighbours.
    """
    import tomllib  # noqa: PLC0415  only who edits waits for it

    import tomlkit  # noqa: PLC0415  as above

    for new_table in (tomlkit.table, tomlkit.inline_table):  # the second where `apps` itself is inline or dotted
        try:
            after = _with_app(text, name, keys, new_table)
            if tomllib.loads(after) == _meant(tomllib.loads(text), name, keys):
                return after
        except ValueError:
            continue
    raise CatalogError("your catalog", f"no place for {name!r} in its form", f"write its apps as [apps.{name}]")


def with_setting(text: str, table: str, key: str, value: Any) -> str:
    """Return the text of config.toml with *key* set in *table*; `CatalogError` where its form has no place for it."""
    import tomllib  # noqa: PLC0415  as above

    import tomlkit  # noqa: PLC0415  as above

    before = tomllib.loads(text)
    document = tomlkit.parse(text)
    try:
        keys: Any = document.setdefault(table, tomlkit.table())
        keys[key] = value
        after = tomlkit.dumps(document)
        if tomllib.loads(after) == {**before, table: {**before.get(table, {}), key: value}}:
            return after
    except ValueError:
        pass
    raise CatalogError("config.toml", f"no place for {key!r} in its form", f"write its keys below [{table}]")


def _with_app(text: str, name: str, keys: Mapping[str, Any], new_table: Any) -> str:
    import tomlkit  # noqa: PLC0415  as above

    document = tomlkit.parse(text)
    if "apps" not in document:
        document["apps"] = tomlkit.table(is_super_table=True)
    apps: Any = document["apps"]
    if name not in apps:
        apps[name] = new_table()
    elif isinstance(apps[name], str):  # the short form has room for nothing else
        image = str(apps[name])
        apps[name] = new_table()
        apps[name]["image"] = image
    for key, value in keys.items():
        apps[name][key] = value
    return tomlkit.dumps(document)


def _meant(tables: dict[str, Any], name: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    apps = tables.get("apps", {})
    before = apps.get(name, {})
    own = {"image": before} if isinstance(before, str) else before
    return {**tables, "apps": {**apps, name: {**own, **keys}}}
