"""Which bridge the rig's containers hang on: one of its own, since a second dockerd on docker0 takes that one down."""

import ipaddress
import json
import shlex
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tests.rig.programs import find, run
from tests.rig.trouble import RigError

FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
TABLES = ("filter", "nat")


class Bridge(NamedTuple):
    """A bridge, and how the machine's forwarding was before a dockerd changed it."""

    name: str
    address: str  # as seen from a container: this machine
    forwarding: str  # "0" or "1"
    rules: dict[str, list[list[str]]]  # iptables -S of each table


def raise_bridge(name: str) -> Bridge:
    """Make the bridge with a subnet that nobody uses; one left by a crash is replaced."""
    _drop(name)
    before = Bridge(name, "", FORWARDING.read_text().strip(), {table: _rules(table) for table in TABLES})
    network = _free_subnet()
    address = str(next(network.hosts()))
    run("ip", "link", "add", name, "type", "bridge")
    run("ip", "addr", "add", f"{address}/{network.prefixlen}", "dev", name)
    run("ip", "link", "set", name, "up")
    return before._replace(address=address)


def remove_bridge(bridge: Bridge) -> None:
    """Take the bridge down with the rules that name it, and leave forwarding as it was found."""
    _drop(bridge.name)
    if _another_dockerd():
        return  # the chains and the forwarding are its own now
    for table in TABLES:
        fresh = [rule for rule in _rules(table) if _of_docker(rule) and rule not in bridge.rules.get(table, [])]
        for rule in (each for each in fresh if each[0] == "-A"):
            _iptables(table, "-D", *rule[1:])
        for rule in (each for each in fresh if each[0] == "-N"):
            _iptables(table, "-X", rule[1])
    for policy in (each for each in bridge.rules.get("filter", []) if each[:2] == ["-P", "FORWARD"]):
        _iptables("filter", *policy)
    FORWARDING.write_text(bridge.forwarding)


def _drop(name: str) -> None:
    if Path("/sys/class/net", name).exists():
        run("ip", "link", "del", name)
    for table in TABLES:
        for rule in _rules(table):
            if rule[0] == "-A" and name in rule:
                _iptables(table, "-D", *rule[1:])


def _rules(table: str) -> list[list[str]]:
    if find("iptables") is None:
        return []
    return [shlex.split(line) for line in run("iptables", "-w", "-t", table, "-S").splitlines()]


def _of_docker(rule: list[str]) -> bool:
    return any(word.startswith("DOCKER") for word in rule)


def _iptables(table: str, *words: str) -> None:
    with suppress(RigError):  # a rule that somebody else removed meanwhile is gone as well
        run("iptables", "-w", "-t", table, *words)


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
