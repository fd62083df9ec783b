"""What an entry lets its program do, derived from its run keys and never declared twice."""

from collections.abc import Iterator
from typing import NamedTuple

from launcher.core.call import Invocation
from launcher.core.entry import CatalogEntry
from launcher.core.mount import Mount

RISKS = ("low", "medium", "high", "critical")
"""The four classes of catalog-format.md, mildest first."""


class Permission(NamedTuple):
    """One thing the program may do: how risky, in words, and the key that grants it."""

    risk: str
    words: str
    key: str


def permissions(entry: CatalogEntry, call: Invocation) -> tuple[Permission, ...]:
    """Return what *entry* grants when it is called by this caller, in the order people ask."""
    return (*_who(entry, call), *_network(entry), *_files(entry, call), *_rights(entry))


def highest(granted: tuple[Permission, ...]) -> str:
    """Return the riskiest class among those *granted*."""
    return max((permission.risk for permission in granted), key=RISKS.index, default="low")


def _who(entry: CatalogEntry, call: Invocation) -> Iterator[Permission]:
    if entry.user == "host":
        yield Permission("low", f"run as you (uid {call.uid})", "user")
    elif entry.user == "image":
        yield Permission("low", "run as the image's user", "user")
    else:
        root = entry.user.partition(":")[0] in ("0", "root")
        yield Permission("high" if root else "low", f"run as {'root' if root else f'uid {entry.user}'}", "user")


def _network(entry: CatalogEntry) -> Iterator[Permission]:
    if entry.network_mode == "none":
        yield Permission("low", "no network", "network_mode")
    elif entry.network_mode == "host":
        yield Permission("high", "this machine's own network", "network_mode")
    elif entry.network_mode == "bridge":
        yield Permission("medium", "network", "network_mode")
    else:
        yield Permission("medium", f"the network {entry.network_mode}", "network_mode")
    for port in entry.ports:
        risk = "medium" if port.host_ip in ("127.0.0.1", "::1") else "high"
        yield Permission(risk, f"answer on {port.host_ip}:{port.host_port or 'a free port'}", "ports")


def _files(entry: CatalogEntry, call: Invocation) -> Iterator[Permission]:
    if entry.mount_cwd != "none":
        risk, verb = ("medium", "read & write") if entry.mount_cwd == "rw" else ("low", "read")
        seen = f" (as {entry.working_dir})" if entry.working_dir else ""
        yield Permission(risk, f"{verb} the current folder{seen}", "mount_cwd")
    for mount in entry.volumes:
        verb = "read" if mount.read_only else "read & write"
        seen = "" if mount.target == mount.source else f" (as {mount.target})"
        yield Permission(_risk_of(mount, call.home), f"{verb} {_named(mount)}{seen}", "volumes")


def _risk_of(mount: Mount, home: str) -> str:
    if mount.kind == "volume":
        return "low"
    if mount.source.endswith(("docker.sock", "podman.sock", "containerd.sock")):
        return "critical"
    source = mount.source.rstrip("/")
    whole = source in ("~", "${HOME}") or f"{home}/".startswith(f"{source}/")  # the home, or what holds it
    return "critical" if whole and not mount.read_only else "high"


def _named(mount: Mount) -> str:
    return f"the volume {mount.source}" if mount.kind == "volume" else mount.source


def _rights(entry: CatalogEntry) -> Iterator[Permission]:
    passed = [name for name, value in entry.environment if value is None]
    if passed:
        yield Permission("medium", f"your variables {', '.join(passed)}", "environment")
    if entry.cap_add:
        yield Permission("critical", f"the capabilities {', '.join(entry.cap_add)}", "cap_add")
    for option in entry.security_opt:
        if _loosens(option.lower()):
            yield Permission("critical", f"run with {option}", "security_opt")


def _loosens(option: str) -> bool:
    name, _, value = option.replace("=", ":", 1).partition(":")  # docker takes both signs
    privileges = name == "no-new-privileges" and value not in ("", "1", "t", "true")
    return "unconfined" in value or (name, value) == ("label", "disable") or privileges
