"""Services that extend another service of the same file, merged by compose's rules."""

from collections.abc import Mapping
from typing import Any

from launcher.core.values.invalid_value import InvalidValueError

_REPLACED = ("command", "entrypoint")
_NAMED = ("environment", "labels", "extra_hosts", "annotations", "sysctls", "depends_on", "networks")
"""Keys that are a table of names, or a list of ``NAME=text``."""
_BY_TARGET = ("volumes", "devices")
_NOT_INHERITED = ("links", "volumes_from", "depends_on")
_DEEPEST = 20


def with_extended(name: str, services: Mapping[str, Any], depth: int = 0) -> Any:
    """Return the service *name*, with the keys of the service of this file that it extends.

    A service of another file stays as it is. Raises `InvalidValueError` if it extends itself or an unknown one.
    """
    service = services[name]
    extends = service.get("extends") if isinstance(service, dict) else None
    wanted = extends.get("service") if isinstance(extends, dict) else extends
    if not isinstance(wanted, str) or (isinstance(extends, dict) and "file" in extends):
        return service
    if depth > _DEEPEST:
        raise InvalidValueError("it extends itself")
    if wanted not in services:
        raise InvalidValueError(f"it extends {wanted!r}, and the file has no such service")
    base = with_extended(wanted, services, depth + 1)
    if not isinstance(base, dict):
        raise InvalidValueError(f"it extends {wanted!r}, which is not a table")
    merged = {key: said for key, said in base.items() if key not in _NOT_INHERITED}
    for key, said in service.items():
        if key != "extends":
            merged[key] = _merge(key, merged[key], said) if key in merged else said
    return merged


def _merge(key: str, before: Any, said: Any) -> Any:
    if key in _NAMED:
        return {**_table(before), **_table(said)}
    if key in _BY_TARGET and isinstance(before, list) and isinstance(said, list):
        targets = {_target(item) for item in said}
        return [*(item for item in before if _target(item) not in targets), *said]
    if isinstance(before, list) and isinstance(said, list) and key not in _REPLACED:
        return [*before, *(item for item in said if item not in before)]
    if isinstance(before, dict) and isinstance(said, dict):
        return {**before, **said}
    return said


def _table(raw: Any) -> dict[str, Any]:
    """Return *raw* as a table; a list of ``NAME=text`` or ``NAME`` becomes one."""
    if isinstance(raw, dict):
        return raw
    pairs = [str(item).partition("=") for item in raw] if isinstance(raw, list) else []
    return {name: text if equals else None for name, equals, text in pairs}


def _target(item: Any) -> str:
    """Return the path in the container of a volume or a device."""
    if isinstance(item, dict):
        return str(item.get("target", ""))
    source, colon, rest = str(item).partition(":")
    return rest.partition(":")[0] if colon else source
