"""Catalog entries as services of a compose file, with applaunch's defaults written out."""

from typing import Any

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.exports import explicit_defaults
from launcher.core.imports.docker.option_values import Caller
from launcher.core.values.mount import Mount


def build_compose_file(
    entries: dict[str, CatalogEntry], caller: Caller
) -> tuple[dict[str, Any], dict[str, tuple[str, ...]]]:
    """Return a compose file with a service for each command, and what each service cannot express."""
    tables = {name: _service(entry, caller) for name, entry in entries.items()}
    named = {
        mount.source: {"external": True}
        for entry in entries.values()
        for mount in entry.volumes
        if mount.kind == "volume"
    }
    file: dict[str, Any] = {"services": tables}
    return file | ({"volumes": named} if named else {}), {name: _unsaid(entry) for name, entry in entries.items()}


def _service(entry: CatalogEntry, caller: Caller) -> dict[str, Any]:
    said: dict[str, Any] = {
        "image": entry.image,
        "entrypoint": None if entry.entrypoint is None else _texts(entry.entrypoint),
        "command": None if entry.command is None else _texts(entry.command),
        "user": _user(entry, caller),
        "working_dir": _inside(entry.working_dir, caller) or ("${PWD}" if entry.mount_cwd != "none" else ""),
        "volumes": _volumes(entry, caller),
        "environment": [name if text is None else f"{name}={text}" for name, text in _variables(entry)],
        "network_mode": entry.network_mode,
        "ports": [port.text for port in entry.ports],
        "tty": entry.tty is True,
        "stdin_open": entry.stdin == "always",
        "init": entry.init,
        "read_only": entry.read_only,
        "tmpfs": _texts(explicit_defaults.tmpfs(entry)),
        "group_add": _texts(entry.group_add),
        "cap_drop": list(explicit_defaults.dropped_capabilities(entry)),
        "cap_add": list(entry.cap_add),
        "security_opt": _texts(explicit_defaults.security_options(entry)),
        "shm_size": entry.shm_size,
        "ulimits": {limit.name: {"soft": limit.soft, "hard": limit.hard} for limit in entry.ulimits},
        "mem_limit": entry.mem_limit,
        "cpus": entry.cpus,
        "pids_limit": entry.pids_limit,
        "stop_signal": _text(entry.stop_signal),
        "stop_grace_period": f"{entry.stop_grace_period:g}s" if entry.stop_grace_period != _GRACE else "",
        "hostname": _text(entry.hostname),
        "dns": _texts(entry.dns),
        "extra_hosts": _texts(entry.extra_hosts),
        "platform": _text(entry.platform),
        "pull_policy": entry.pull_policy if entry.pull_policy != "missing" else "",
        "labels": _texts([f"{name}={text}" for name, text in entry.labels]),
    }
    return {key: value for key, value in said.items() if value or (key in ("entrypoint", "command") and value == [])}


_GRACE = CatalogEntry._field_defaults["stop_grace_period"]


def _text(text: str) -> str:
    """Return *text* with its dollar signs doubled, as compose requires."""
    return text.replace("$", "$$")


def _texts(texts: Any) -> list[str]:
    return [_text(text) for text in texts]


def _variables(entry: CatalogEntry) -> list[tuple[str, str | None]]:
    return [(name, text) for name, text in entry.environment if text is not None or not name.endswith("*")]


def _user(entry: CatalogEntry, caller: Caller) -> str:
    if entry.user == "image":
        return ""
    return f"${{UID:-{caller.uid}}}:${{GID:-{caller.gid}}}" if entry.user == "host" else entry.user


def _inside(path: str, caller: Caller) -> str:
    """Return a path in the container with a leading ``~`` replaced, which compose does not support."""
    return caller.home + path[1:] if path.startswith("~/") else path


def _volumes(entry: CatalogEntry, caller: Caller) -> list[Any]:
    found: list[Any] = []
    if entry.mount_cwd != "none":
        target = _inside(entry.working_dir, caller) or "${PWD}"
        found.append("${PWD}:" + target + ":ro" * (not entry.writes_folder))
    return [*found, *(_volume(mount, caller) for mount in entry.volumes)]


def _volume(mount: Mount, caller: Caller) -> Any:
    target = _text(_inside(mount.target, caller))
    source = mount.source if mount.kind == "bind" else _text(mount.source)
    if ":" in target or (":" in source and "${" not in source):
        long = {"type": mount.kind, "source": source, "target": target}
        return long | ({"read_only": True} if mount.read_only else {})
    return f"{source}:{target}{explicit_defaults.mount_options(mount)}"


def _unsaid(entry: CatalogEntry) -> tuple[str, ...]:
    found = []
    if patterns := explicit_defaults.patterns(entry):
        found.append(f"environment {', '.join(patterns)} (compose passes no patterns)")
    if entry.stdin == "never" or entry.tty is False:
        found.append("stdin and tty (docker compose run -T is asked each time)")
    if entry.mounts_project:
        found.append(f"mount_cwd {entry.mount_cwd} (compose finds no project: it mounts the current folder)")
    if entry.forwards_ports:
        found.append("localhost (compose brings no port of this machine's into a container's own)")
    if entry.path_args not in ("ro", "none"):
        found.append("path_args (compose mounts nothing that arguments name)")
    if optional := explicit_defaults.optional_volumes(entry):
        found.append(f"volumes {', '.join(optional)} may be missing (compose makes a folder there, as root)")
    if entry.warm:
        found.append("warm (compose keeps nothing ready)")
    return tuple(found)
