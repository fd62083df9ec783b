"""Trees made in tests: archives written entry by entry, unpacked into a store."""

import io
import os
import tarfile

from launcher.core.sandbox.tree import ImageConfig, Tree
from launcher.core.sandbox.tree_owner import TreeOwner
from launcher.sandbox.build_tree import build_tree
from launcher.sandbox.unpack_limits import USUAL_LIMITS

ME = TreeOwner(os.getuid(), os.getgid(), tuple(os.getgroups()))
ANA = TreeOwner(4343, 4343, (50,))
"""An ordinary user, whom root stands in for: the modes are hers, the files belong to whoever runs the test."""
MTIME = 1_600_000_000


def image_id(number=1):
    return f"sha256:{number:064x}"


def entry(name, content=None, *, kind=None, target="", mode=None, **facts):
    """Return a tar entry: a file with its content, a folder (name ends in /), a link (kind LNKTYPE or SYMTYPE)."""
    info = tarfile.TarInfo(name.rstrip("/"))
    data = content.encode() if isinstance(content, str) else content or b""
    info.type = kind or (tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE)
    mode = mode if mode is not None else 0o755 if info.type == tarfile.DIRTYPE else 0o644
    info.mode, info.mtime, info.linkname, info.size = mode, MTIME, target, len(data)
    for fact, value in facts.items():
        setattr(info, fact, value)
    return info, data


def a_tar(*entries, format=tarfile.PAX_FORMAT):
    """Return the archive of these entries; the names may be bytes that are not UTF-8 (surrogates)."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=format, encoding="utf-8", errors="surrogateescape") as archive:
        for info, data in entries:
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def link(name, target, **facts):
    return entry(name, kind=tarfile.LNKTYPE, target=target, **facts)


def symlink(name, target, **facts):
    return entry(name, kind=tarfile.SYMTYPE, target=target, **facts)


class Slow:
    """A stream that gives a few bytes at a time, as a socket does, and calls *during* before each read."""

    def __init__(self, data, most=1000, during=lambda: None):
        self._file, self._most, self._during = io.BytesIO(data), most, during

    def read(self, size):
        self._during()
        return self._file.read(min(size, self._most))


def make(store, *archives, number=1, owner=ME, layers=None, limits=USUAL_LIMITS, volumes=()):
    """Unpack *archives* as the layers of an image (a single one as an export) and return the tree."""
    are_layers = len(archives) > 1 if layers is None else layers

    def unpack(unpacker):
        for data in archives:
            unpacker.unpack(data if hasattr(data, "read") else io.BytesIO(data), is_layer=are_layers)

    blank = Tree(image_id(number), config=ImageConfig(volumes=volumes))
    return build_tree(str(store), blank, owner, unpack, limits)
