"""What a sandbox will show at each path, before it exists: the tree, and the mounts over it."""

from __future__ import annotations

import errno
import os
import stat

from launcher.core.sandbox.mount_layout import Child, StandIn
from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.sandbox.mount_layout import Point

_MAX_LINKS = 40  # path_resolution(7)


class Found(NamedTuple):
    """What is at a path of a sandbox."""

    path: str  # without links
    host: str  # where its contents are on this machine; "": nowhere, it is missing or in a tmpfs
    exists: bool
    area: str  # the target of the mount that it is in; "": the tree


class View:
    """The tree at *rootfs*, and the mounts that were added."""

    def __init__(self, rootfs: str) -> None:
        """Begin with the tree alone."""
        self._rootfs = rootfs
        self._points: list[Point] = []
        self._made: set[str] = set()

    def make_folder(self, path: str) -> None:
        """Add a folder that bwrap will make."""
        self._made.add(path)

    def add(self, point: Point) -> None:
        """Add a mount; its target has no links."""
        self._points.append(point)

    def point_of(self, area: str) -> Point:
        """Return the last mount at *area*."""
        return next(point for point in reversed(self._points) if point.target == area)

    def find(self, path: str) -> Found:
        """Return what is at the absolute *path*, with links followed inside the sandbox and never out of it.

        Raises OSError (ELOOP) if there are too many links.
        """
        names, here, links = _names(path), "", 0
        while names:
            name = names.pop(0)
            if name == "..":
                here = here.rpartition("/")[0]
                continue
            host, area = self._host(f"{here}/{name}")
            target = _link(host) if host else None
            if target is None:
                here = f"{here}/{name}"
                if not self._exists(here, host, area):
                    return Found("/".join((here, *names)), "", exists=False, area=area)
                continue
            links += 1
            if links > _MAX_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            names[:0] = _names(target)
            here = "" if target.startswith("/") else here
        host, area = self._host(here or "/")
        return Found(here or "/", host, exists=True, area=area)

    def nearest(self, path: str) -> str:
        """Return the deepest folder above *path*, which has no links, that exists."""
        folder = path
        while folder not in ("", "/"):
            folder = folder.rpartition("/")[0] or "/"
            if self.find(folder).exists:
                return folder
        return "/"

    def stand_in(self, folder: str) -> StandIn:
        """Return what a tmpfs needs to replace *folder* of the tree; raises OSError."""
        host = f"{self._rootfs}{folder}"
        names = sorted(os.listdir(host))
        children = tuple([Child(name, _link(f"{host.rstrip('/')}/{name}") or "") for name in names])
        return StandIn(folder, stat.S_IMODE(os.stat(host).st_mode), children)

    def _exists(self, path: str, host: str, area: str) -> bool:
        if path in self._made or any(f"{point.target}/".startswith(f"{path}/") for point in self._points):
            return True
        return os.path.lexists(host) if host else path == area

    def _host(self, path: str) -> tuple[str, str]:
        """Return where *path* is on this machine ("": in a tmpfs), and the target of its mount ("": the tree)."""
        best = None
        for point in self._points:
            inside = path == point.target or path.startswith(point.target.rstrip("/") + "/")
            if inside and (best is None or len(point.target) >= len(best.target)):
                best = point
        if best is None:
            return f"{self._rootfs}{path}", ""
        return (
            best.source.rstrip("/") + path[len(best.target.rstrip("/")) :] or "/"
        ) if best.source else "", best.target


def _names(path: str) -> list[str]:
    return [name for name in path.split("/") if name not in ("", ".")]


def _link(path: str) -> str | None:
    """Return the target of a symbolic link, None for anything else."""
    try:
        return os.readlink(path)
    except OSError:
        return None
