"""A merged app as one table of a catalog: the reverse of parsing."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

from launcher.core.catalog.catalog_file import Values
from launcher.core.catalog.keys import KEYS
from launcher.core.catalog.merge import ResolvedApp
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.mount import Mount
from launcher.core.values.port import ALL_PORTS


def to_table(app: ResolvedApp, image: str) -> dict[str, Any]:
    """Return the TOML table of *app* with *image*, which is complete without other apps and layers.

    Raises ValueError for a value that cannot be written so that it parses to the same value.
    """
    own = {key: value for key, value in app.keys.items() if key not in _OMITTED} | {"image": image}
    table = _table(own)
    if app.commands:
        table["commands"] = {name: _table(values, but="image") for name, values in app.commands.items()}
    return table


_OMITTED = ("extends", "build", "unexposed", "allow_shadow")
"""Keys that are resolved already, and keys that concern PATH of this machine."""

_OWN_CHOICE = ("runtime", "bubblewrap")
"""The key and value that only a user's own catalog may have."""


def _table(values: Values, but: str = "") -> dict[str, Any]:
    """Return *values* in the documented order of keys."""
    kept = [key for key in KEYS if key in values and key != but and (key, values[key]) != _OWN_CHOICE]
    return {key: _value(key, values[key]) for key in kept}


def toml_value(key: str, value: Any) -> Any:
    """Return the value of a key as it is written in a catalog: a mount as ``SOURCE:TARGET:ro``."""
    return _WRITERS.get(key, _plain)(value)


def _value(key: str, value: Any) -> Any:
    raw = toml_value(key, value)
    if KEYS[key].parse(raw) != value:
        raise ValueError(f"{key}: {value!r} cannot be written as TOML")
    return raw


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _mounts(value: tuple[Mount, ...]) -> list[Any]:
    return [_short(mount) if mount.relabel else _long(mount) for mount in value]


def _short(mount: Mount) -> str:
    """Return the short form, the only one that supports SELinux labels."""
    return f"{mount.source}:{mount.target}:{'ro,' if mount.read_only else ''}{mount.relabel}"


def _long(mount: Mount) -> Any:
    text = f"{mount.source}:{mount.target}{':ro' if mount.read_only else ''}"
    with suppress(InvalidValueError):  # a source with a colon in it needs the long form
        if mount.required and Mount.parse(text) == mount:
            return text
    optional = {} if mount.required else {"required": False}
    read_only = {"read_only": True} if mount.read_only else {}
    return {"type": mount.kind, "source": mount.source, "target": mount.target} | read_only | optional


def _variables(value: tuple[tuple[str, str | None], ...]) -> list[str]:
    return [name if literal is None else f"{name}={literal}" for name, literal in value]


def _tmpfs(value: tuple[tuple[str, str], ...]) -> list[str]:
    return [f"{path}:{options}" if options else path for path, options in value]


def _seconds(value: float) -> str:
    return f"{Decimal(repr(value)):f}s"


_WRITERS: Mapping[str, Callable[[Any], Any]] = {
    "volumes": _mounts,
    "environment": _variables,
    "labels": dict,
    "tmpfs": _tmpfs,
    "ports": lambda value: [port.text for port in value],
    "localhost": lambda value: ALL_PORTS if value == (ALL_PORTS,) else list(value),
    "ulimits": lambda value: {each.name: {"soft": each.soft, "hard": each.hard} for each in value},
    "stop_grace_period": _seconds,
    "warm": lambda value: _seconds(value) if value else "0",
}
"""Functions for the keys whose parsed value differs from the TOML value."""
