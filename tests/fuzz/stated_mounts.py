"""The stated differences in mounts, and in the owners and modes of files."""

import os
import re
import stat
from typing import Any

from tests.fuzz.example_setting import NAME_FILES, NOBODY, Facts, Setting, is_volume

DEVICES = ("full", "null", "random", "tty", "urandom", "zero")


def expected_modes(modes: Facts, engine: Facts, setting: Setting) -> Facts:
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
    area, mount = area_of(path, engine)
    kind = mount[3]
    if path in NAME_FILES and not is_volume(path, setting):
        return ["0o100644", me, me, device, size, link]
    if is_kept_home(mount) and uid == 0:  # a folder that was made for a mount point
        return [mode, me, me, device, size, link]
    if kind == "proc" or (stat.S_ISCHR(bits) and area == "/dev"):
        return [mode, *(each if each == me else NOBODY for each in (uid, gid)), device, size, link]
    if area != "/" and kind not in ("tmpfs", "devpts", "sysfs", "mqueue"):
        return [mode, *(each if each == me else NOBODY for each in (uid, gid)), device, size, link]
    if kind == "tmpfs" and path == area:
        mode = _tmpfs_mode(path, bits, uid, mount, setting)
    if path == area == str(setting.home) and kind == "tmpfs":
        return ["0o40700", me, me, device, size, link]  # docker: 0755 if a folder is mounted in it
    is_images = area == "/" and os.path.lexists(f"{setting.rootfs}{path}")
    is_open = kind == "tmpfs" or path.startswith(tuple(f"{each}/" for each in setting.writable))
    is_new = is_open and not os.path.lexists(f"{setting.rootfs}{path}")
    is_made = is_new and uid == 0 and path == engine["place"]["cwd"] != area
    if (is_images and not stat.S_ISLNK(bits) and path not in setting.writable) or is_made:
        mode = _image_mode(bits, uid, gid, me)
    return [mode, me, me, device, size, link]


def _image_mode(bits: int, uid: int, gid: int, me: int) -> str:
    kept = bits & ~0o6000
    if uid != me:
        own = kept >> 3 if gid == me else kept
        kept = kept & ~0o700 | (own & 7) << 6
    return oct(kept)


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


def area_of(path: str, engine: Facts) -> tuple[str, list[Any]]:
    mounts = engine["mounts"]
    best = max((each for each in mounts if path == each or path.startswith(each.rstrip("/") + "/")), key=len)
    return best, mounts[best]


def _is_bind(mount: list[Any], setting: Setting) -> bool:
    """Tell whether *mount* shows a file or folder of the machine, and none of the engine's."""
    return mount[3] not in ("overlay", "proc", "tmpfs", "devpts", "sysfs", "mqueue", "cgroup", "cgroup2") and not mount[
        1
    ].startswith((setting.engine_folder, "/usr/bin/tini-static"))


def expected_mounts(mounts: Facts, engine: Facts, setting: Setting) -> Facts:
    """Every mount is there, from the same source; volumes are nosuid and nodev, and no tmpfs is noexec."""
    found = {}
    for place, (device, root, options, kind, _, _, size) in mounts.items():
        flags = set(options.split(",")) - {"relatime"}
        if place == "/" or place.startswith(("/sys", "/proc/")) or place.endswith("/docker-init"):
            continue
        if place in NAME_FILES and not is_volume(place, setting):
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
        if place not in found and area_of(place, engine)[0] == "/" and setting.keys.get("read_only") != "true":
            found[place] = ["tmpfs", ["nodev", "nosuid", "rw"]]
    return found | {place: "there" for place in NAME_FILES if not is_volume(place, setting)}


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
        if kind == "tmpfs" and in_image and is_closed and place != "/dev":
            found[place] = "a stand-in"
        elif (
            kind == "tmpfs"
            and place in setting.writable
            and flags == {"rw", "nosuid", "nodev"}
            and not _is_tmpfs(place, setting)
        ):
            found[place] = ["tmpfs", sorted(flags)]
        elif (place in NAME_FILES and not is_volume(place, setting)) or place in ("/dev", "/dev/mqueue"):
            found[place] = "there"
        elif kind in ("tmpfs", "proc", "devpts", "mqueue"):
            found[place] = [kind, sorted(flags), size] if kind == "tmpfs" else [kind, sorted(flags)]
        else:
            found[place] = [device, root, sorted(flags)]
    return found


def _is_tmpfs(place: str, setting: Setting) -> bool:
    return bool(re.search(rf'"{re.escape(place)}[:"]', setting.keys.get("tmpfs", "")))


def is_kept_home(mount: list[Any]) -> bool:
    return "/homes/" in mount[1]


def made_folder(section: str, key: str, expected: Any, seen: Any, setting: Setting, engine: Facts) -> bool:
    """Tell whether a folder that was made for a mount point, which is root's in a container, is the caller's.

    It was if it is in a home, in a tmpfs, or in a folder of the image that anybody may write, and not in the image.
    """
    path = os.path.normpath(os.path.join(engine["place"]["cwd"], key))
    area, mount = area_of(path, engine)
    is_new = area == "/" and path.startswith(tuple(f"{each}/" for each in setting.writable))
    if is_new and os.path.lexists(f"{setting.rootfs}{path}"):
        return False
    own = (
        is_new
        or is_kept_home(mount)
        or area == str(setting.home)
        or "mode=" in mount[5]
        or "mode=" in setting.keys.get("tmpfs", "")
    )
    return (
        (section, expected, seen) == ("writable", "EACCES", "yes")
        and own
        and (is_new or is_kept_home(mount) or mount[3] == "tmpfs")
    )
