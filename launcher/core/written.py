"""A catalog's text with one app changed, the comments of its author kept."""

from collections.abc import Mapping
from typing import Any

EMPTY = """\
# Your own catalog: what stands here wins over the built-in one. The keys are in docs/catalog.md.
schema = 1
"""


def with_app(text: str, name: str, keys: Mapping[str, Any]) -> str:
    """Return the catalog *text* with *keys* set in the table of the app *name*, made where there is none."""
    import tomlkit  # noqa: PLC0415  only who edits waits for it

    document = tomlkit.parse(text)
    if "apps" not in document:
        document["apps"] = tomlkit.table(is_super_table=True)
    apps: Any = document["apps"]
    if name not in apps:
        apps[name] = tomlkit.table()
    elif isinstance(apps[name], str):  # the short form has room for nothing else
        image = str(apps[name])
        apps[name] = tomlkit.table()
        apps[name]["image"] = image
    for key, value in keys.items():
        apps[name][key] = value
    return tomlkit.dumps(document)
