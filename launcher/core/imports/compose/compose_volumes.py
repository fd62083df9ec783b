"""Volumes and ports of a compose service, in their short and long forms."""

from collections.abc import Iterator, Mapping
from typing import Any

from launcher.core.imports.compose import field_readers
from launcher.core.imports.docker import mount_options
from launcher.core.imports.docker.file_variables import parse_value, resolve_relative, settle
from launcher.core.imports.docker.option_converters import CONVERTERS as OPTIONS
from launcher.core.imports.docker.option_converters import Converted
from launcher.core.imports.docker.option_values import Caller, Value, join_values, text_value
from launcher.core.values.invalid_value import InvalidValueError

_NO_FOLDER = "a missing source is an error, not a folder created by root"
_PROJECT = "under this exact name; compose adds the project's name as a prefix"


def volumes(raw: Any, caller: Caller) -> list[Converted]:
    """Read a service's `volumes`; raises `InvalidValueError`."""
    if not isinstance(raw, list):
        raise InvalidValueError("is not a list of volumes")
    return field_readers.each_item(raw, lambda item: _volume(item, caller))


def _volume(item: Any, caller: Caller) -> Converted:
    if isinstance(item, dict):
        return _long_volume(item, caller)
    said = parse_value(field_readers.text(item))
    source = said.split(":")[0]
    is_named = source.kinds == ("text",) and not source.pieces[0].text.startswith(("/", ".", "~"))
    bind = mount_options.short(said)._replace(source=resolve_relative(source, caller))
    return Converted(bind=bind, why=_PROJECT if is_named else "", source=said.source)


def _long_volume(item: Mapping[str, Any], caller: Caller) -> Converted:
    """Read compose's long form by translating it to docker's ``--mount``."""
    rest = dict(item)
    why = _NO_FOLDER if _table(item, "bind").get("create_host_path") else ""
    parts = [(name, rest.pop(name)) for name in ("type", "source", "target") if name in rest]
    said = [join_values([text_value(name), parse_value(field_readers.text(raw))], "=") for name, raw in parts]
    if rest.pop("read_only", False) is True:
        said.append(text_value("readonly"))
    said += [text_value(each) for each in _details(rest)]
    if rest:
        raise InvalidValueError(f"its part {next(iter(rest))!r} is not supported")
    found = mount_options.long(join_values(said, ","))
    if not isinstance(found, mount_options.Bind):
        return Converted({"tmpfs": [":".join(filter(None, found))]}, source=field_readers.text(item.get("target", "")))
    source = resolve_relative(parse_value(field_readers.text(item.get("source", ""))), caller)
    shown = f"{field_readers.text(item.get('source', ''))}:{field_readers.text(item.get('target', ''))}"
    return Converted(bind=found._replace(source=source), why=why, source=shown)


def _details(rest: dict[str, Any]) -> Iterator[str]:
    """Remove the options of a type from *rest*, and yield them as ``--mount`` has them."""
    bind, tmpfs, volume = (_table(rest, name) for name in ("bind", "tmpfs", "volume"))
    if "selinux" in bind:
        label = field_readers.text(bind["selinux"])
        yield f"relabel={_LABELS.get(label, label)}"
    for name, raw in tmpfs.items():
        yield f"tmpfs-{name}={f'{raw:o}' if name == 'mode' and isinstance(raw, int) else field_readers.text(raw)}"
    if "consistency" in rest:
        yield f"consistency={field_readers.text(rest.pop('consistency'))}"
    if others := [name for name in (*bind, *volume) if name not in ("selinux", "create_host_path")]:
        raise InvalidValueError(f"its part {others[0]!r} is not supported")
    for name in ("bind", "tmpfs", "volume"):
        rest.pop(name, None)


_LABELS = {"z": "shared", "Z": "private"}


def _table(item: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the options of a type, empty if there are none."""
    found = item.get(name) or {}
    if not isinstance(found, dict):
        raise InvalidValueError(f"its part {name!r} is not a table")
    return found


def ports(raw: Any, caller: Caller) -> list[Converted]:
    """Read a service's `ports`; raises `InvalidValueError`."""
    if not isinstance(raw, list):
        raise InvalidValueError("is not a list of ports")
    return field_readers.each_item(raw, lambda item: _port(item, caller))


def _port(item: Any, caller: Caller) -> Converted:
    said = parse_value(field_readers.text(item)) if not isinstance(item, dict) else _long_port(item)
    settled, default = settle(said)
    gift = OPTIONS["publish"](settled, caller)._replace(source=said.source)
    others = [name for name in _IDLE if isinstance(item, dict) and name in item]
    return gift._replace(
        why="; ".join(filter(None, (gift.why, default, f"{', '.join(others)}: of no effect" if others else "")))
    )


_IDLE = ("mode", "name", "app_protocol")
"""Parts of a port's long form that have no effect here: for people, or for swarms."""


def _long_port(item: Mapping[str, Any]) -> Value:
    rest = {key: raw for key, raw in item.items() if key not in _IDLE}
    ip, published, target = (field_readers.text(rest.pop(key, "")) for key in ("host_ip", "published", "target"))
    protocol = field_readers.text(rest.pop("protocol", "tcp"))
    if rest:
        raise InvalidValueError(f"its part {next(iter(rest))!r} is not supported")
    address = f"[{ip}]" if ":" in ip else ip
    said = ":".join([*([address] if ip else []), *([published] if published or ip else []), target])
    return parse_value(said if protocol == "tcp" else f"{said}/{protocol}")
