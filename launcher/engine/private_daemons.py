"""The command lines and settings of a private engine, which keep it to its own folders, socket and bridge."""

from __future__ import annotations

import ipaddress
import json
import socket
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

from launcher.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping

BRIDGE = "applaunch0"
"""The private bridge, never docker0: a second dockerd there would break the first one's network."""
_INHERITED_SETTINGS = (
    "registry-mirrors",
    "insecure-registries",
    "dns",
    "dns-opts",
    "dns-search",
    "mtu",
    "proxies",
    "default-ulimits",
)
_DROPPED_VARIABLES = (
    "CONTAINER_HOST",
    "CONTAINER_CONNECTION",
    "DOCKER_HOST",
    "NOTIFY_SOCKET",
    "LISTEN_FDS",
    "LISTEN_PID",
    "APPLAUNCH_SHIM",
)


class EngineFolders(NamedTuple):
    """The folders of a private engine."""

    data: str
    """Images and containers; permanent."""
    run: str
    """Runtime state; empty after a reboot."""
    socket: str


def daemon_command(program: str, folders: EngineFolders) -> list[str]:
    """Return the command line that runs *program* (``podman`` or ``dockerd``) as a private engine."""
    if program == "podman":
        return [*podman_command(folders), "system", "service", "--time=0", f"unix://{folders.socket}"]
    namespaces = ["--containerd-namespace=applaunch", "--containerd-plugins-namespace=applaunch-plugins"]
    return ["dockerd", f"--config-file={folders.run}/daemon.json", *namespaces]


def podman_command(folders: EngineFolders) -> list[str]:
    """Return the podman command, with the options that select the private engine's containers."""
    return [
        "podman",
        "--root",
        f"{folders.data}/podman",
        "--runroot",
        f"{folders.run}/c",
        "--tmpdir",
        f"{folders.run}/t",
    ]


def daemon_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Return *env* without the variables that would make the engine a client of another one."""
    return {name: value for name, value in env.items() if name not in _DROPPED_VARIABLES}


def dockerd_config(folders: EngineFolders, system: Mapping[str, Any]) -> dict[str, Any]:
    """Return the daemon.json of the private dockerd, with the network settings of the *system*'s."""
    return {key: system[key] for key in _INHERITED_SETTINGS if key in system} | {
        "hosts": [f"unix://{folders.socket}"],
        "group": "root",
        "data-root": f"{folders.data}/docker",
        "exec-root": f"{folders.run}/exec",
        "pidfile": f"{folders.socket.removesuffix('.sock')}.pid",
        "bridge": BRIDGE,
    }


def prepare_dockerd(folders: EngineFolders) -> None:
    """Write the daemon.json and create the bridge."""
    try:
        with open("/etc/docker/daemon.json", encoding="utf-8") as file:
            system = json.load(file)
    except (OSError, ValueError):
        system = {}
    with open(f"{folders.run}/daemon.json", "w", encoding="utf-8") as file:
        json.dump(dockerd_config(folders, system if isinstance(system, dict) else {}), file)
    if not _has_bridge():
        subnet = free_subnet(_ip("-4", "route", "show"))
        _ip("link", "add", "name", BRIDGE, "type", "bridge")
        _ip("address", "add", f"{subnet[1]}/{subnet.prefixlen}", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")


def remove_bridge() -> None:
    """Remove the bridge after its dockerd has stopped."""
    if _has_bridge():
        _ip("link", "delete", BRIDGE)


def free_subnet(routes: str) -> ipaddress.IPv4Network:
    """Return a subnet of 254 addresses that overlaps none of *routes* (``ip -4 route``)."""
    taken = []
    for line in routes.splitlines():
        try:
            taken.append(ipaddress.IPv4Network(line.split()[0]))
        except (ValueError, IndexError):  # default, unreachable...
            continue
    for third in range(255, -1, -1):
        subnet = ipaddress.IPv4Network(f"172.29.{third}.0/24")
        if not any(subnet.overlaps(other) for other in taken):
            return subnet
    raise EngineError("engine", "no free subnet in 172.29.0.0/16 for the private engine's bridge", "apt install podman")


def _has_bridge() -> bool:
    return any(name == BRIDGE for _, name in socket.if_nameindex())  # /sys may show another network namespace


def _ip(*words: str) -> str:
    try:
        done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise EngineError(
            "engine", "there is no 'ip' to make the private engine's bridge with", "apt install iproute2"
        ) from None
    if done.returncode:
        raise EngineError("engine", f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout
