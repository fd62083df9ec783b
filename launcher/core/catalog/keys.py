"""The catalog's keys: their names, parsers, and merge rules."""

from collections.abc import Callable
from typing import Any, NamedTuple

from launcher.core.catalog import key_parsers, value_parsers
from launcher.core.catalog.build_recipe import Build
from launcher.core.values.environment import read_environment
from launcher.core.values.limits import read_cpus, read_size, read_ulimits

Merge = Callable[[Any, Any], Any]


def replace(_before: Any, after: Any) -> Any:
    """Replace the earlier value (compose's rule for single values, command and entrypoint)."""
    return after


def append_new(before: tuple[Any, ...], after: tuple[Any, ...]) -> tuple[Any, ...]:
    """Append new items (compose's rule for sequences)."""
    return (*before, *(item for item in after if item not in before))


def merge_by_name(before: tuple[Any, ...], after: tuple[Any, ...]) -> tuple[Any, ...]:
    """Replace items with the same first field (compose's rule for mappings); later items come last."""
    names = {item[0] for item in after}
    return (*(item for item in before if item[0] not in names), *{item[0]: item for item in after}.values())


def merge_by_target(before: tuple[Any, ...], after: tuple[Any, ...]) -> tuple[Any, ...]:
    """Replace volumes with the same target and append the others (compose's rule for volumes)."""
    return tuple({mount.target: mount for mount in (*before, *after)}.values())


class Key(NamedTuple):
    """One key of an app or command: its parser, its merge rule, and whether only an app may have it."""

    parse: value_parsers.Parser
    merge: Merge = replace
    app_only: bool = False


KEYS: dict[str, Key] = {
    "image": Key(key_parsers.image, app_only=True),
    "build": Key(Build.parse, app_only=True),
    "entrypoint": Key(value_parsers.words),
    "command": Key(value_parsers.words),
    "volumes": Key(key_parsers.volumes, merge_by_target),
    "persist": Key(key_parsers.home_paths, append_new),
    "mount_cwd": Key(value_parsers.choice("rw", "ro", "project", "project-ro", "none")),
    "project_markers": Key(key_parsers.file_names, append_new),
    "path_args": Key(key_parsers.path_args),
    "working_dir": Key(key_parsers.folder),
    "user": Key(key_parsers.user),
    "group_add": Key(value_parsers.words, append_new),
    "environment": Key(read_environment, merge_by_name),
    "network_mode": Key(key_parsers.network),
    "network_share": Key(value_parsers.flag),
    "ports": Key(key_parsers.ports, append_new),
    "localhost": Key(key_parsers.localhost, append_new),
    "tty": Key(value_parsers.choice("auto", True, False)),
    "stdin": Key(value_parsers.choice("auto", "always", "never")),
    "init": Key(value_parsers.flag),
    "read_only": Key(value_parsers.flag),
    "tmpfs": Key(key_parsers.tmpfs, merge_by_name),
    "cap_add": Key(key_parsers.capabilities, append_new),
    "cap_drop": Key(key_parsers.capabilities, append_new),
    "security_opt": Key(value_parsers.words, append_new),
    "shm_size": Key(read_size),
    "ulimits": Key(read_ulimits, merge_by_name),
    "mem_limit": Key(read_size),
    "cpus": Key(read_cpus),
    "pids_limit": Key(value_parsers.number),
    "stop_signal": Key(value_parsers.text),
    "stop_grace_period": Key(value_parsers.duration),
    "warm": Key(key_parsers.warm),
    "reuse": Key(value_parsers.choice("fresh", "shared")),
    "runtime": Key(key_parsers.runtime),
    "hostname": Key(value_parsers.text),
    "dns": Key(value_parsers.words, append_new),
    "extra_hosts": Key(value_parsers.words, append_new),
    "platform": Key(value_parsers.text),
    "pull_policy": Key(value_parsers.choice("missing", "always", "never")),
    "labels": Key(key_parsers.labels, merge_by_name),
    "deny": Key(key_parsers.deny, append_new),
    "aliases": Key(key_parsers.command_names, append_new, app_only=True),
    "unexposed": Key(key_parsers.command_names, append_new, app_only=True),
    "allow_shadow": Key(key_parsers.command_names, append_new, app_only=True),
    "extends": Key(key_parsers.extends, app_only=True),
    "description": Key(value_parsers.text),
    "homepage": Key(value_parsers.text, app_only=True),
    "license": Key(value_parsers.text, app_only=True),
    "version": Key(value_parsers.text, app_only=True),
    "maintainer": Key(value_parsers.text, app_only=True),
    "categories": Key(value_parsers.words, app_only=True),
    "deprecated": Key(value_parsers.text, app_only=True),
    "replaced_by": Key(value_parsers.text, app_only=True),
}


def merge_values(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Merge the table *after* over *before*, each key by its own rule."""
    result = dict(before)
    for key, value in after.items():
        result[key] = KEYS[key].merge(result[key], value) if key in result else value
    return result


NOT_YET = frozenset(
    [
        "userns_mode",
        "env_file",
        "devices",
        "gpus",
        "sockets",
        "use_api_socket",
        "privileged",
        "pid",
        "ipc",
        "prefer",
        "exports",
        "desktop",
        "test",
    ]
)
"""Keys of the format that are not implemented yet: they are refused, not ignored."""

RENAMED = {
    "env": "environment",
    "workdir": "working_dir",
    "volume": "volumes",
    "mounts": "volumes",
    "network": "network_mode",
    "publish": "ports",
    "memory": "mem_limit",
    "cmd": "command",
    "alias": "aliases",
    "cwd": "mount_cwd",
}
"""Key names of other tools, and the catalog's key to suggest."""
