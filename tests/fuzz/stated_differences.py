"""What a program is to see in a sandbox, told from what it saw in docker's container: the stated differences and no others.

Each rule stands for a line of docs/engines.md or docs/sandboxes.md. It says what a sandbox has in the place of a value,
so that a sandbox with any other value differs.
"""

import os
import re
import resource
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.fuzz.call_program import Caller

NOBODY = 65534
"""How ids look that a user namespace has not."""
DEVICES = ("full", "null", "random", "tty", "urandom", "zero")
NAME_FILES = ("/etc/resolv.conf", "/etc/hosts", "/etc/hostname")
FORWARDER = "169.254.1.1"
"""The address at which pasta answers for the machine's own name server."""
OWN_SYS = ("block", "bus", "class", "dev", "devices", "kernel")

Facts = dict[str, Any]


class Setting(NamedTuple):
    """What an example was run with."""

    keys: Mapping[str, str]
    caller: Caller
    uid: int
    home: Path
    rootfs: Path
    """The unpacked image."""
    writable: tuple[str, ...]
    """The folders of the image that anybody may write."""
    host_namespaces: Mapping[str, int]
    engine_folder: str
    """Where the engine keeps its own files."""
    machine: Mapping[str, str]
    """The machine's own /etc/hosts and /etc/resolv.conf."""

    @property
    def network(self) -> str:
        """The network mode."""
        return self.keys.get("network_mode", '"bridge"').strip('"')

    @property
    def is_bare(self) -> bool:
        """Whether docker gets no network to prepare: then there is no resolv.conf but the image's."""
        own_hosts = ":/etc/hosts" in self.keys.get("volumes", "")
        return self.network == "none" and not self.keys.keys() & {"extra_hosts", "dns"} and not own_hosts


def expected_facts(engine: Facts, setting: Setting) -> Facts:
    """Return what a program in a sandbox sees if one in a container sees *engine*."""
    rules = {
        "place": _place, "rights": _rights, "environment": _environment, "limits": _limits, "descriptors": _descriptors,
        "sys": _sys, "modes": _modes, "mounts": _mounts, "network": _network, "calls": _calls, "namespaces": _namespaces,
    }  # fmt: skip
    return {name: rules[name](value, engine, setting) if name in rules else value for name, value in engine.items()}


def neutral_facts(facts: Facts, setting: Setting, app: str) -> Facts:
    """Return *facts* without what differs between any two runs."""
    name = facts["hostname"]["name"]
    if re.fullmatch("[0-9a-f]{12}", name):
        facts["hostname"] = {key: value.replace(name, "<random>") for key, value in facts["hostname"].items()}
        facts["network"]["hosts"] = facts["network"]["hosts"].replace(name, "<random>")
        if facts["environment"].get("HOSTNAME") == name:
            facts["environment"]["HOSTNAME"] = "<random>"
    if facts["environment"].get("APPLAUNCH_SHIM") == app:
        facts["environment"]["APPLAUNCH_SHIM"] = "<app>"
    ignored = int(facts["rights"]["SigIgn"], 16) & ~(3 << 31)  # 32 and 33, which Go and posix_spawn ignore
    facts["rights"]["SigIgn"] = f"{ignored:016x}"
    facts["mounts"] = {
        place: [*mount[:1], mount[1].replace(f"/homes/{app}", "/homes/APP"), *mount[2:]]
        for place, mount in facts["mounts"].items()
    }
    facts["place"].pop("session")  # a process of a sandbox has its caller's, so that the terminal is its own
    facts["namespaces"] = {
        name: "the machine's" if number == setting.host_namespaces[name] else "its own"
        for name, number in facts["namespaces"].items()
    }
    network = facts["network"]
    network["interfaces"] = [name for name in network["interfaces"] if not name.startswith(("veth", "rig-"))]
    network["hosts"] = [line for line in network["hosts"].splitlines() if line and line[:6] not in ("# rig ", "127.77")]
    network["resolver"] = network["resolver"].splitlines()
    facts["sys"]["class/net"] = [each for each in facts["sys"]["class/net"] if not each.startswith(("veth", "rig-"))]
    return facts


def _place(place: Facts, engine: Facts, setting: Setting) -> Facts:
    """The umask and nice value are the caller's; groups other than the caller's first have no names in there."""
    groups = [NOBODY for group in place["groups"] if group != setting.uid]
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


def _modes(modes: Facts, engine: Facts, setting: Setting) -> Facts:
    """What belongs to others belongs to the caller, if it is the image's, with the rights that the caller has; else to nobody."""
    cwd = engine["place"]["cwd"]
    own = {
        "/dev/init": ["0o100755", setting.uid, setting.uid, 0, 256, ""],
        "/dev/core": _link("/proc/kcore", setting.uid),
    }
    return {
        path: _mode(os.path.normpath(os.path.join(cwd, path)), value, engine, setting)
        for path, value in modes.items()
        if not path.endswith("/docker-init")
    } | own


def _link(target: str, uid: int) -> list[Any]:
    return ["0o120777", uid, uid, 0, 0, target]


def _mode(path: str, value: Any, engine: Facts, setting: Setting) -> Any:
    if isinstance(value, str):
        return value
    mode, uid, gid, device, size, link = value
    bits, me = int(mode, 8), setting.uid
    area, mount = _area(path, engine)
    kind = mount[3]
    if path in NAME_FILES and not _is_volume(path, setting):
        return ["0o100644", me, me, device, size, link]
    if _is_kept_home(mount) and uid == 0:  # a folder that was made for a mount point
        return [mode, me, me, device, size, link]
    if kind == "proc" or (stat.S_ISCHR(bits) and area == "/dev"):
        return [mode, *(each if each == me else NOBODY for each in (uid, gid)), device, size, link]
    if area != "/" and kind not in ("tmpfs", "devpts", "sysfs", "mqueue"):
        return [mode, *(each if each == me else NOBODY for each in (uid, gid)), device, size, link]
    if kind == "tmpfs" and path == area:
        mode = _tmpfs_mode(path, bits, uid, mount, setting)
    if path == area == str(setting.home) and kind == "tmpfs":
        return ["0o40700", me, me, device, size, link]  # docker: 0755 if a folder is mounted in it
    if area != "/" or stat.S_ISLNK(bits):
        return [mode, me, me, device, size, link]
    if not os.path.lexists(f"{setting.rootfs}{path}"):
        return [mode, me, me, device, size, link]
    if path in setting.writable:
        return [mode, me, me, device, size, link]
    kept = bits & ~0o6000
    if uid != me:
        own = kept >> 3 if gid == me else kept
        kept = kept & ~0o700 | (own & 7) << 6
    return [oct(kept), me, me, device, size, link]


def _tmpfs_mode(path: str, bits: int, uid: int, mount: list[Any], setting: Setting) -> str:
    """A tmpfs has the mode that the entry says; runc before 1.2 gives it that of the folder that it covers.

    It belongs to the caller, with the rights that root's leaves to the caller.
    """
    said = re.search(rf'"{re.escape(path)}:[^"]*mode=(\d+)', setting.keys.get("tmpfs", "")) or re.search(
        r"\bmode=(\d+)", mount[5]
    )
    if said and path != "/dev":
        bits = stat.S_IFDIR | int(said[1], 8)
    return oct(bits & ~0o700 | (bits & 7) << 6) if uid == 0 and path != "/dev" else oct(bits)


def _is_volume(path: str, setting: Setting) -> bool:
    return f":{path}" in setting.keys.get("volumes", "")


def _area(path: str, engine: Facts) -> tuple[str, list[Any]]:
    mounts = engine["mounts"]
    best = max((each for each in mounts if path == each or path.startswith(each.rstrip("/") + "/")), key=len)
    return best, mounts[best]


def _is_bind(mount: list[Any], setting: Setting) -> bool:
    """Tell whether *mount* shows a file or folder of the machine, and none of the engine's."""
    return mount[3] not in ("overlay", "proc", "tmpfs", "devpts", "sysfs", "mqueue", "cgroup", "cgroup2") and not mount[
        1
    ].startswith((setting.engine_folder, "/usr/bin/tini-static"))


def _mounts(mounts: Facts, engine: Facts, setting: Setting) -> Facts:
    """Every mount is there, from the same source; volumes are nosuid and nodev, and no tmpfs is noexec."""
    found = {}
    for place, (device, root, options, kind, _, _, size) in mounts.items():
        flags = set(options.split(",")) - {"relatime"}
        if place == "/" or place.startswith(("/sys", "/proc/")) or place.endswith("/docker-init"):
            continue
        if place in NAME_FILES and not _is_volume(place, setting):
            continue
        if place in ("/dev", "/dev/mqueue"):
            found[place] = "there"
        elif _is_bind(mounts[place], setting):
            found[place] = [device, root, sorted(flags | ({"nosuid"} if root == "/null" else {"nosuid", "nodev"}))]
        elif kind == "tmpfs":
            found[place] = [kind, sorted(flags - {"noexec"}), size]
        else:
            found[place] = [kind, sorted(flags)]
    for place in setting.writable:
        if place not in found and _area(place, engine)[0] == "/" and setting.keys.get("read_only") != "true":
            found[place] = ["tmpfs", ["nodev", "nosuid", "rw"]]
    return found | {place: "there" for place in NAME_FILES if not _is_volume(place, setting)}


def sandbox_mounts(mounts: Facts, setting: Setting) -> Facts:
    """Return the mounts of a sandbox in the same form, without its own: the image, parts of it, and the kernel's folders."""
    found = {}
    for place, (device, root, options, kind, _, _, size) in mounts.items():
        flags = set(options.split(",")) - {"relatime"}
        is_closed = {"ro", "nosuid", "nodev"} <= flags
        if root == f"{setting.rootfs}{place}".rstrip("/") and is_closed:
            continue
        if (
            place == "/"
            or place.startswith(("/sys", "/proc/"))
            or place in [f"/dev/{each}" for each in (*DEVICES, "init")]
        ):
            continue
        in_image = os.path.isdir(f"{setting.rootfs}{place}") and not os.path.islink(f"{setting.rootfs}{place}")
        if kind == "tmpfs" and in_image and is_closed and place not in ("/dev",):
            found[place] = "a stand-in"
        elif (
            kind == "tmpfs"
            and place in setting.writable
            and flags == {"rw", "nosuid", "nodev"}
            and not _is_tmpfs(place, setting)
        ):
            found[place] = ["tmpfs", sorted(flags)]
        elif (place in NAME_FILES and not _is_volume(place, setting)) or place in ("/dev", "/dev/mqueue"):
            found[place] = "there"
        elif kind in ("tmpfs", "proc", "devpts", "mqueue"):
            found[place] = [kind, sorted(flags), size] if kind == "tmpfs" else [kind, sorted(flags)]
        else:
            found[place] = [device, root, sorted(flags)]
    return found


def _is_tmpfs(place: str, setting: Setting) -> bool:
    return bool(re.search(rf'"{re.escape(place)}[:"]', setting.keys.get("tmpfs", "")))


def _network(network: Facts, engine: Facts, setting: Setting) -> Facts:
    """A network of none has the kernel's defaults; the files about names are ours."""
    if setting.network == "none":
        network = network | {"listens": network["listens"] | {"80": "EACCES"}}
        if not setting.is_bare and "dns" not in setting.keys:
            network = network | {"resolver": []}
    if setting.network == "bridge":
        network = network | {
            "hosts": [re.sub(r"^172\.\d+\.\d+\.\d+\t", "127.0.1.1\t", line) for line in network["hosts"]]
        }
        if "dns" not in setting.keys:
            network |= {"resolver": [*network["resolver"], f"nameserver {FORWARDER}"]}
    return network


def _is_kept_home(mount: list[Any]) -> bool:
    return "/homes/" in mount[1]


def made_folder(section: str, key: str, expected: Any, seen: Any, setting: Setting, engine: Facts) -> bool:
    """Tell whether a folder that was made for a mount point, which is root's in a container, is the caller's.

    It was if it is in a home, in a tmpfs, or in a folder of the image that anybody may write, and not in the image.
    """
    path = os.path.normpath(os.path.join(engine["place"]["cwd"], key))
    area, mount = _area(path, engine)
    is_new = area == "/" and path.startswith(tuple(f"{each}/" for each in setting.writable))
    if is_new and os.path.lexists(f"{setting.rootfs}{path}"):
        return False
    own = (
        is_new
        or _is_kept_home(mount)
        or area == str(setting.home)
        or "mode=" in mount[5]
        or "mode=" in setting.keys.get("tmpfs", "")
    )
    return (
        (section, expected, seen) == ("writable", "EACCES", "yes")
        and own
        and (is_new or _is_kept_home(mount) or mount[3] == "tmpfs")
    )


def refused(section: str, expected: Any, seen: Any) -> bool:
    """Tell whether *seen* is the error of a read-only image in the place of *expected*, the error of missing rights."""
    if section in ("writable", "proc"):
        return expected in ("EACCES", "EPERM") and seen in ("EROFS", "EPERM", "EACCES")
    return False
