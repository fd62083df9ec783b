"""Check trees: what is half-made, what was changed, and how large they are."""

from __future__ import annotations

import fcntl
import os
import stat
from hashlib import file_digest, sha256
from typing import TYPE_CHECKING, NamedTuple

from launcher.core.values.invalid_value import InvalidValueError
from launcher.sandbox.file_records import FILE, FOLDER, NO_DIGEST, SYMLINK, FileRecord, read_records
from launcher.sandbox.remove_tree import NEW, OLD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from launcher.core.sandbox.tree import Tree

_KINDS = {stat.S_IFREG: FILE, stat.S_IFDIR: FOLDER, stat.S_IFLNK: SYMLINK}
_LISTED = 0o500  # the bits that let the owner list a folder and enter it
_ASPECTS = ("mode", "owner", "owner", "time", "size")


class TreeSize(NamedTuple):
    """The size of a tree in bytes."""

    size: int
    shared: int  # part of `size` that other trees hold as well; removing the tree does not free it


class StoreProblem(NamedTuple):
    """Something in the store that is of no use."""

    folder: str
    what: str  # in one line


def find_problems(store: str, damaged: Iterable[str]) -> list[StoreProblem]:
    """Return what is of no use in *store*, with the names of *damaged* trees; all that a process uses is left out."""
    found = []
    for name in sorted(os.listdir(store)) if os.path.isdir(store) else ():
        folder = f"{store}/{name}"
        if name.endswith(NEW):
            what = "an image was only partly unpacked"
        elif name.endswith(OLD):
            what = "an unpacked image was only partly removed"
        elif name in damaged:
            what = "an unpacked image whose description is damaged"
        else:
            continue
        if not _is_locked(folder):
            found.append(StoreProblem(folder, what))
    return found


def measure_tree(folder: str, tree: Tree) -> TreeSize:
    """Return the size of the *tree* in *folder*, and how much of it other trees share."""
    links: dict[int, tuple[int, os.stat_result]] = {}
    for entry in _walk(os.fsencode(f"{folder}/rootfs")):
        status = entry.stat(follow_symlinks=False)
        if stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
            links[status.st_ino] = links.get(status.st_ino, (0, status))[0] + 1, status
    shared = sum(status.st_size for count, status in links.values() if status.st_nlink > count)
    return TreeSize(tree.size, min(shared, tree.size))


def find_differences(folder: str) -> list[str]:
    """Return how the tree in *folder* differs from its list, one line for each path."""
    try:
        records = {record.path: record for record in read_records(f"{folder}/files")}
    except OSError as error:
        return [f"the list of its files cannot be read: {(error.strerror or str(error)).lower()}"]
    except (InvalidValueError, ValueError):
        return ["the list of its files is damaged"]
    root = os.fsencode(f"{folder}/rootfs")
    found = {b"."} if os.path.isdir(root) else set()
    lines = []
    for entry in _walk(root):
        path = entry.path[len(root) + 1 :]
        found.add(path)
        if path not in records:
            lines.append((path, "is not part of the image"))
    for path, record in records.items():
        if path in found:
            if why := _difference(root + b"/" + path, record):
                lines.append((path, why))
        elif not _is_hidden(path, records):
            lines.append((path, "is missing"))
    return [f"/{os.fsdecode(path)} {why}" for path, why in sorted(lines)]


def _difference(path: bytes, record: FileRecord) -> str:
    status = os.lstat(path)
    kind = _KINDS.get(stat.S_IFMT(status.st_mode), b"")
    if kind != record.kind:
        return "is of another kind"
    size = 0 if kind == FOLDER else status.st_size
    facts = stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, status.st_mtime_ns, size
    content = "" if kind == FOLDER or _digest(path, kind, record) == record.digest else "content"
    expected = record.mode, record.uid, record.gid, record.mtime, record.size
    named = [name for name, old, new in zip(_ASPECTS, expected, facts, strict=True) if old != new]
    changed = [*dict.fromkeys(named), content] if content else [*dict.fromkeys(named)]
    return f"was changed: {', '.join(changed)}" if changed else ""


def _digest(path: bytes, kind: bytes, record: FileRecord) -> bytes:
    if kind == SYMLINK:
        return sha256(os.readlink(path)).hexdigest().encode()
    try:
        with open(path, "rb", buffering=0) as file:
            return file_digest(file, "sha256").hexdigest().encode()
    except PermissionError:  # in the image, the owner may not read it
        return record.digest
    except OSError:  # a disk error
        return NO_DIGEST


def _is_hidden(path: bytes, records: dict[bytes, FileRecord]) -> bool:
    """Return whether *path* is in a folder that the owner may not read, and so cannot be seen."""
    parents = [path[:at] for at in range(len(path)) if path[at : at + 1] == b"/"]
    if os.geteuid() == 0:
        return False
    return any(parent in records and records[parent].mode & _LISTED != _LISTED for parent in parents)


def _walk(folder: bytes) -> Iterator[os.DirEntry[bytes]]:
    """Yield everything below *folder* that may be seen; links are not followed."""
    try:
        with os.scandir(folder) as found:
            entries = list(found)
    except OSError:
        return
    for entry in entries:
        yield entry
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)


def _is_locked(folder: str) -> bool:
    """Return whether a process makes, removes or uses the tree in *folder*."""
    try:
        lock = os.open(f"{folder}/lock", os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
