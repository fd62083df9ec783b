"""Complete a tree: give its folders their modes and times, and list what it holds."""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from launcher.core.sandbox.tree import WritablePath
from launcher.sandbox.file_records import FILE, FOLDER, NO_DIGEST, SYMLINK, FileRecord

if TYPE_CHECKING:
    from launcher.core.sandbox.tree_owner import TreeOwner
    from launcher.sandbox.unpack_tar import Unpacker

_KINDS = {stat.S_IFREG: FILE, stat.S_IFDIR: FOLDER, stat.S_IFLNK: SYMLINK}
_ANYONE_WRITES, _OWNER_WRITES = 0o002, 0o200
_OWNER_ENTERS = 0o100


class TreeContents(NamedTuple):
    """What a complete tree holds."""

    records: list[FileRecord]
    writable: list[WritablePath]
    size: int  # bytes of all files


class _Sealer:
    def __init__(self, unpacker: Unpacker, owner: TreeOwner) -> None:
        self._paths = unpacker.paths
        self._digests = unpacker.digests
        self._owner = owner
        self._counted: set[int] = set()
        self.found = TreeContents([], [], 0)

    def seal(self, place: bytes, *, reachable: bool) -> None:
        """Seal the folder *place*, its contents first; *reachable*: its writable paths are still to be listed."""
        path = self._paths.absolute(place)
        mode, uid, gid, mtime = self._paths.folders[place]
        entries = sorted(os.listdir(path))
        writable = self._is_writable(mode)
        if reachable and writable:
            self._add_writable(place, mode, empty=not entries)
        below = reachable and not writable and (self._owner.uid == 0 or bool(mode & _OWNER_ENTERS))
        at = len(self.found.records)
        self.found.records.append(FileRecord(FOLDER, mode, uid, gid, mtime, 0, NO_DIGEST, place or b"."))
        for name in entries:
            self._seal_entry(b"%s/%s" % (place, name) if place else name, reachable=below)
        if self._owner.uid == 0:
            os.chown(path, uid, gid)
        os.chmod(path, mode)
        os.utime(path, ns=(mtime, mtime))
        status = os.lstat(path)
        self.found.records[at] = self.found.records[at]._replace(uid=status.st_uid, gid=status.st_gid)

    def _seal_entry(self, place: bytes, *, reachable: bool) -> None:
        path = self._paths.absolute(place)
        status = os.lstat(path)
        kind = _KINDS[stat.S_IFMT(status.st_mode)]
        if kind == FOLDER:
            self.seal(place, reachable=reachable)
            return
        mode = stat.S_IMODE(status.st_mode)
        if kind == FILE:
            digest = self._digests[status.st_ino]
            if reachable and self._is_writable(mode):
                self._add_writable(place, mode, empty=False)
            if status.st_ino not in self._counted:
                self._counted.add(status.st_ino)
                self.found = self.found._replace(size=self.found.size + status.st_size)
        else:
            digest = sha256(os.readlink(path)).digest()
        facts = mode, status.st_uid, status.st_gid, status.st_mtime_ns, status.st_size
        self.found.records.append(FileRecord(kind, *facts, digest.hex().encode(), place))

    def _is_writable(self, mode: int) -> bool:
        """Return whether the owner could write there: the owner's bits, but root keeps those of the image's owner."""
        return bool(mode & (_ANYONE_WRITES if self._owner.uid == 0 else _OWNER_WRITES))

    def _add_writable(self, place: bytes, mode: int, *, empty: bool) -> None:
        self.found.writable.append(WritablePath("/" + os.fsdecode(place), mode, empty))


def seal_tree(unpacker: Unpacker, owner: TreeOwner) -> TreeContents:
    """Give all folders their modes and times, and return what the tree holds.

    Of the paths that the owner could write in a container, only the topmost is listed. Root could write all of them.
    """
    sealer = _Sealer(unpacker, owner)
    sealer.seal(b"", reachable=True)
    if owner.uid == 0:
        mode = unpacker.paths.folders[b""][0]
        sealer.found.writable.insert(0, WritablePath("/", mode, empty=False))
    return sealer.found
