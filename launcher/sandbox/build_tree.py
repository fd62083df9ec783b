"""Make a tree beside its final place and rename it, so that a tree is complete or not there at all."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from launcher.core.values.checksum import add_checksum
from launcher.core.values.file_error_fixes import fix_for
from launcher.errors import HostError
from launcher.sandbox.file_records import write_records
from launcher.sandbox.make_private import make_private
from launcher.sandbox.manage_trees import remove_tree
from launcher.sandbox.remove_files import remove_folder
from launcher.sandbox.remove_tree import NEW
from launcher.sandbox.seal_tree import seal_tree
from launcher.sandbox.shared_files import SharedFiles
from launcher.sandbox.tree_store import is_same_file, list_trees, read_tree, tree_folder
from launcher.sandbox.unpack_limits import USUAL_LIMITS
from launcher.sandbox.unpack_tar import Unpacker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from launcher.core.sandbox.tree import Tree
    from launcher.core.sandbox.tree_owner import TreeOwner
    from launcher.sandbox.unpack_limits import UnpackLimits


def build_tree(
    store: str,
    image: Tree,
    owner: TreeOwner,
    unpack: Callable[[Unpacker], None],
    limits: UnpackLimits = USUAL_LIMITS,
) -> Tree:
    """Make the tree of *image* (id, digest and config) in *store* with *unpack*, and return it complete.

    If it exists, it is returned; if another process is making it, its end is awaited. After a failure nothing is left.
    Raises what *unpack* raises, `InvalidValueError` for what the image holds, and `HostError` for a full disk.
    """
    folder = tree_folder(store, image.image_id)
    try:
        make_private(store)
        while True:
            if (tree := read_tree(store, image.image_id)) is not None:
                return tree
            with _lock_new(folder + NEW) as is_ours:
                if is_ours:
                    return _build(store, image, owner, unpack, limits)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise HostError(folder, f"the image cannot be unpacked: {reason}", fix_for(error, folder)) from error


@contextmanager
def _lock_new(fresh: str) -> Iterator[bool]:
    """Make the folder *fresh* and lock it; give False if another process has finished or removed it meanwhile."""
    with suppress(FileExistsError):
        os.mkdir(fresh, 0o700)
    try:
        lock = os.open(f"{fresh}/lock", os.O_RDWR | os.O_CREAT, 0o600)
    except FileNotFoundError:
        yield False
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield is_same_file(lock, f"{fresh}/lock")
    finally:
        os.close(lock)


def _build(store: str, image: Tree, owner: TreeOwner, unpack: Callable[[Unpacker], None], limits: UnpackLimits) -> Tree:
    folder = tree_folder(store, image.image_id)
    fresh = folder + NEW
    try:
        if (tree := read_tree(store, image.image_id)) is not None:  # another process made it in the meantime
            remove_folder(os.fsencode(fresh))
            return tree
        _empty(fresh)
        root = f"{fresh}/rootfs"
        os.mkdir(root, 0o700)
        trees = [tree_folder(store, tree.image_id) for tree in list_trees(store)]
        shared = SharedFiles(trees, None if owner.uid == 0 else (owner.uid, owner.gid))
        unpacker = Unpacker(os.fsencode(root), owner, shared, limits)
        unpack(unpacker)
        unpacker.add_init_layer(image.config)
        contents = seal_tree(unpacker, owner)
        write_records(f"{fresh}/files", contents.records)
        tree = image._replace(writable=tuple(contents.writable), size=contents.size, files=len(contents.records))
        _write_marker(f"{fresh}/tree.json", tree)
        _remove_damaged(store, image.image_id)
        os.rename(fresh, folder)
    except BaseException:
        remove_folder(os.fsencode(fresh))
        raise
    return tree


def _remove_damaged(store: str, image_id: str) -> None:
    """Make room for a tree whose marker could not be read."""
    folder = tree_folder(store, image_id)
    if os.path.isdir(folder) and remove_tree(store, image_id) is None:
        raise HostError(folder, "the unpacked image is damaged and in use", "end its programs and try again")


def _empty(fresh: str) -> None:
    """Remove what an interrupted process has left in *fresh*, but its lock."""
    for name in os.listdir(fresh):
        if name == "rootfs":
            remove_folder(os.fsencode(f"{fresh}/{name}"))
        elif name != "lock":
            os.unlink(f"{fresh}/{name}")


def _write_marker(path: str, tree: Tree) -> None:
    with open(path, "xb") as file:
        file.write(add_checksum(tree.to_json()))
        file.flush()
        os.fsync(file.fileno())
