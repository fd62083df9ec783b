"""Where the mounts of a sandbox go, and what stands in for folders of the image that lack a mount point.

bwrap cannot make a mount point inside a read-only tree, and it must not be made in the tree itself, which other runs
share. So the deepest folder that exists is replaced by a tmpfs with its children bound one by one, the missing folders
are made in it, and it is made read-only at the end.
"""

from __future__ import annotations

from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Child(NamedTuple):
    """An entry of a folder in a tree."""

    name: str
    link: str = ""  # the target of a symbolic link; "": a file or folder


class StandIn(NamedTuple):
    """A folder of the tree that a tmpfs with the same children replaces."""

    folder: str
    mode: int
    children: tuple[Child, ...]


class Point(NamedTuple):
    """One mount of a sandbox at its place: the path without links, as the sandbox has it."""

    target: str
    source: str = ""  # on this machine; "": a tmpfs
    read_only: bool = False
    mode: int = 0o755  # of a tmpfs, or of a folder to make
    keeps_mode: bool = False  # a tmpfs gets the mode of the folder that it covers
    owner: tuple[int, int] | None = None  # uid and gid of a tmpfs in a container; None: the user's own
    size: int = 0  # of a tmpfs, in bytes; 0: the kernel's default
    device: bool = False  # whether devices in it work
    text: str = ""  # of a file that is made for this run alone
    is_folder: bool = False  # nothing is mounted: a folder to make in the mount above it


class Layout(NamedTuple):
    """All mounts of a sandbox, in the order in which they are made."""

    stand_ins: tuple[StandIn, ...] = ()
    folders: tuple[str, ...] = ()  # to make in stand-ins, each after its parents
    points: tuple[Point, ...] = ()
    problem: str = ""  # why no sandbox can have these mounts; "": it can


def root_words(rootfs: str, layout: Layout) -> Iterator[str]:
    """Yield bwrap's options for the tree at *rootfs*, and for what stands in for some of its folders."""
    stand_ins = sorted(layout.stand_ins, key=_depth_of)
    covered = {point.target for point in layout.points}
    if not any(each.folder == "/" for each in stand_ins):
        yield from ("--ro-bind", rootfs, "/")
    for each in stand_ins:
        top = each.folder.rstrip("/")
        yield from ("--perms", f"{each.mode:04o}", "--tmpfs", each.folder)
        for child in each.children:
            path = f"{top}/{child.name}"
            if path in covered:
                continue
            yield from ("--symlink", child.link, path) if child.link else ("--ro-bind", f"{rootfs}{path}", path)


def folder_words(layout: Layout) -> Iterator[str]:
    """Yield bwrap's options that make the missing folders above mount points."""
    for folder in layout.folders:
        yield from ("--dir", folder)


def point_words(points: Iterable[Point]) -> Iterator[str]:
    """Yield bwrap's options for mounts."""
    for point in points:
        if point.is_folder:
            yield from ("--perms", f"{point.mode:04o}", "--dir", point.target)
            continue
        if point.source:
            yield from (f"--{bind_option(point)}", point.source, point.target)
            continue
        if point.size:
            yield from ("--size", str(point.size))
        yield from ("--perms", f"{point.mode:04o}", "--tmpfs", point.target)


def bind_option(point: Point) -> str:
    """Return bwrap's word for a mount from this machine."""
    return "dev-bind" if point.device else "ro-bind" if point.read_only else "bind"


def seal_words(layout: Layout) -> Iterator[str]:
    """Yield bwrap's options that make read-only what had to be written while the mounts were made."""
    for point in layout.points:
        if point.read_only and not point.source:
            yield from ("--remount-ro", point.target)
    for each in sorted(layout.stand_ins, key=_depth_of):
        yield from ("--remount-ro", each.folder)


def depth(path: str) -> int:
    """Return the number of names in an absolute *path*: mounts are made in this order, as docker does."""
    return len([name for name in path.split("/") if name])


def _depth_of(stand_in: StandIn) -> int:
    return depth(stand_in.folder)


def tmpfs_point(target: str, options: str) -> Point:
    """Return the tmpfs with docker's *options*: ``mode=``, ``size=`` and ``ro`` count here.

    Without ``mode=``, it has the mode of the folder that it covers, as runc makes it, and 1777 where there is none. It
    is root's without ``uid=`` and ``gid=``.
    """
    point, uid, gid = Point(target, mode=0o1777, keeps_mode=True), 0, 0
    for option in options.split(","):
        name, _, value = option.partition("=")
        if name == "mode":
            point = point._replace(mode=int(value, 8), keeps_mode=False)
        elif name == "size":
            point = point._replace(size=_bytes(value))
        elif name == "ro":
            point = point._replace(read_only=True)
        elif name in ("uid", "gid") and value.isdigit():
            uid, gid = (int(value), gid) if name == "uid" else (uid, int(value))
    return point._replace(owner=(uid, gid))


def _bytes(text: str) -> int:
    """Return the bytes of a tmpfs's ``size`` (tmpfs(5)); 0, the kernel's default, for a part of memory in percent."""
    number = text.rstrip("kKmMgG")
    unit = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}.get(text[len(number) :].lower(), 1)
    return int(number) * unit if number.isdigit() else 0
