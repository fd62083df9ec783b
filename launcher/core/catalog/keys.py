"""The catalog's keys: what each is called, how it is read, and how a later layer changes an earlier one."""

from collections.abc import Callable
from typing import Any, NamedTuple

from launcher.core.catalog import key_parsers
from launcher.core.catalog.build_recipe import Build
from launcher.core.values.environment import read_environment
from launcher.core.values.limits import read_cpus, read_size, read_ulimits

Merge = Callable[[Any, Any], Any]


def replaced(_before: Any, after: Any) -> Any:
    """Take the later value whole (compose's rule for single values and for command and entrypoint)."""
    return after


def added(before: tuple[Any, ...], after: tuple[Any, ...]) -> tuple[Any, ...]:
    """Append what is new (compose's rule for sequences)."""
    return (*before, *(item for item in after if item not in before))


def by_name(before: tuple[Any, ...], after: tuple[Any, ...]) -> tuple[Any, ...]:
    """Replace items of the same first field (compose's rule for mappings); what is later also comes later."""
    names = {item[0] for item in after}
    return (*(item for item in before if item[0] not in names), *{item[0]: item for item in after}.values())


def by_target(before: tuple[Any, ...], after: tuple[Any, ...]) -> tuple[Any, ...]:
    """Replace volumes of the same target and append the rest (compose's rule for volumes)."""
    return tuple({mount.target: mount for mount in (*before, *after)}.values())


class Key(NamedTuple):
    """One key of an app or command: its reader, its merge rule, and whether only an app may hold it."""

    read: key_parsers.Reader
    merge: Merge = replaced
    app_only: bool = False


KEYS: dict[str, Key] = {
    "image": Key(key_parsers.image, app_only=True),
    "build": Key(Build.parse, app_only=True),
    "entrypoint": Key(key_parsers.words),
    "command": Key(key_parsers.words),
    "volumes": Key(key_parsers.volumes, by_target),
    "persist": Key(key_parsers.under_home, added),
    "mount_cwd": Key(key_parsers.choice("rw", "ro", "none")),
    "path_args": Key(key_parsers.path_args),
    "working_dir": Key(key_parsers.folder),
    "user": Key(key_parsers.user),
    "group_add": Key(key_parsers.words, added),
    "environment": Key(read_environment, by_name),
    "network_mode": Key(key_parsers.network),
    "ports": Key(key_parsers.ports, added),
    "tty": Key(key_parsers.choice("auto", True, False)),
    "stdin": Key(key_parsers.choice("auto", "always", "never")),
    "init": Key(key_parsers.flag),
    "read_only": Key(key_parsers.flag),
    "tmpfs": Key(key_parsers.tmpfs, by_name),
    "cap_add": Key(key_parsers.capabilities, added),
    "cap_drop": Key(key_parsers.capabilities, added),
    "security_opt": Key(key_parsers.words, added),
    "shm_size": Key(read_size),
    "ulimits": Key(read_ulimits, by_name),
    "mem_limit": Key(read_size),
    "cpus": Key(read_cpus),
    "pids_limit": Key(key_parsers.number),
    "stop_signal": Key(key_parsers.text),
    "stop_grace_period": Key(key_parsers.duration),
    "warm": Key(key_parsers.warm),
    "reuse": Key(key_parsers.choice("fresh", "shared")),
    "hostname": Key(key_parsers.text),
    "dns": Key(key_parsers.words, added),
    "extra_hosts": Key(key_parsers.words, added),
    "platform": Key(key_parsers.text),
    "pull_policy": Key(key_parsers.choice("missing", "always", "never")),
    "labels": Key(key_parsers.labels, by_name),
    "deny": Key(key_parsers.denied, added),
    "aliases": Key(key_parsers.names_of_commands, added, app_only=True),
    "unexposed": Key(key_parsers.names_of_commands, added, app_only=True),
    "allow_shadow": Key(key_parsers.names_of_commands, added, app_only=True),
    "extends": Key(key_parsers.base, app_only=True),
    "description": Key(key_parsers.text),
    "homepage": Key(key_parsers.text, app_only=True),
    "license": Key(key_parsers.text, app_only=True),
    "version": Key(key_parsers.text, app_only=True),
    "maintainer": Key(key_parsers.text, app_only=True),
    "categories": Key(key_parsers.words, app_only=True),
    "deprecated": Key(key_parsers.text, app_only=True),
    "replaced_by": Key(key_parsers.text, app_only=True),
}


def merged(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return the table *before* with *after* over it, each key by its own rule."""
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
"""Keys of the format whose work is not built: refused, never ignored."""

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
"""Other tools' words, and ours."""
