"""A catalog's text with one app changed, or that of config.toml with one key: the comments of its author kept."""

from collections.abc import Mapping
from typing import Any

from launcher.errors import CatalogError

EMPTY = """\
# Your own catalog: what stands here wins over the built-in one. The keys are in docs/catalog.md.
schema = 1
"""


def with_app(text: str, name: str, keys: Mapping[str, Any]) -> str:
    """Return the catalog *text* with *keys* set in the table of the app *name*, made where there is none."""
    from launcher.core.values import toml  # noqa: PLC0415  only who edits waits for it

    before = toml.loads(text).get("apps", {}).get(name, {})
    return with_tables(text, {name: ({"image": before} if isinstance(before, str) else before) | dict(keys)})


def with_table(text: str, name: str, table: Mapping[str, Any]) -> str:
    """Return the TOML *text* with its top-level table *name* saying exactly that; `CatalogError` where it cannot."""
    import tomlkit  # noqa: PLC0415  as above

    from launcher.core.values import toml  # noqa: PLC0415  as above

    document = tomlkit.parse(text)
    document[name] = dict(table)
    after = tomlkit.dumps(document)
    if toml.loads(after) == {**toml.loads(text), name: dict(table)}:
        return after
    raise CatalogError("the file", f"no place for [{name}] in its form", f"write a table [{name}]")


def tables_of(text: str) -> dict[str, Any]:
    """Return what a catalog *text* says, as it stands there."""
    from launcher.core.values import toml  # noqa: PLC0415  as above

    return toml.loads(text)


def table_of(text: str, name: str) -> Any:
    """Return what the catalog *text* says of the app *name*, as it stands there; None where it says nothing."""
    return tables_of(text).get("apps", {}).get(name)


def with_tables(text: str, tables: Mapping[str, Any]) -> str:
    """Return the catalog *text* with each app of *tables* saying exactly that; one that is None is taken out.

    What was written says what was meant, or `CatalogError`: in TOML the place of a table changes its neighbours.
    """
    for name, table in tables.items():
        text = _with_table(text, name, table)
    return text


def document(tables: Mapping[str, Any], comment: str) -> str:
    """Return a catalog of these *tables*, a *comment* above them."""
    import tomlkit  # noqa: PLC0415  as above

    return f"# {comment}\n{tomlkit.dumps(tables)}"


def with_new(text: str, tables: Mapping[str, Any]) -> str:
    """Return the catalog *text* with new apps at its end, each as `rendered` shows it.

    Where its form has no place for that (its apps are one inline table) they are put as `with_tables` does.
    """
    from launcher.core.values import toml  # noqa: PLC0415  as above

    before = toml.loads(text)
    after = text.rstrip("\n") + "\n" + "".join(f"\n{rendered({name: table})}" for name, table in tables.items())
    try:
        if toml.loads(after) == {**before, "apps": {**before.get("apps", {}), **tables}}:
            return after
    except ValueError:
        pass
    return with_tables(text, tables)


def rendered(tables: Mapping[str, Any]) -> str:
    """Return the TOML of apps by themselves, as they are written into a catalog.

    Raises `CatalogError` for a text that TOML cannot hold.
    """
    import tomlkit  # noqa: PLC0415  as above

    from launcher.core.values import toml  # noqa: PLC0415  as above

    document = tomlkit.document()
    apps: Any = document.setdefault("apps", tomlkit.table(is_super_table=True))
    for name, table in tables.items():
        apps[name] = _table(table)
    said = tomlkit.dumps(document)
    if toml.loads(said) != {"apps": tables}:
        raise CatalogError("catalog.toml", f"TOML has no way to write {', '.join(tables)}", "leave out odd characters")
    return said.strip("\n") + "\n"


def _table(keys: Mapping[str, Any]) -> Any:
    """Return a table whose long arrays are broken into lines, and whose tables of values stay on theirs."""
    import tomlkit  # noqa: PLC0415  as above

    table = tomlkit.table()
    for key, value in keys.items():
        if key == "commands":
            table[key] = {name: _table(each) for name, each in value.items()}
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


_LINE = 90  # characters of an array


def _inline(value: Mapping[str, Any]) -> Any:
    import tomlkit  # noqa: PLC0415  as above

    table = tomlkit.inline_table()
    for key, each in value.items():
        table[key] = _inline(each) if isinstance(each, dict) else each
    return table


def with_setting(text: str, table: str, key: str, value: Any) -> str:
    """Return the text of config.toml with *key* set in *table*; `CatalogError` where its form has no place for it."""
    import tomlkit  # noqa: PLC0415  as above

    from launcher.core.values import toml  # noqa: PLC0415  as above

    before = toml.loads(text)
    document = tomlkit.parse(text)
    try:
        keys: Any = document.setdefault(table, tomlkit.table())
        keys[key] = value
        after = tomlkit.dumps(document)
        if toml.loads(after) == {**before, table: {**before.get(table, {}), key: value}}:
            return after
    except ValueError:
        pass
    raise CatalogError("config.toml", f"no place for {key!r} in its form", f"write its keys below [{table}]")


def _with_table(text: str, name: str, table: Any) -> str:
    import tomlkit  # noqa: PLC0415  as above

    from launcher.core.values import toml  # noqa: PLC0415  as above

    before = toml.loads(text)
    others = {app: value for app, value in before.get("apps", {}).items() if app != name}
    meant = {"apps": {}} | before | {"apps": others if table is None else others | {name: table}}
    if {"apps": {}} | before == meant:
        return text
    forms = (tomlkit.table, tomlkit.inline_table)  # the second where `apps` itself is inline or dotted
    for new_table, anew in [(form, anew) for anew in (False, True) for form in forms]:
        try:
            after = _placed(text, name, table, new_table, anew=anew)
            if {"apps": {}} | toml.loads(after) == meant:
                return after
        except (ValueError, KeyError):
            continue
    raise CatalogError("your catalog", f"no place for {name!r} in its form", f"write its apps as [apps.{name}]")


def _placed(text: str, name: str, table: Any, new_table: Any, *, anew: bool) -> str:
    import tomlkit  # noqa: PLC0415  as above

    document = tomlkit.parse(text)
    apps: Any = document.setdefault("apps", tomlkit.table(is_super_table=True))
    if table is None:
        del apps[name]
    elif isinstance(table, str):
        apps[name] = table
    else:
        if anew or not isinstance(apps.get(name), dict):  # the short form has room for nothing else
            apps.pop(name, None)
            apps[name] = new_table()
        own = apps[name]
        for key in [key for key in own if key not in table]:
            del own[key]
        for key, value in table.items():
            if key not in own or own[key] != value:
                own[key] = value
    return tomlkit.dumps(document)
