"""The catalog's keys: what each is called, how it is read, and how a later layer changes an earlier one."""

from collections.abc import Callable
from typing import Any, NamedTuple

from launcher.core import readers
from launcher.core.build import Build
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

    read: readers.Reader
    merge: Merge = replaced
    app_only: bool = False


KEYS: dict[str, Key] = {
    "image": Key(readers.image, app_only=True),
    "build": Key(Build.parse, app_only=True),
    "entrypoint": Key(readers.words),
    "command": Key(readers.words),
    "volumes": Key(readers.volumes, by_target),
    "persist": Key(readers.under_home, added),
    "mount_cwd": Key(readers.choice("rw", "ro", "none")),
    "path_args": Key(readers.path_args),
    "working_dir": Key(readers.folder),
    "user": Key(readers.user),
    "group_add": Key(readers.words, added),
    "environment": Key(read_environment, by_name),
    "network_mode": Key(readers.network),
    "ports": Key(readers.ports, added),
    "tty": Key(readers.choice("auto", True, False)),
    "stdin": Key(readers.choice("auto", "always", "never")),
    "init": Key(readers.flag),
    "read_only": Key(readers.flag),
    "tmpfs": Key(readers.tmpfs, by_name),
    "cap_add": Key(readers.capabilities, added),
    "cap_drop": Key(readers.capabilities, added),
    "security_opt": Key(readers.words, added),
    "shm_size": Key(read_size),
    "ulimits": Key(read_ulimits, by_name),
    "mem_limit": Key(read_size),
    "cpus": Key(read_cpus),
    "pids_limit": Key(readers.number),
    "stop_signal": Key(readers.text),
    "stop_grace_period": Key(readers.duration),
    "warm": Key(readers.warm),
    "reuse": Key(readers.choice("fresh", "shared")),
    "hostname": Key(readers.text),
    "dns": Key(readers.words, added),
    "extra_hosts": Key(readers.words, added),
    "platform": Key(readers.text),
    "pull_policy": Key(readers.choice("missing", "always", "never")),
    "labels": Key(readers.labels, by_name),
    "deny": Key(readers.denied, added),
    "aliases": Key(readers.names_of_commands, added, app_only=True),
    "unexposed": Key(readers.names_of_commands, added, app_only=True),
    "allow_shadow": Key(readers.names_of_commands, added, app_only=True),
    "extends": Key(readers.base, app_only=True),
    "description": Key(readers.text),
    "homepage": Key(readers.text, app_only=True),
    "license": Key(readers.text, app_only=True),
    "version": Key(readers.text, app_only=True),
    "maintainer": Key(readers.text, app_only=True),
    "categories": Key(readers.words, app_only=True),
    "deprecated": Key(readers.text, app_only=True),
    "replaced_by": Key(readers.text, app_only=True),
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
