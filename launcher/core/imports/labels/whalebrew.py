"""Whalebrew packages, from files and from image labels, as entries."""

from collections.abc import Mapping
from typing import Any

from launcher.core.imports.compose import field_readers
from launcher.core.imports.compose.field_readers import carried, each_option, explained, refused
from launcher.core.imports.docker import mount_options
from launcher.core.imports.docker.file_variables import parse_value, resolve_relative
from launcher.core.imports.docker.option_converters import CONVERTERS as OPTIONS
from launcher.core.imports.docker.option_converters import Converted
from launcher.core.imports.docker.option_values import Caller, text_value
from launcher.core.imports.docker.proposal import Note, sort_keys
from launcher.core.values.invalid_value import InvalidValueError

PREFIX = "io.whalebrew."
"""The prefix of the labels."""

_WORKDIR = "/workdir"
_LABELS = {
    "config.volumes_from_args": "path_arguments",
    "config.missing_volumes": "missing_volumes",
    "required_version": "required_version",
    "post-install-message": "post_install_message",
}


def read(package: Mapping[str, Any], caller: Caller) -> tuple[dict[str, Any], list[Note]]:
    """Return the table of a package and a note for each of its keys; raises `InvalidValueError` if it has no image."""
    if not isinstance(package.get("image"), str):
        raise InvalidValueError("it names no image")
    folder = field_readers.text(package.get("working_dir", _WORKDIR))
    is_optional = package.get("skip_missing_volumes") is True
    own = {**FIELDS, "volumes": carried("volumes", _volumes(required=not is_optional))}
    said = {**package, "working_dir": folder}
    table, notes = field_readers.read(said, own, caller, workdir=parse_value(folder))
    table = {"user": "host", "path_args": "none"} | table
    return sort_keys(table), [note for note in notes if "working_dir" in package or not _is_default(note)]


def _is_default(note: Note) -> bool:
    return note.part == f"working_dir: {_WORKDIR}"


def package_of(labels: Mapping[str, Any], image: str) -> dict[str, Any]:
    """Return the package that the *labels* of an *image* describe; their values are parsed YAML."""
    found: dict[str, Any] = {"image": image}
    for label, raw in labels.items():
        if not label.startswith(PREFIX) or label == f"{PREFIX}name":
            continue
        name = label.removeprefix(PREFIX)
        key = _LABELS.get(name, name.removeprefix("config.") if name.startswith("config.") else label)
        if key == "missing_volumes" and raw in ("", "error", "skip", "mount"):
            found |= {f"{raw}_missing_volumes": True} if raw in ("skip", "mount") else {}
        else:
            found[key] = raw
    return found


def _image(raw: Any, _: Caller) -> list[Converted]:
    return [Converted({"image": field_readers.image(field_readers.text(raw))})]


def _volumes(*, required: bool) -> Any:
    def read_volumes(raw: Any, caller: Caller) -> list[Converted]:
        found = []
        for item in field_readers.strings(raw):
            bind = mount_options.short(parse_value(item))
            found.append(
                Converted(
                    bind=bind._replace(source=resolve_relative(bind.source, caller), required=required), source=item
                )
            )
        return found

    return read_volumes


def _networks(raw: Any, caller: Caller) -> list[Converted]:
    items = field_readers.strings(raw)
    if len(items) > 1:
        raise InvalidValueError("a program joins one network")
    return [OPTIONS["network"](text_value(item), caller) for item in items]


def _entrypoint(raw: Any, _: Caller) -> list[Converted]:
    return [Converted({"entrypoint": field_readers.strings(raw)})] if raw else []


def _working_dir(raw: Any, _: Caller) -> list[Converted]:
    return [Converted(bind=mount_options.Bind(parse_value("$PWD"), parse_value(field_readers.text(raw))))]


def _path_arguments(raw: Any, _: Caller) -> list[Converted]:
    names = [name.lstrip("-") for name in field_readers.strings(raw)]
    return [Converted({"path_args": [f"--{name}" if len(name) > 1 else f"-{name}" for name in names if name]})]


def _keeps_user(raw: Any, _: Caller) -> list[Converted]:
    return [Converted({"user": "image" if field_readers.is_true(raw) else "host"})]


def _skips(raw: Any, _: Caller) -> list[Converted]:
    field_readers.is_true(raw)
    return []


FIELDS = {
    "image": carried("image", _image),
    "entrypoint": carried("entrypoint", _entrypoint),
    "environment": carried("environment", each_option("env", parse_value)),
    "volumes": carried("volumes", _volumes(required=True)),
    "ports": carried("ports", each_option("publish", parse_value)),
    "networks": carried("network_mode", _networks),
    "working_dir": carried("working_dir", _working_dir),
    "keep_container_user": carried("user", _keeps_user),
    "path_arguments": carried("path_args", _path_arguments, "read-only: an array of options is, in a catalog"),
    "required_version": explained("is about whalebrew itself"),
    "post_install_message": explained("is said once, by whalebrew"),
    "mount_missing_volumes": refused("a missing source is an error, not a folder created by root"),
    "skip_missing_volumes": carried("volumes", _skips, "true is required = false in each volume"),
}
"""How each key of a package is converted; labels have the same keys."""
