"""Paths in a tree that is being made: resolved within it as in a chroot, with missing folders made."""

from __future__ import annotations

import os
import stat

from launcher.core.values.invalid_value import InvalidValueError
from launcher.sandbox.remove_files import remove_folder

Folder = tuple[int, int, int, int]
"""Mode, uid, gid and mtime (nanoseconds) that a folder gets when the tree is complete."""

_MOST_LINKS = 40  # Linux's limit (MAXSYMLINKS)
_LONGEST, _DEEPEST = 2048, 200  # bytes of a path, folders


def split_name(name: bytes) -> tuple[bytes, bytes]:
    """Return the folder and the last part of an entry's *name*, both relative to the tree; ("", "") is its root.

    Raises `InvalidValueError` for a name that leads upwards, is too long or holds a zero byte.
    """
    parts = [part for part in name.split(b"/") if part not in (b"", b".")]
    if b".." in parts:
        raise InvalidValueError("has an entry outside the image (its name contains '..')")
    if b"\0" in name or len(name) > _LONGEST or len(parts) > _DEEPEST:
        raise InvalidValueError("has an entry with a name that is too long or invalid")
    return b"/".join(parts[:-1]), parts[-1] if parts else b""


class TreePaths:
    """The folders and links of the tree in *root*; paths are relative to it, without links unless said otherwise."""

    def __init__(self, root: bytes, missing: Folder) -> None:
        """Use *root*, an empty folder that nobody else changes; *missing* is for folders that no entry describes."""
        self.root = root
        self._missing = missing
        self.folders: dict[bytes, Folder] = {b"": missing}
        """The folders that were made; it may also hold some that were removed again."""
        self.fresh: set[bytes] | None = None
        """What the current layer brought, with the folders above it; None: there are no layers."""
        self._real: dict[bytes, bytes] = {b"": b""}

    def begin_layer(self) -> None:
        """Forget what the last layer brought: engines unpack each layer alone, and follow no links of another one."""
        self.fresh = set()
        self._real = {b"": b""}

    def end_layers(self) -> None:
        """Follow the links of all layers from now on, as in the whole image."""
        self.fresh = None

    def absolute(self, place: bytes) -> bytes:
        """Return *place* as an absolute path."""
        return b"%s/%s" % (self.root, place)

    def make_folder(self, path: bytes) -> bytes:
        """Return the folder that *path* (which may contain links) leads to; make what is missing.

        In a layer, files and links of earlier layers give way to a folder.
        """
        real = self._real.get(path)
        if real is None:
            real = self._real[path] = self._resolve(path, make=True) or b""
        return real

    def find_folder(self, path: bytes) -> bytes | None:
        """Return the folder that *path* (which may contain links) leads to, None if there is none."""
        real = self._real.get(path)
        return self._resolve(path, make=False) if real is None else real

    def put_folder(self, place: bytes) -> None:
        """Make sure that there is a folder at *place*, with its contents if it is one already."""
        try:
            os.mkdir(self.absolute(place), 0o700)
        except FileExistsError:
            if not stat.S_ISDIR(os.lstat(self.absolute(place)).st_mode):
                self.remove(place)
                os.mkdir(self.absolute(place), 0o700)

    def is_folder_or_missing(self, place: bytes) -> bool:
        """Return whether there is a folder at *place*, or nothing."""
        try:
            return stat.S_ISDIR(os.lstat(self.absolute(place)).st_mode)
        except OSError:
            return True

    def remove(self, place: bytes) -> None:
        """Remove the file, link or folder at *place* if there is one."""
        path = self.absolute(place)
        try:
            mode = os.lstat(path).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return
        if stat.S_ISDIR(mode):
            remove_folder(path)
        else:
            os.unlink(path)
        if not stat.S_ISREG(mode):  # paths may have led through it
            self._real = {b"": b""}

    def add_fresh(self, place: bytes) -> None:
        """Note that the current layer brought *place*."""
        while self.fresh is not None and place and place not in self.fresh:
            self.fresh.add(place)
            place = place.rpartition(b"/")[0]

    def remove_others(self, folder: bytes) -> None:
        """Remove all that is below *folder* except for what the current layer brought."""
        for name in os.listdir(self.absolute(folder)):
            place = b"%s/%s" % (folder, name) if folder else name
            if place not in (self.fresh or ()):
                self.remove(place)
            elif stat.S_ISDIR(os.lstat(self.absolute(place)).st_mode):
                self.remove_others(place)

    def _resolve(self, path: bytes, *, make: bool) -> bytes | None:
        real = b""
        parts = path.split(b"/")[::-1]
        links = 0
        while parts:
            part = parts.pop()
            if part in (b"", b"."):
                continue
            if part == b"..":
                real = real.rpartition(b"/")[0]
                continue
            place = b"%s/%s" % (real, part) if real else part
            mode = self._step(place) if make else _mode_of(self.absolute(place))
            if mode is None:
                return None
            if stat.S_ISLNK(mode):
                links += 1
                target = os.readlink(self.absolute(place))
                if target.startswith(b"/"):
                    real = b""
                parts += target.split(b"/")[::-1]
            elif stat.S_ISDIR(mode):
                real = place
            else:
                raise InvalidValueError("has an entry below a file")
            if links > _MOST_LINKS or len(parts) > _LONGEST:
                raise InvalidValueError("has an entry whose path is a loop of links")
            if len(real) > _LONGEST or real.count(b"/") > _DEEPEST:
                raise InvalidValueError("has an entry whose path is too long")
        return real

    def _step(self, place: bytes) -> int:
        """Return the mode of what is at *place*, of a new folder if there is nothing that counts."""
        mode = _mode_of(self.absolute(place))
        if mode is not None and not stat.S_ISDIR(mode) and self.fresh is not None and place not in self.fresh:
            self.remove(place)
            mode = None
        if mode is None:
            os.mkdir(self.absolute(place), 0o700)
            self.folders[place] = self._missing
            mode = stat.S_IFDIR
        return mode


def _mode_of(path: bytes) -> int | None:
    try:
        return os.lstat(path).st_mode
    except FileNotFoundError:
        return None
