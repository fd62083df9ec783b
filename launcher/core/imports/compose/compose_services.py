"""Services of a compose file as entries: the catalog uses compose's keys, so most are copied."""

from collections.abc import Mapping
from typing import Any

from launcher.core.imports.compose import field_readers
from launcher.core.imports.compose.compose_build import build
from launcher.core.imports.compose.compose_extends import with_extended
from launcher.core.imports.compose.compose_keys import FILE, NOT_CARRIED
from launcher.core.imports.compose.compose_settings import with_environment, with_settings
from launcher.core.imports.compose.compose_volumes import ports, volumes
from launcher.core.imports.compose.field_readers import Field, carried
from launcher.core.imports.docker.file_variables import parse_value, settle, split_command
from launcher.core.imports.docker.option_converters import CONVERTERS as OPTIONS
from launcher.core.imports.docker.option_converters import Converted
from launcher.core.imports.docker.option_values import Caller, text_value
from launcher.core.imports.docker.proposal import Found, Proposal, Skipped, check_names, command_table, sort_keys
from launcher.core.imports.reasons import OTHER_CONTAINER
from launcher.core.values.invalid_value import InvalidValueError


def from_compose(
    file: Mapping[str, Any], origin: str, caller: Caller, settings: Mapping[str, str] | None = None
) -> Found:
    """Read the services of *file*; a path that begins with a dot is relative to the caller's *folder*.

    *settings* are the variables of the ``.env`` file beside it: they become the defaults of compose's variables.
    """
    proposals: list[Proposal] = []
    others = [Skipped(origin, 0, key, "", _of_file(key)) for key in file if key != "services"]
    services = file.get("services")
    if not isinstance(services, dict):
        return Found((), (*others, Skipped(origin, 0, "services", "", "is not a table of services")))
    for name in services:
        try:
            service = with_environment(with_extended(name, services), settings or {})
            proposals.append(_proposal(name, with_settings(service, settings or {}), origin, caller))
        except InvalidValueError as wrong:
            others.append(Skipped(origin, 0, str(name), "", str(wrong)))
    return Found(tuple(proposals), tuple(others))


def _of_file(key: str) -> str:
    return "is for other tools" if key.startswith("x-") else FILE.get(key, "no such key of compose is known")


def _proposal(name: str, service: Any, origin: str, caller: Caller) -> Proposal:
    if not isinstance(service, dict):
        raise InvalidValueError("is not a table")
    table, notes = field_readers.read(service, FIELDS, caller)
    if service.get("build") is not None and "build" not in table:
        wrong = next((note.why for note in notes if note.part.startswith("build")), "it cannot be carried")
        others = "; without its build, the image would be somebody else's of that name" if "image" in service else ""
        raise InvalidValueError(f"{wrong}{others}")
    if not {"image", "build"} & {*table}:
        raise InvalidValueError(
            next((note.why for note in notes if note.part.startswith(("build", "image"))), "it names no image")
        )
    if {"image", "build"} <= {*table}:
        del table["image"]
        notes = [note._replace(fate="explained", key="", why=_NAMED) if note.key == "image" else note for note in notes]
    app, own = check_names(name)
    table = sort_keys({"user": "image", "path_args": "none"} | table)
    return Proposal(app, table | command_table(app, own, table), tuple(notes), origin)


_NAMED = "is how compose would call what it builds"


def _constant(raw: Any, caller: Caller) -> str:
    return _settled(raw, caller)[0]


def _settled(raw: Any, caller: Caller) -> tuple[str, str]:
    """Return *raw* as constant text, with the defaults of its variables, and a remark about them."""
    value, why = settle(parse_value(field_readers.text(raw)))
    return value.constant(caller), why


def _text(key: str) -> Field:
    def read(raw: Any, caller: Caller) -> list[Converted]:
        said, why = _settled(raw, caller)
        return [Converted({key: said}, why=why)]

    return carried(key, read)


def _texts(key: str) -> Field:
    def read_item(item: Any, caller: Caller) -> Converted:
        said, why = _settled(item, caller)
        return Converted({key: [said]}, why=why, source=field_readers.text(item))

    def read(raw: Any, caller: Caller) -> list[Converted]:
        return field_readers.each_item(_as_list(raw), lambda item: read_item(item, caller))

    return carried(key, read)


def _as_list(raw: Any) -> list[Any]:
    return raw if isinstance(raw, list) else [raw]


def _options(key: str, option: str) -> Field:
    return carried(key, field_readers.each_option(option, parse_value))


def _pairs(key: str, option: str) -> Field:
    """Return a field for a table of names and texts, or a list of ``NAME=text`` or ``NAME``."""

    def read(raw: Any, caller: Caller) -> list[Converted]:
        if isinstance(raw, dict):
            items = [str(name) if said is None else f"{name}={field_readers.text(said)}" for name, said in raw.items()]
        else:
            items = field_readers.strings(raw)
        return field_readers.each_item(
            items, lambda item: OPTIONS[option](parse_value(item), caller)._replace(source=item)
        )

    return carried(key, read)


def _words(key: str) -> Field:
    """Return a field for a command: an array of words, or a string that compose splits into words."""

    def read(raw: Any, caller: Caller) -> list[Converted]:
        if raw is None:
            return []
        said = [_settled(item, caller) for item in _as_list(raw)]
        items = split_command(said[0][0]) if isinstance(raw, str) else [word for word, _ in said]
        return [Converted({key: items}, why="; ".join(dict.fromkeys(why for _, why in said if why)))]

    return carried(key, read)


def _flag(key: str, *, default: bool) -> Field:
    def read(raw: Any, _: Caller) -> list[Converted]:
        return [] if field_readers.is_true(raw) == default else [Converted({key: raw})]

    return carried(key, read)


def _image(raw: Any, caller: Caller) -> list[Converted]:
    said, why = _settled(raw, caller)
    return [Converted({"image": field_readers.image(said)}, why=why)]


_ADD_HOST = field_readers.each_option("add-host", parse_value)


def _hosts(raw: Any, caller: Caller) -> list[Converted]:
    if isinstance(raw, dict):
        items = [f"{name}={address}" for name, said in raw.items() for address in field_readers.strings(said)]
    else:
        items = field_readers.strings(raw)
    return _ADD_HOST(items, caller)


def _user(raw: Any, caller: Caller) -> list[Converted]:
    return [OPTIONS["user"](parse_value(field_readers.text(raw)), caller)]


def _working_dir(raw: Any, _: Caller) -> list[Converted]:
    return [Converted({"working_dir": parse_value(field_readers.text(raw))})]


def _network(raw: Any, caller: Caller) -> list[Converted]:
    text = _constant(raw, caller)
    if text.startswith("service:"):
        raise InvalidValueError(OTHER_CONTAINER)
    return [OPTIONS["network"](text_value(text), caller)]


def _networks(raw: Any, _: Caller) -> list[Converted]:
    joined_ones = [*raw] if isinstance(raw, list | dict) else [raw]
    if joined_ones in ([], ["default"]) and not (isinstance(raw, dict) and any(raw.values())):
        return []
    raise InvalidValueError("networks of a compose file are its own; use network_mode with the name of an existing one")


def _ulimits(raw: Any, _: Caller) -> list[Converted]:
    if not isinstance(raw, dict):
        raise InvalidValueError("is not a table of limits")
    return [Converted({"ulimits": {str(name): _limit(limit) for name, limit in raw.items()}})]


def _limit(limit: Any) -> Any:
    return int(limit) if isinstance(limit, str) and limit.isascii() and limit.lstrip("-").isdigit() else limit


def _pull(raw: Any, caller: Caller) -> list[Converted]:
    text = _constant(raw, caller)
    return [OPTIONS["pull"](text_value("missing" if text == "if_not_present" else text), caller)]


def _restart(raw: Any, _: Caller) -> list[Converted]:
    if raw is False or raw in ("no", "", "always", "unless-stopped"):
        return []  # of a service that is run once, compose ignores it too
    raise InvalidValueError("a program runs once per call; use compose for services")


def _number(key: str, option: str) -> Field:
    return carried(key, lambda raw, caller: [OPTIONS[option](parse_value(field_readers.text(raw)), caller)])


FIELDS: dict[str, Field] = NOT_CARRIED | {
    "build": carried("build", build),
    "image": carried("image", _image),
    "command": _words("command"),
    "entrypoint": _words("entrypoint"),
    "environment": _pairs("environment", "env"),
    "volumes": carried("volumes", volumes),
    "working_dir": carried("working_dir", _working_dir),
    "user": carried("user", _user),
    "group_add": _texts("group_add"),
    "network_mode": carried("network_mode", _network),
    "networks": carried("network_mode", _networks),
    "ports": carried("ports", ports),
    "init": _flag("init", default=True),
    "read_only": _flag("read_only", default=False),
    "tmpfs": _texts("tmpfs"),
    "cap_add": _options("cap_add", "cap-add"),
    "cap_drop": _options("cap_drop", "cap-drop"),
    "security_opt": _options("security_opt", "security-opt"),
    "shm_size": _text("shm_size"),
    "ulimits": carried("ulimits", _ulimits),
    "mem_limit": _text("mem_limit"),
    "cpus": _number("cpus", "cpus"),
    "pids_limit": _number("pids_limit", "pids-limit"),
    "stop_signal": _text("stop_signal"),
    "stop_grace_period": _text("stop_grace_period"),
    "hostname": _text("hostname"),
    "dns": _texts("dns"),
    "extra_hosts": carried("extra_hosts", _hosts),
    "platform": _text("platform"),
    "pull_policy": carried("pull_policy", _pull),
    "labels": _pairs("labels", "label"),
    "restart": Field("refused", "", "a program runs once per call; use compose for services", _restart),
}
"""How each key of a service is converted."""
