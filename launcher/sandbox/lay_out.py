"""Finds the place of every mount of a sandbox inside its tree, and what has to be made for it."""

from __future__ import annotations

import os
import stat

from launcher.core.sandbox.mount_layout import Layout, Point, depth
from launcher.fast_stdlib import suppress
from launcher.sandbox.view import View

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from launcher.core.sandbox.mount_layout import StandIn
    from launcher.core.sandbox.tree_owner import TreeOwner

_MAX_CHILDREN = 200
"""A folder with more entries is not replaced: each is a mount of its own in every run."""

_KERNEL_FOLDERS = ("proc", "sys", "dev")


def lay_out(rootfs: str, points: Iterable[Point], working_dir: str, user: TreeOwner) -> tuple[Layout, View]:
    """Return the mounts of a sandbox from the tree at *rootfs* in order, and what it will show where.

    All that is made belongs to the *user*: a tmpfs of somebody else in a container gives the same rights.
    """
    view = View(rootfs)
    stand_ins: dict[str, StandIn] = {}
    folders: list[str] = []
    placed: list[Point] = []
    problem = ""
    for point in sorted(points, key=_depth_of):
        try:
            path = _make_place(view, point.target, stand_ins, folders, placed)
        except (OSError, ValueError) as error:
            problem = problem or f"no mount at {point.target}: {getattr(error, 'strerror', None) or error}"
            continue
        if path == "/":
            problem = problem or "no mount at /: it is the image itself"
            continue
        placed.append(point._replace(target=path, mode=_mode(view, path, point, user)))
        view.add(placed[-1])
        problem = problem or _mismatch(view, rootfs, placed[-1])
    try:
        if working_dir and not view.find(working_dir).exists:
            path = _make_place(view, working_dir, stand_ins, folders, placed)
            _note_folder(view, path, folders, placed, user.mode_for(0o755, 0, 0))  # root's in a container
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        problem = problem or f"the working folder {working_dir} cannot be made: {why}"
    return Layout(tuple(stand_ins.values()), tuple(folders), tuple(placed), problem), view


def _depth_of(point: Point) -> int:
    return depth(point.target)


def _make_place(
    view: View, target: str, stand_ins: dict[str, StandIn], folders: list[str], placed: list[Point]
) -> str:  # fmt: skip
    """Return *target* without links, after noting what has to be made for it to exist; raises OSError, ValueError."""
    found = view.find(target)
    if found.exists:
        return found.path
    above = view.nearest(found.path)
    inside = view.find(above)
    if inside.area:
        area = view.point_of(inside.area)
        if area.source and area.read_only:
            raise ValueError(f"{above} is mounted read-only, and has no such path")
    elif above not in stand_ins and above not in folders:
        stand_in = view.stand_in(above)
        if len(stand_in.children) > _MAX_CHILDREN:
            raise ValueError(f"the image has no such path, and {len(stand_in.children)} entries in {above}")
        kept = [child for child in stand_in.children if above != "/" or child.name not in _KERNEL_FOLDERS]
        stand_ins[above] = stand_in._replace(children=tuple(kept))
    missing = found.path[len(above.rstrip("/")) :].strip("/").split("/")[:-1]
    for name in missing:
        above = f"{above.rstrip('/')}/{name}"
        _note_folder(view, above, folders, placed)
    return found.path


def _note_folder(view: View, path: str, folders: list[str], placed: list[Point], mode: int = 0o755) -> None:
    """Note that the folder *path* has to be made: in the tree before all mounts, in a mount after that one.

    It has *mode* if it vanishes with a tmpfs: nothing is written there that would be lost.
    """
    if area := view.find(path).area:
        placed.append(Point(path, mode=0o755 if view.point_of(area).source else mode, is_folder=True))
    else:
        folders.append(path)
    view.make_folder(path)


def _mode(view: View, path: str, point: Point, user: TreeOwner) -> int:
    """Return the mode of a tmpfs at *path* that gives *user* the rights that its owner in a container leaves."""
    mode = point.mode
    if point.keeps_mode:
        with suppress(OSError):  # nothing is there
            mode = stat.S_IMODE(os.stat(view.find(path).host).st_mode)
    return user.mode_for(mode, *point.owner) if point.owner else mode


def _mismatch(view: View, rootfs: str, point: Point) -> str:
    """Return why *point* cannot be mounted on what the tree has there; "" if it can."""
    there = f"{rootfs}{point.target}"
    if not os.path.lexists(there) or not point.source or view.find(point.target.rpartition("/")[0] or "/").area:
        return ""
    if os.path.isdir(point.source) != os.path.isdir(there):
        return f"no mount at {point.target}: one is a folder, the other is a file"
    return ""
