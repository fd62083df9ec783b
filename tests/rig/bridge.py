"""Which bridge the rig's containers hang on: one of its own, with rules of its own.

A second dockerd on ``docker0`` takes that bridge down, and one that manages iptables empties the chains of the first.
So the rig's dockerd does neither: it is given this bridge, and every rule for it names it and goes away with it.
"""

import ipaddress
import json
import shlex
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tests.rig.programs import find, run
from tests.rig.trouble import RigError

FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")


class Bridge(NamedTuple):
    """A bridge that is up."""

    name: str
    address: str  # this machine, as a container sees it
    forwarding: str  # "0" or "1": how it was before


def raise_bridge(name: str, log: Callable[[str], None]) -> Bridge:
    """Make the bridge with a subnet that nobody uses; one left by a crash is replaced."""
    _drop(name)
    network = _free_subnet()
    address = str(next(network.hosts()))
    run("ip", "link", "add", name, "type", "bridge")
    run("ip", "addr", "add", f"{address}/{network.prefixlen}", "dev", name)
    run("ip", "link", "set", name, "up")
    try:
        for rule in _rules(name, str(network)):
            run("iptables", "-w", "-t", rule[0], "-I", *rule[1:])
    except (RigError, FileNotFoundError) as error:
        log(f"containers reach this machine but nothing beyond it: {error}")
    return Bridge(name, address, FORWARDING.read_text().strip())


def remove_bridge(name: str, known: Bridge | None) -> None:
    """Take the bridge and the rules that name it away, and forwarding if it was the rig that needed it."""
    _drop(name)
    if known is not None and not _another_dockerd():
        FORWARDING.write_text(known.forwarding)


def _rules(name: str, network: str) -> list[tuple[str, ...]]:
    """List them as table, chain, words."""
    return [
        ("filter", "INPUT", "-i", name, "-j", "ACCEPT"),
        ("filter", "FORWARD", "-i", name, "-j", "ACCEPT"),
        ("filter", "FORWARD", "-o", name, "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED", "-j", "ACCEPT"),
        ("nat", "POSTROUTING", "-s", network, "!", "-o", name, "-j", "MASQUERADE"),
    ]


def _drop(name: str) -> None:
    if Path("/sys/class/net", name).exists():
        run("ip", "link", "del", name)
    for table in ("filter", "nat") if find("iptables") else ():
        with suppress(RigError):  # a kernel without iptables has no rules of ours either
            for line in run("iptables", "-w", "-t", table, "-S").splitlines():
                words = shlex.split(line)
                if words[0] == "-A" and name in words:
                    run("iptables", "-w", "-t", table, "-D", *words[1:])


def _free_subnet() -> ipaddress.IPv4Network:
    used = []
    for route in json.loads(run("ip", "-4", "-j", "route", "show", "table", "all") or "[]"):
        with suppress(ValueError):  # "default" is no network
            used.append(ipaddress.IPv4Network(route["dst"], strict=False))
    for third in range(77, 255):
        candidate = ipaddress.IPv4Network(f"172.29.{third}.0/24")
        if not any(candidate.overlaps(each) for each in used):
            return candidate
    raise RigError("172.29.77.0/24", "all subnets up to 172.29.254.0/24 are in use", "see: ip route")


def _another_dockerd() -> bool:
    for each in Path("/proc").glob("[0-9]*/comm"):
        with suppress(OSError):
            if each.read_text().strip() == "dockerd":
                return True
    return False
