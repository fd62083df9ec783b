"""The store of trees: one folder for each unpacked image, named after the image's id.

``STORE/HEX/`` holds ``rootfs/`` (the tree), ``tree.json`` (the marker, written last), ``files`` (checksums) and
``lock``. Whoever runs a program from a tree holds a shared lock on ``lock``; whoever makes or removes it, an exclusive
one. The kernel drops a lock with its process. ``STORE/HEX.new/`` is a tree that is being made, and becomes ``HEX`` by
a rename; ``STORE/HEX.WORD.old/`` is being removed. A launch loads this module.
"""

from __future__ import annotations

import fcntl
import os

from launcher.core.sandbox.tree import Tree
from launcher.core.values.checksum import verify
from launcher.errors import HostError
from launcher.fast_stdlib import suppress

_HEX = 64  # digits of a SHA-256


def tree_folder(store: str, image_id: str) -> str:
    """Return the folder of the tree of *image_id* (``sha256:...``), whether it exists or not."""
    return f"{store}/{image_id.rpartition(':')[2]}"


def read_tree(store: str, image_id: str) -> Tree | None:
    """Return the tree of *image_id*, or None if it is not there or its marker is damaged."""
    try:
        with open(f"{tree_folder(store, image_id)}/tree.json", "rb") as file:
            value = verify(file.read())
        value.pop("checksum", None)
        tree = Tree.from_json(value)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return tree if tree.image_id == image_id else None


def list_trees(store: str) -> list[Tree]:
    """Return all complete trees, by image id."""
    found = [read_tree(store, f"sha256:{name}") for name in tree_names(store) if is_tree_name(name)]
    return [tree for tree in found if tree is not None]


def hold_tree(store: str, image_id: str) -> int:
    """Keep the tree from being removed and return a descriptor; it is kept until this is closed in all processes.

    Raises `HostError` if the tree is gone.
    """
    path = f"{tree_folder(store, image_id)}/lock"
    descriptor = -1
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        if is_same_file(descriptor, path):
            return descriptor
    if descriptor >= 0:
        os.close(descriptor)
    raise HostError(tree_folder(store, image_id), "the unpacked image is gone", "run the command again")


def is_tree_name(name: str) -> bool:
    """Return whether *name* is that of a complete tree's folder."""
    return len(name) == _HEX and not name.strip("0123456789abcdef")


def is_same_file(descriptor: int, path: str) -> bool:
    """Return whether *path* still leads to the file that *descriptor* has open."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except OSError:
        return False


def tree_names(store: str) -> list[str]:
    """Return the names of the folders in *store*, sorted; none if it does not exist."""
    try:
        return sorted(os.listdir(store))
    except OSError:
        return []
