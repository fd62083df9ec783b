"""What a program is to see in a sandbox, told from what it saw in docker's container: the stated differences and no others.

Each rule stands for a line of docs/engines.md or docs/sandboxes.md. It says what a sandbox has in the place of a value,
so that a sandbox with any other value differs.
"""

import os
import re
import resource
import stat

from launcher.core.run.host_names import MACHINE
from launcher.sandbox.machine_address import find_address
from tests.fuzz.example_setting import NOBODY, Facts, Setting
from tests.fuzz.stated_mounts import expected_modes, expected_mounts

FORWARDER = "169.254.1.1"
"""The address at which pasta answers for the machine's own name server."""
OWN_SYS = ("block", "bus", "class", "dev", "devices", "kernel")


def expected_facts(engine: Facts, setting: Setting) -> Facts:
    """Return what a program in a sandbox sees if one in a container sees *engine*."""
    rules = {
        "place": _place, "rights": _rights, "environment": _environment, "limits": _limits, "descriptors": _descriptors,
        "sys": _sys, "modes": expected_modes, "mounts": expected_mounts, "network": _network, "calls": _calls, "namespaces": _namespaces,
    }  # fmt: skip
    return {name: rules[name](value, engine, setting) if name in rules else value for name, value in engine.items()}


def _place(place: Facts, engine: Facts, setting: Setting) -> Facts:
    """The umask and nice value are the caller's; groups other than the caller's first have no names in there.

    With `deny`, an engine's container may sleep until its mounts are checked; in a sandbox there is nothing but bwrap.
    """
    groups = [NOBODY for group in place["groups"] if group != setting.uid]
    if "deny" in setting.keys:
        has_init = setting.keys.get("init") != "false"
        place = place | {"processes": 1 + has_init, "is_pid_1": not has_init}
    return place | {"umask": oct(setting.caller.umask), "nice": setting.caller.nice, "groups": groups}


def _rights(rights: Facts, engine: Facts, setting: Setting) -> Facts:
    """Signals that the caller ignores stay ignored; no capability can be gained, whatever `cap_drop` leaves."""
    ignored = int(rights["SigIgn"], 16) | sum(1 << number - 1 for number in setting.caller.ignored)
    return rights | {"SigIgn": f"{ignored:016x}", "CapBnd": f"{0:016x}"}


def _environment(environment: Facts, engine: Facts, setting: Setting) -> Facts:
    """Bwrap sets PWD."""
    return {"PWD": engine["place"]["cwd"]} | environment


def _limits(limits: Facts, engine: Facts, setting: Setting) -> Facts:
    """Limits are the caller's unless the entry has them."""
    given = re.findall(r"(\w+) = [{\d]", setting.keys.get("ulimits", "")[1:])
    mine = {name: list(resource.getrlimit(getattr(resource, name))) for name in limits}
    if setting.caller.nofile:
        mine["RLIMIT_NOFILE"][0] = setting.caller.nofile
    return mine | {
        f"RLIMIT_{name.upper()}": limits[f"RLIMIT_{name.upper()}"] for name in given if name not in ("soft", "hard")
    }


def _descriptors(found: Facts, engine: Facts, setting: Setting) -> Facts:
    """A file of the caller's is itself, not a copy through a pipe; a descriptor that the caller closed is /dev/null."""
    if setting.keys.get("stdin") == '"always"' and setting.caller.stdin in ("null", "closed"):
        found = found | {"0": [oct(stat.S_IFCHR), os.makedev(1, 3), False]}
    for number in setting.caller.closed:
        found = found | {str(number): [oct(stat.S_IFCHR), os.makedev(1, 3), False]}
    if setting.caller.stdin == "file" and found.get("0", [""])[0] == oct(stat.S_IFIFO):
        found = found | {"0": [oct(stat.S_IFREG), 0, False]}
    return found


def _sys(found: Facts, engine: Facts, setting: Setting) -> Facts:
    """/sys has devices and buses, and no network of another namespace."""
    return found | {"": [*OWN_SYS], "firmware": "ENOENT"} | ({} if setting.network == "host" else {"class/net": []})


def _namespaces(found: Facts, engine: Facts, setting: Setting) -> Facts:
    """A sandbox of an ordinary user needs a user namespace; docker with cgroups v1 leaves those of the machine."""
    return found | {"cgroup": "its own", "user": "its own"}


def _calls(calls: Facts, engine: Facts, setting: Setting) -> Facts:
    """The filter refuses to put input into a terminal; pings need a network."""
    changed = {"tiocsti": "EPERM", "tioclinux": "EPERM"} | (
        {"socket ping": "EACCES"} if setting.network == "none" else {}
    )
    if "cap_drop" in setting.keys and "ALL" not in setting.keys["cap_drop"]:
        changed |= {"chroot": "EPERM"}  # docker's filter allows what the capabilities that are left are for
    return {name: changed.get(name, value) for name, value in calls.items()}


def _with_our_address(line: str) -> str:
    """Return docker's *line* of /etc/hosts with our address in the place of one on its bridge."""
    own = find_address() if line.endswith(f"\t{MACHINE}") else "127.0.1.1"
    return re.sub(r"^172\.\d+\.\d+\.\d+\t", f"{own}\t", line)


def _network(network: Facts, engine: Facts, setting: Setting) -> Facts:
    """A network of none has the kernel's defaults; the files about names are ours."""
    if setting.network == "none":
        network = network | {"listens": network["listens"] | {"80": "EACCES"}}
        if not setting.is_bare and "dns" not in setting.keys:
            network = network | {"resolver": []}
    if setting.network == "bridge":
        network = network | {"hosts": [_with_our_address(line) for line in network["hosts"]]}
        if "dns" not in setting.keys:
            network |= {"resolver": [*network["resolver"], f"nameserver {FORWARDER}"]}
    return network
