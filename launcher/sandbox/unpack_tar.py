"""Unpack tar archives into a tree: an engine's export, or the layers of an image one after another.

No link is followed out of the tree: the path of every entry is resolved within it, as in a chroot. Nobody else writes
into a tree while it is made, and existing files are never opened for writing, since other trees may share them.
"""

from __future__ import annotations

import os
import shlex
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

from launcher.core.images.tar_headers import FILE, FOLDER, LINK, OTHER, SYMLINK, TarEntry
from launcher.core.images.tar_reader import TarReader
from launcher.core.sandbox.init_layer import FILES, LINKS, SPARE_FILES, init_folders
from launcher.core.values.invalid_value import InvalidValueError
from launcher.sandbox.tree_paths import TreePaths, split_name
from launcher.sandbox.unpack_limits import USUAL_LIMITS
from launcher.sandbox.write_content import write_all, write_chunks

if TYPE_CHECKING:
    from launcher.core.images.tar_reader import ByteStream
    from launcher.core.sandbox.tree import ImageConfig
    from launcher.core.sandbox.tree_owner import TreeOwner
    from launcher.sandbox.shared_files import SharedFiles
    from launcher.sandbox.unpack_limits import UnpackLimits

_IN_MEMORY = 4 << 20  # bytes of a file that are read before it is created
_MOST_LINKS = 8
_WHITEOUT, _OPAQUE, _AUFS = b".wh.", b".wh..wh..opq", b".wh..wh."
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_NEW_READABLE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_BY_ENGINE = "let an engine run it: runtime = 'engine'"
_CHECKED = 64 << 20  # bytes between two looks at the free disk space


class Unpacker:
    """Writes entries into the folder *root*; folders get their modes and times later, from `folders`."""

    def __init__(self, root: bytes, owner: TreeOwner, shared: SharedFiles, limits: UnpackLimits = USUAL_LIMITS) -> None:
        """Unpack into *root*, an empty folder, for *owner*; files that *shared* finds in other trees are linked."""
        self.paths = TreePaths(root, (owner.mode_for(0o755, 0, 0), 0, 0, 0))
        self.digests: dict[int, bytes] = {}
        """SHA-256 of the content of each file, by inode number."""
        self._owner = owner
        self._shared = shared
        self._limits = limits
        self._size = self._files = self._unchecked = 0
        self._opaque: set[bytes] = set()  # folders of the current layer that hide those of earlier layers
        self._skipped: set[bytes] = set()

    def unpack(self, stream: ByteStream, *, is_layer: bool) -> None:
        """Unpack the archive in *stream* over what is there; in a layer, whiteouts remove files of earlier layers.

        Raises `InvalidValueError` for an invalid archive or one over the limits, and OSError.
        """
        if is_layer:
            self.paths.begin_layer()
        self._opaque.clear()
        reader = TarReader(stream, self._limits.size - self._size)
        for entry in reader:
            self._files += 1
            if self._files > self._limits.files:
                raise InvalidValueError(f"has more than {self._limits.files} files", _BY_ENGINE)
            self._add(entry, reader, is_layer=is_layer)
        if not (is_layer or reader.is_complete):  # a layer has a digest
            raise InvalidValueError("is truncated")
        reader.drain()
        self._size += reader.bytes_read

    def add_init_layer(self, config: ImageConfig) -> None:
        """Add the folders, empty files and links that every container of an image with that *config* has."""
        self.paths.end_layers()
        for path in init_folders(config):
            self.paths.make_folder(os.fsencode(path))
        for path in FILES:
            self._add_own(TarEntry(os.fsencode(path), FILE, 0o755, uid=0, gid=0, mtime=0, size=0))
        for path, target in LINKS.items():
            name, there = os.fsencode(path), os.fsencode(target)
            self._add_own(TarEntry(name, SYMLINK, 0o777, uid=0, gid=0, mtime=0, size=0, target=there))
        for path in SPARE_FILES:
            self._add_if_missing(os.fsencode(path))

    def _add_if_missing(self, path: bytes, links: int = _MOST_LINKS) -> None:
        """Add an empty file where *path* or the link there leads to, unless something is there."""
        folder, name = split_name(path)
        place = b"%s/%s" % (self.paths.make_folder(folder), name)
        absolute = self.paths.absolute(place)
        if os.path.islink(absolute):
            target = os.readlink(absolute)
            if links and b".." not in target.split(b"/"):
                self._add_if_missing(target if target.startswith(b"/") else b"%s/%s" % (folder, target), links - 1)
        elif not os.path.lexists(absolute):
            self._add_own(TarEntry(place, FILE, 0o644, uid=0, gid=0, mtime=0, size=0))

    def _add_own(self, entry: TarEntry) -> None:
        self._add(entry, TarReader(BytesIO()), is_layer=False)

    def _add(self, entry: TarEntry, reader: TarReader, *, is_layer: bool) -> None:
        parent, name = split_name(entry.name)
        if not name:
            if entry.kind == FOLDER:
                self._set_folder(b"", entry)
            return
        if is_layer and (name.startswith(_WHITEOUT) or parent.startswith(_AUFS)):
            self._remove_hidden(parent, name)
            return
        folder = self.paths.make_folder(parent)
        place = b"%s/%s" % (folder, name) if folder else name
        if is_layer:
            self.paths.add_fresh(place)
        self._skipped.discard(place)
        if entry.kind == FILE:
            self._add_file(place, entry, reader)
        elif entry.kind == FOLDER:
            self.paths.put_folder(place)
            self._set_folder(place, entry)
        elif entry.kind == SYMLINK:
            self._add_symlink(place, entry)
        elif entry.kind == LINK:
            self._add_link(place, entry)
        elif entry.kind == OTHER:
            self.paths.remove(place)
            self._skipped.add(place)

    def _set_folder(self, place: bytes, entry: TarEntry) -> None:
        mode = self._owner.mode_for(entry.mode, entry.uid, entry.gid)
        self.paths.folders[place] = (mode, entry.uid, entry.gid, entry.mtime)

    def _add_file(self, place: bytes, entry: TarEntry, reader: TarReader) -> None:
        mode = self._owner.mode_for(entry.mode, entry.uid, entry.gid)
        self._check_space(entry.size)
        self._size += entry.full_size  # the holes of sparse files are read, too
        if self._size > self._limits.size:
            raise InvalidValueError("is too large", _BY_ENGINE)
        path = self.paths.absolute(place)
        if not self._shared.is_empty:  # a link replaces nothing
            self.paths.remove(place)
        if entry.size <= _IN_MEMORY and entry.pieces is None:
            data = reader.read_content()
            digest = sha256(data).digest()
            inode = self._shared.link(path, digest, mode, entry, data)
            if not inode:
                descriptor = self._create(place, _NEW)
                try:
                    write_all(descriptor, data)
                    inode = self._finish_file(descriptor, mode, entry)
                finally:
                    os.close(descriptor)
        else:
            descriptor = self._create(place, _NEW_READABLE)
            try:
                digest = write_chunks(descriptor, entry, reader)
                inode = self._finish_file(descriptor, mode, entry)
            finally:
                os.close(descriptor)
            inode = self._shared.replace(path, digest, mode, entry) or inode
        self.digests[inode] = digest

    def _create(self, place: bytes, flags: int) -> int:
        """Create the file at *place*, in the place of what is there, and return its descriptor."""
        path = self.paths.absolute(place)
        try:
            return os.open(path, flags, 0o600)
        except FileExistsError:
            self.paths.remove(place)
            return os.open(path, flags, 0o600)

    def _finish_file(self, descriptor: int, mode: int, entry: TarEntry) -> int:
        if self._owner.uid == 0:
            os.fchown(descriptor, entry.uid, entry.gid)
        os.fchmod(descriptor, mode)
        os.utime(descriptor, ns=(entry.mtime, entry.mtime))
        return os.fstat(descriptor).st_ino

    def _add_symlink(self, place: bytes, entry: TarEntry) -> None:
        if not entry.target or b"\0" in entry.target:
            raise InvalidValueError("has a symbolic link without a target")
        self.paths.remove(place)
        path = self.paths.absolute(place)
        os.symlink(entry.target, path)
        if self._owner.uid == 0:
            os.lchown(path, entry.uid, entry.gid)
        os.utime(path, ns=(entry.mtime, entry.mtime), follow_symlinks=False)

    def _add_link(self, place: bytes, entry: TarEntry) -> None:
        parent, name = split_name(entry.target)
        folder = self.paths.find_folder(parent)
        source = b"%s/%s" % (folder, name) if folder else name
        if source in self._skipped:
            self.paths.remove(place)
            self._skipped.add(place)
            return
        missing = folder is None or not name or self.paths.is_folder_or_missing(source)
        if missing or source.startswith(place + b"/"):  # the link would replace a folder above its target
            raise InvalidValueError("has a hard link to a file that it does not have")
        if source != place:
            self.paths.remove(place)
            os.link(self.paths.absolute(source), self.paths.absolute(place), follow_symlinks=False)

    def _remove_hidden(self, parent: bytes, name: bytes) -> None:
        """Apply a whiteout (OCI image-spec, layer.md) in the folder *parent*; other metadata of AUFS is skipped."""
        if parent.startswith(_AUFS):
            return
        folder = self.paths.make_folder(parent)
        if name == _OPAQUE:
            if folder not in self._opaque:
                self._opaque.add(folder)
                self.paths.remove_others(folder)
        elif not name.startswith(_AUFS):
            hidden = name.removeprefix(_WHITEOUT)
            if hidden in (b"", b".", b".."):
                raise InvalidValueError("has a whiteout of a folder above it")
            self.paths.remove(b"%s/%s" % (folder, hidden) if folder else hidden)

    def _check_space(self, size: int) -> None:
        """Raise before the disk has less free space than it should keep."""
        self._unchecked += size
        if self._limits.keep_free and self._unchecked >= _CHECKED:
            self._unchecked = 0
            found = os.statvfs(self.paths.root)
            if found.f_bavail * found.f_frsize - size < self._limits.keep_free:
                folder = shlex.quote(os.fsdecode(os.path.dirname(os.path.dirname(self.paths.root))))
                what = "does not fit on the disk, which must keep some space free"
                raise InvalidValueError(what, f"free some disk space: df -h {folder}")
