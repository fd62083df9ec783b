"""The label devcontainer.metadata: how an image for editors is to be run."""

from collections.abc import Mapping
from typing import Any

from launcher.core.imports.compose import field_readers
from launcher.core.imports.compose.field_readers import Field, carried, each_option, explained, planned, refused
from launcher.core.imports.docker import mount_options
from launcher.core.imports.docker.file_variables import parse_local
from launcher.core.imports.docker.option_converters import CONVERTERS as OPTIONS
from launcher.core.imports.docker.option_converters import Converted
from launcher.core.imports.docker.option_values import Caller, Value, join_values, text_value
from launcher.core.imports.docker.proposal import Note, sort_keys
from launcher.core.values.invalid_value import InvalidValueError

LABEL = "devcontainer.metadata"

_HOOK = "no commands run beside the program"
_EDITOR = "is for the editor"


def read(metadata: Any, caller: Caller) -> tuple[dict[str, Any], list[Note]]:
    """Return the table in the label's JSON, without the image; later objects win. Raises `InvalidValueError`."""
    objects = metadata if isinstance(metadata, list) else [metadata]
    if not objects or not all(isinstance(each, dict) for each in objects):
        raise InvalidValueError("it is neither an object nor a list of objects")
    table: dict[str, Any] = {}
    notes: list[Note] = []
    for each in objects:
        found, told = field_readers.read(each, FIELDS, caller)
        table = {**table, **{key: _both(table.get(key), value) for key, value in found.items()}}
        notes += told
    notes.append(Note("(the workspace)", "carried", "mount_cwd", "the current folder, at its own path"))
    return sort_keys({"user": "image", "path_args": "none"} | table | {"mount_cwd": "rw"}), notes


def _both(before: Any, after: Any) -> Any:
    """Return the combined value of a key in two objects: lists are joined, a later text wins."""
    if isinstance(before, list) and isinstance(after, list):
        return [*before, *(each for each in after if each not in before)]
    return after


def _user(raw: Any, caller: Caller) -> list[Converted]:
    return [OPTIONS["user"](text_value(field_readers.text(raw)), caller)]


def _environment(raw: Any, caller: Caller) -> list[Converted]:
    if not isinstance(raw, dict):
        raise InvalidValueError("is not a table of variables")
    items = [
        join_values([text_value(str(name)), parse_local(field_readers.text(said))], "=")
        for name, said in raw.items()
        if said is not None
    ]
    return [OPTIONS["env"](item, caller)._replace(source=_source(item)) for item in items]


def _source(item: Value) -> str:
    return "".join(piece.text or f"${piece.kind}" for piece in item.pieces)


def _mounts(raw: Any, _: Caller) -> list[Converted]:
    return [_mount(item) for item in (raw if isinstance(raw, list) else [raw])]


def _mount(item: Any) -> Converted:
    said = item if isinstance(item, str) else _as_option(item)
    found = mount_options.long(parse_local(said))
    if isinstance(found, mount_options.Bind):
        return Converted(bind=found, source=said)
    return Converted({"tmpfs": [":".join(filter(None, found))]}, source=said)


def _as_option(item: Any) -> str:
    """Return an object's mount in the form of docker's ``--mount``."""
    if not isinstance(item, dict):
        raise InvalidValueError("is not a mount")
    names = {"type": "type", "source": "source", "target": "target"}
    if unknown := [key for key in item if key not in names]:
        raise InvalidValueError(f"its part {unknown[0]!r} is not supported")
    return ",".join(f"{names[key]}={field_readers.text(raw)}" for key, raw in item.items())


def _ports(raw: Any, caller: Caller) -> list[Converted]:
    return [_port(text, caller) for text in field_readers.strings(raw)]


def _port(text: str, caller: Caller) -> Converted:
    if not text.isdigit():
        raise InvalidValueError(f"{text!r} is a port of another container")
    return OPTIONS["publish"](text_value(f"127.0.0.1:{text}:{text}"), caller)._replace(source=text)


def _init(raw: Any, _: Caller) -> list[Converted]:
    return [] if raw is True else [Converted({"init": False})]


FIELDS: Mapping[str, Field] = {
    "remoteUser": carried("user", _user),
    "containerUser": carried("user", _user),
    "updateRemoteUserUID": explained('ids are not rewritten; for files that are yours write user = "host"'),
    "containerEnv": carried("environment", _environment),
    "remoteEnv": carried("environment", _environment),
    "mounts": carried("volumes", _mounts),
    "capAdd": carried("cap_add", each_option("cap-add", parse_local)),
    "securityOpt": carried("security_opt", each_option("security-opt", parse_local)),
    "init": carried("init", _init),
    "forwardPorts": carried("ports", _ports),
    "privileged": planned("privileged"),
    "entrypoint": refused(_HOOK),
    "onCreateCommand": refused(_HOOK),
    "updateContentCommand": refused(_HOOK),
    "postCreateCommand": refused(_HOOK),
    "postStartCommand": refused(_HOOK),
    "postAttachCommand": refused(_HOOK),
    "waitFor": explained(_EDITOR),
    "customizations": explained(_EDITOR),
    "portsAttributes": explained(_EDITOR),
    "otherPortsAttributes": explained(_EDITOR),
    "userEnvProbe": explained(_EDITOR),
    "shutdownAction": explained(_EDITOR),
    "overrideCommand": explained("the program is what you type"),
    "hostRequirements": explained("what the engine has is what there is"),
    "id": explained("names a feature that is in the image"),
}
"""How each key of the label is converted."""
