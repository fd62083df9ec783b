"""Permissions other than files: the network, the caller's variables, and privileges on the machine."""

from collections.abc import Iterator

from launcher.core.catalog.deny import denied_names
from launcher.core.catalog.entry import CatalogEntry
from launcher.core.policy.permission import Permission
from launcher.core.policy.security_options import may_weaken
from launcher.core.values.environment import is_harmless
from launcher.core.values.interpolate import names_in
from launcher.core.values.invocation import Invocation
from launcher.core.values.port import ALL_PORTS
from launcher.core.values.redaction import mask_proxy


def network_permissions(entry: CatalogEntry) -> Iterator[Permission]:
    """Yield the permissions for the network, published ports, and name resolution."""
    if entry.network_mode == "none":
        yield Permission("low", "no network", "network_mode")
    elif entry.network_mode == "host":
        yield Permission("high", "this machine's network", "network_mode", (("network", 2),))
    elif entry.network_mode in ("bridge", "default"):
        yield Permission("medium", "network", "network_mode", (("network", 1),))
    else:
        words = f"the network {entry.network_mode} and everything on it"
        own = f"network {entry.network_mode}"
        yield Permission("high", words, "network_mode", (("network", 1), (own, 1)))
    for port in entry.ports:
        risk = "medium" if port.host_ip in ("127.0.0.1", "::1") else "high"
        words = f"listen on {port.host_ip}:{port.host_port or 'a free port'}"
        yield Permission(risk, words, "ports", ((f"port {port.host_ip}:{port.host_port}/{port.protocol}", 1),))
    if entry.network_mode == "none":
        return
    yield from _localhost_permissions(entry)
    if entry.dns:
        claims = tuple((f"name server {each}", 1) for each in entry.dns)
        yield Permission("high", f"use the DNS servers {', '.join(entry.dns)}", "dns", claims)
    if entry.extra_hosts:
        claims = tuple((f"name {each}", 1) for each in entry.extra_hosts)
        yield Permission("high", f"override host names: {', '.join(entry.extra_hosts)}", "extra_hosts", claims)


def _localhost_permissions(entry: CatalogEntry) -> Iterator[Permission]:
    """Yield the permission for services that listen on this machine's localhost, which trust whoever reaches them."""
    if not entry.localhost or entry.network_mode == "host":
        return
    if ALL_PORTS in entry.localhost:
        yield Permission("high", "reach all services on this machine's localhost", "localhost", (("localhost", 1),))
        return
    ports = ", ".join(map(str, entry.localhost))
    claims = tuple((f"localhost port {port}", 1) for port in entry.localhost)
    yield Permission("medium", f"reach {ports} on this machine's localhost", "localhost", claims)


def variable_permissions(entry: CatalogEntry) -> Iterator[Permission]:
    """Yield the caller's variables that the program learns: passed on, or used in another value."""
    listed: dict[str, None] = {}
    texts = {
        "environment": [literal for _, literal in entry.environment if literal is not None],
        "volumes": [mount.source for mount in entry.volumes if mount.kind == "bind"],
        "working_dir": [entry.working_dir],
        "user": [entry.user],
    }
    passed = [name for name, literal in entry.environment if literal is None]
    for key, values in texts.items():
        denied = {name for text in values for name in denied_names(text, entry.deny)}
        found = [name for text in values for name in names_in(text) if not (name in denied or is_harmless(name))]
        every = dict.fromkeys((*passed, *found) if key == "environment" else found)
        names = [name for name in every if name not in listed]
        listed |= dict.fromkeys(names)
        if names:
            where = "" if key == "environment" else f" (in {key})"
            claims = tuple((f"variable {name}", 1) for name in names)
            yield Permission("medium", f"your variables {', '.join(names)}{where}", key, claims)
    proxies = [(name, literal) for name, literal in entry.environment if literal and name.lower() in _PROXIES]
    for name, literal in proxies:
        yield Permission(
            "high",
            f"send its traffic through the proxy {mask_proxy(name, literal)}",
            "environment",
            ((f"{name}={literal}", 1),),
        )


_PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy")


def privilege_permissions(entry: CatalogEntry, call: Invocation) -> Iterator[Permission]:
    """Yield the permissions that concern the kernel, the engine and other tools of this machine."""
    if entry.cap_add:
        claims = tuple((f"capability {name}", 1) for name in entry.cap_add)
        yield Permission("critical", f"the capabilities {', '.join(entry.cap_add)}", "cap_add", claims)
    if entry.cap_drop is not None and "ALL" not in entry.cap_drop and entry.user != "image":
        risk = "medium" if entry.user == "host" and call.uid else "high"
        yield Permission(risk, "the engine's default capabilities", "cap_drop", (("capabilities", 1),))
    for option in entry.security_opt:
        if may_weaken(option):
            yield Permission("critical", f"run with {option}", "security_opt", ((f"option {option.lower()}", 1),))
    if entry.labels:
        words = ", ".join(f"{name}={value}" for name, value in entry.labels)
        claims = tuple((f"label {name}={value}", 1) for name, value in entry.labels)
        yield Permission("high", f"the labels {words}, which other tools may act on", "labels", claims)
    if entry.pull_policy == "always":
        words = "run the newest image of its tag at each call"
        yield Permission("medium", words, "pull_policy", (("image at each call", 1),))
