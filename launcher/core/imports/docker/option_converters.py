"""Convert the value of each option to the value of its catalog key."""

from collections.abc import Callable
from typing import Any, NamedTuple

from launcher.core.imports.docker import mount_options
from launcher.core.imports.docker.mount_options import Bind
from launcher.core.imports.docker.option_values import Caller, Value
from launcher.core.imports.reasons import OTHER_CONTAINER
from launcher.core.values.environment import PASSED_BY_DEFAULT
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.port import parse_ports

_OWN_LABELS = "applaunch."


class Converted(NamedTuple):
    """The result for one option: catalog keys or a volume, or neither and the reason if it states a default."""

    keys: dict[str, Any] = {}  # noqa: RUF012  a NamedTuple's default, which nobody changes
    bind: Bind | None = None
    why: str = ""
    source: str = ""  # how it was written, where it is one of several
    flaw: str = ""  # why this one of several is refused


_OWN: dict[str, tuple[tuple[str, ...], ...]] = {"HOME": (("home",),), "USER": (("user",),), "PWD": (("pwd",),)}
"""Variables whose own value is parsed as another kind of piece."""

Reader = Callable[[Value, Caller], Converted]


def _text(key: str) -> Reader:
    return lambda value, caller: Converted({key: value.constant(caller)})


def _texts(key: str) -> Reader:
    return lambda value, caller: Converted({key: [value.constant(caller)]})


def _add_host(value: Value, caller: Caller) -> Converted:
    text = value.constant(caller)
    name, equals, address = text.partition("=")
    if equals and ":" not in name:
        return Converted({"extra_hosts": [f"{name}:{address.removeprefix('[').removesuffix(']')}"]})
    return Converted({"extra_hosts": [text]})


def _capability(key: str) -> Reader:
    return lambda value, caller: Converted({key: [value.constant(caller).upper()]})


def _cpus(value: Value, caller: Caller) -> Converted:
    text = value.constant(caller)
    try:
        number = float(text)
    except ValueError:
        raise InvalidValueError(f"{text!r} is not a number of processors") from None
    return Converted({"cpus": int(number) if number.is_integer() else number})


def _entrypoint(value: Value, caller: Caller) -> Converted:
    text = value.constant(caller)
    return Converted({"entrypoint": [text] if text else []})


def _env(value: Value, caller: Caller) -> Converted:
    name, *rest = value.split("=", 1)
    variable = name.constant(caller)
    if not rest:
        if variable in PASSED_BY_DEFAULT:
            return Converted(why=f"every program gets your {variable}")
        return Converted({"environment": [variable]})
    (said,) = rest
    if said.kinds in _OWN.get(variable, ()) or (said.kinds == ("variable",) and said.pieces[0].text == variable):
        return Converted({"environment": [variable]}, why=f"your {variable}, if it is set")
    text = said.template(caller, unset_is_empty=True)
    return Converted({"environment": [f"{variable}={text}"]})


def _label(value: Value, caller: Caller) -> Converted:
    text = value.constant(caller)
    if text.startswith(_OWN_LABELS):
        raise InvalidValueError(f"labels that begin with {_OWN_LABELS} are set by applaunch")
    return Converted({"labels": [text]})


def _network(value: Value, caller: Caller) -> Converted:
    text = value.constant(caller)
    if text in ("", "default", "bridge"):
        return Converted({"network_mode": "bridge"})
    name, equals, rest = text.partition("=")
    if equals and name == "name" and "," not in rest:
        text = rest
    if text.startswith("container:"):
        raise InvalidValueError(OTHER_CONTAINER)
    if text in _PODMANS:
        raise InvalidValueError(
            "how podman makes a network is podman's own choice; a network is what every program has"
        )
    return Converted({"network_mode": text})


_PODMANS = ("private", "pasta", "slirp4netns")


def _group(value: Value, caller: Caller) -> Converted:
    text = value.constant(caller)
    if text == "keep-groups":
        raise InvalidValueError('podman\'s own word; with user = "host" the program has your groups')
    return Converted({"group_add": [text]})


def _pids(value: Value, caller: Caller) -> Converted:
    text = value.constant(caller)
    if text in ("0", "-1"):
        return Converted(why="no limit is what there is, unless pids_limit says one")
    if not text.isascii() or not text.isdigit():
        raise InvalidValueError(f"{text!r} is not a whole number above 0")
    return Converted({"pids_limit": int(text[:18])})


def _publish(value: Value, caller: Caller) -> Converted:
    text = value.constant(caller)
    ports = parse_ports(text)
    said_address = text.count(":") > 1 or text.startswith("[")
    why = "" if said_address or not ports else f"published on 127.0.0.1 only; for all addresses: 0.0.0.0:{text}"
    return Converted({"ports": [text]}, why=why)


def _pull(value: Value, caller: Caller) -> Converted:
    return Converted({"pull_policy": value.constant(caller)})


def _security(value: Value, caller: Caller) -> Converted:
    text = value.constant(caller)
    name, _, said = text.replace("=", ":", 1).partition(":")
    if name == "no-new-privileges" and said in ("", "true", "1"):
        return Converted(why="applaunch does that by default")
    if name == "seccomp" and said not in ("unconfined", "builtin"):
        raise InvalidValueError("applaunch reads no such file at a launch")
    if name not in ("no-new-privileges", "seccomp", "label", "apparmor"):
        raise InvalidValueError(f"{name!r} is none of no-new-privileges, label, apparmor, seccomp")
    return Converted({"security_opt": [text]})


def _stop_timeout(value: Value, caller: Caller) -> Converted:
    text = value.constant(caller)
    if not text.isascii() or not text.isdigit():
        raise InvalidValueError(f"{text!r} is not a number of seconds")
    return Converted({"stop_grace_period": f"{text}s"})


def _ulimit(value: Value, caller: Caller) -> Converted:
    name, equals, said = value.constant(caller).partition("=")
    soft, colon, hard = said.partition(":")
    try:
        numbers = int(soft[:20]), int(hard[:20] if colon else soft[:20])
    except ValueError:
        raise InvalidValueError(f"{said!r} is not a limit" if equals else "it has no limit") from None
    limit = numbers[0] if numbers[0] == numbers[1] else {"soft": numbers[0], "hard": numbers[1]}
    return Converted({"ulimits": {name: limit}})


def _user(value: Value, caller: Caller) -> Converted:
    if value.kinds == ("uid",):
        return Converted({"user": "host"}, why="you, with your own group")
    if value.kinds == ("uid", "text", "gid") and value.pieces[1].text == ":":
        return Converted({"user": "host"})
    if value.kinds == ():
        return Converted(why="no user is the image's own")
    return Converted({"user": value.template(caller)})


def _volume(value: Value, _: Caller) -> Converted:
    return Converted(bind=mount_options.short(value))


def _mount(value: Value, _: Caller) -> Converted:
    found = mount_options.long(value)
    if isinstance(found, Bind):
        return Converted(bind=found)
    path, options = found
    return Converted({"tmpfs": [f"{path}:{options}" if options else path]})


def _workdir(value: Value, _: Caller) -> Converted:
    return Converted({"working_dir": value})  # judged together with the volumes


CONVERTERS: dict[str, Reader] = {
    "add-host": _add_host,
    "cap-add": _capability("cap_add"),
    "cap-drop": _capability("cap_drop"),
    "cpus": _cpus,
    "dns": _texts("dns"),
    "entrypoint": _entrypoint,
    "env": _env,
    "group-add": _group,
    "hostname": _text("hostname"),
    "label": _label,
    "memory": _text("mem_limit"),
    "mount": _mount,
    "network": _network,
    "pids-limit": _pids,
    "platform": _text("platform"),
    "publish": _publish,
    "pull": _pull,
    "security-opt": _security,
    "shm-size": _text("shm_size"),
    "stop-signal": _text("stop_signal"),
    "stop-timeout": _stop_timeout,
    "tmpfs": _texts("tmpfs"),
    "ulimit": _ulimit,
    "user": _user,
    "volume": _volume,
    "workdir": _workdir,
}
"""Converters by the option's long name; `read-only`, a switch, needs none."""
