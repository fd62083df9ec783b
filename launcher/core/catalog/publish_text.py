"""The text of a published catalog: images by digest, serial and expiry date set, comments kept."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.keys import KEYS
from launcher.core.values import toml
from launcher.errors import CatalogError

_HEADER = re.compile(r"^\[catalog\][ \t]*(?:#.*)?$\n?", re.MULTILINE)
_TABLE = re.compile(r"^\s*\[", re.MULTILINE)
_VALUE = r"""(?P<key>"[^"\n]*"|[\w.+-]+)[ \t]*=[ \t]*(?P<quote>["'])(?P<image>{images})(?P=quote)"""


def images(catalog: Catalog) -> tuple[str, ...]:
    """Return every image in *catalog*, without duplicates."""
    tables = [catalog.tables.get("defaults", {}), *(_table(each) for each in catalog.apps.values())]
    below = [keys for table in tables for keys in _commands(table)]
    found = [each["image"] for each in (*tables, *below) if isinstance(each.get("image"), str)]
    return tuple(dict.fromkeys(found))


def published_text(text: str, digests: Mapping[str, str], serial: int, expires: float) -> str:
    """Return the catalog *text* with its images replaced by *digests*, and with *serial* and expiry date set.

    *expires* is in unix seconds, 0 for never. Raises `CatalogError` if the edited text does not parse as intended.
    """
    intended = _intended(toml.loads(text), digests, serial, expires)
    after = _with_images(text if text.endswith("\n") else f"{text}\n", digests)
    after = _with_key(after, "serial", str(serial))
    day = datetime.fromtimestamp(expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if expires else ""
    after = _with_key(after, "expires", day)
    try:
        if toml.loads(after) == intended:
            return after
    except ValueError:
        pass
    fix = "write each image as: image = 'REF', and serial below [catalog], on lines of their own"
    raise CatalogError("", "cannot insert digests and serial into this catalog", fix)


def is_same_catalog(text: str, other: str) -> bool:
    """Tell whether two catalogs are equal except for their serials and expiry dates."""
    one, two = (_without_number(toml.loads(each)) for each in (text, other))
    return one == two


def _intended(tables: dict[str, Any], digests: Mapping[str, str], serial: int, expires: float) -> dict[str, Any]:
    head = {key: value for key, value in tables.get("catalog", {}).items() if key != "expires"}
    head["serial"] = serial
    if expires:
        head["expires"] = datetime.fromtimestamp(expires, UTC).replace(microsecond=0)
    apps = {name: _by_digest(table, digests) for name, table in tables.get("apps", {}).items()}
    defaults = {"defaults": _by_digest(tables["defaults"], digests)} if "defaults" in tables else {}
    return tables | {"catalog": head} | ({"apps": apps} if "apps" in tables else {}) | defaults


def _by_digest(value: Any, digests: Mapping[str, str]) -> Any:
    """Return an app's table, or its image in the short form, with every image replaced by *digests*."""
    if isinstance(value, str):
        return digests.get(value, value)
    if not isinstance(value, dict):
        return value
    result = dict(value)
    if isinstance(value.get("image"), str):
        result["image"] = digests.get(value["image"], value["image"])
    if isinstance(commands := value.get("commands"), dict):
        tables = {name: keys for name, keys in commands.items() if isinstance(keys, dict)}
        result["commands"] = commands | {name: _by_digest(keys, digests) for name, keys in tables.items()}
    return result


def _with_images(text: str, digests: Mapping[str, str]) -> str:
    if not digests:
        return text
    longest = sorted(digests, key=len, reverse=True)
    pattern = re.compile(_VALUE.format(images="|".join(map(re.escape, longest))))

    def replace(found: re.Match[str]) -> str:
        is_app = found["key"].strip('"') not in KEYS  # the short form: NAME = "IMAGE"
        start = found.start("image") - found.start()
        if found["key"] == "image" or is_app:
            return f"{found[0][:start]}{digests[found['image']]}{found['quote']}"
        return found[0]

    return pattern.sub(replace, text)


def _with_key(text: str, key: str, value: str) -> str:
    """Return *text* with *key* set in ``[catalog]``, which is added if missing; an empty *value* removes the key."""
    line = f"{key} = {value}\n" if value else ""
    header = _HEADER.search(text)
    if header is None:
        first = _TABLE.search(text)
        at = first.start() if first else len(text)
        return f"{text[:at].rstrip()}\n\n[catalog]\n{line}\n{text[at:].lstrip()}" if line else text
    end = _TABLE.search(text, header.end())
    stop = end.start() if end else len(text)
    body, there = re.subn(rf"^{key}[ \t]*=.*$\n?", lambda _: line, text[header.end() : stop], flags=re.MULTILINE)
    return text[: header.end()] + ("" if there or not line else line) + body + text[stop:]


def _without_number(tables: dict[str, Any]) -> dict[str, Any]:
    head = {key: value for key, value in tables.get("catalog", {}).items() if key not in ("serial", "expires")}
    return tables | {"catalog": head}


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"image": value}


def _commands(table: dict[str, Any]) -> list[dict[str, Any]]:
    commands = table.get("commands")
    return [keys for keys in commands.values() if isinstance(keys, dict)] if isinstance(commands, dict) else []
