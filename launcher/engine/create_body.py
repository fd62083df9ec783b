"""Convert a `RunSpec` to the JSON body of ``POST /containers/create``."""

from __future__ import annotations

from launcher.errors import CannotRunError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from launcher.core.values.mount import Mount
    from launcher.core.values.run_spec import RunSpec

Body: TypeAlias = "dict[str, Any]"


def container_body(spec: RunSpec, flavour: str) -> Body:
    """Return the request body (Docker Engine API 1.41, which podman's compatible API accepts, too).

    Raises `CannotRunError` for a folder whose name an engine of this *flavour* cannot mount.
    """
    return {
        "Image": spec.image,
        "Entrypoint": None if spec.entrypoint is None else list(spec.entrypoint),
        "Cmd": None if spec.command is None else list(spec.command),
        "User": spec.user,
        "WorkingDir": spec.working_dir,
        "Env": [f"{name}={value}" for name, value in spec.environment],
        "Tty": spec.tty,
        "OpenStdin": spec.stdin,
        "StdinOnce": spec.stdin,  # otherwise a half-close does not reach the program
        "AttachStdin": spec.stdin,
        "AttachStdout": True,
        "AttachStderr": True,
        "Hostname": spec.hostname,
        "StopSignal": spec.stop_signal or None,
        "Labels": dict(spec.labels),
        "ExposedPorts": {f"{port.container}/{port.protocol}": {} for port in spec.ports},
        "NetworkDisabled": spec.hosts is not None,
        "HostConfig": _host_config(spec, flavour),
    }


def _host_config(spec: RunSpec, flavour: str) -> Body:
    mounts = (*spec.mounts, spec.hosts) if spec.hosts else spec.mounts
    binds = [mount for mount in mounts if _is_bind(mount, flavour)]
    config: Body = {
        "AutoRemove": True,
        "LogConfig": {"Type": "none", "Config": {}},  # otherwise the engine writes all output to disk
        "Init": spec.init,
        "NetworkMode": spec.network_mode,
        "Mounts": [_mount(mount) for mount in mounts if mount not in binds],
        "Binds": [_bind(mount) for mount in binds],
        "Tmpfs": dict(spec.tmpfs),
        "PortBindings": _port_bindings(spec),
        "UsernsMode": spec.userns_mode,
        "GroupAdd": list(spec.group_add),
        "CapAdd": list(spec.cap_add),
        "CapDrop": list(spec.cap_drop),
        "SecurityOpt": list(spec.security_opt),
        "ReadonlyRootfs": spec.read_only,
        "Dns": list(spec.dns),
        "ExtraHosts": list(spec.extra_hosts),
        "Ulimits": [{"Name": limit.name, "Soft": limit.soft, "Hard": limit.hard} for limit in spec.ulimits],
        "ConsoleSize": list(spec.size) if spec.tty else [0, 0],
    }
    if spec.mem_limit:
        config |= {"Memory": spec.mem_limit}
    if spec.cpus:
        config |= {"NanoCpus": int(spec.cpus * 1e9)}
    if spec.pids_limit:
        config |= {"PidsLimit": spec.pids_limit}
    if spec.shm_size:
        config |= {"ShmSize": spec.shm_size}
    return config


def _port_bindings(spec: RunSpec) -> Body:
    bindings: dict[str, list[dict[str, str]]] = {}
    for port in spec.ports:
        host = {"HostIp": port.host_ip, "HostPort": str(port.host_port or "")}
        bindings.setdefault(f"{port.container}/{port.protocol}", []).append(host)
    return bindings


def _mount(mount: Mount) -> Body:
    return {"Type": mount.kind, "Source": mount.source, "Target": mount.target, "ReadOnly": mount.read_only}


def _is_bind(mount: Mount, flavour: str) -> bool:
    """Return whether *mount* needs the older form, ``source:target``.

    Only that form supports SELinux relabelling. podman 4.3 converts the newer one to unquoted CSV, which breaks at a
    comma, quote or line break; but only the newer one allows a colon.
    """
    if mount.relabel:
        return True
    if flavour != "podman":
        return False
    if ":" not in mount.source + mount.target:
        return True
    if any(char in mount.source + mount.target for char in ',"\n'):
        what = f"podman cannot mount {mount.source}, whose name has a colon and a comma, quote or line break"
        raise CannotRunError("engine", what, "rename the folder")
    return False


def _bind(mount: Mount) -> str:
    options = [*([mount.relabel] if mount.relabel else []), *(["ro"] if mount.read_only else [])]
    return ":".join([mount.source, mount.target, *([",".join(options)] if options else [])])
