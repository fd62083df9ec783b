"""The store of trees: made once, held while in use, removed, counted, checked."""

import os

from launcher.sandbox import manage_trees, tree_store
from launcher.sandbox.tree_store import tree_folder
from tests.sandbox.trees import a_tar, entry, image_id, make, symlink

SMALL = a_tar(
    entry("bin/"), entry("bin/tool", "tool", mode=0o755), symlink("sh", "bin/tool"), entry("tmp/", mode=0o1777)
)


def test_a_tree_is_read_back_as_it_was_made(tmp_path):
    made = make(tmp_path, SMALL)

    assert tree_store.read_tree(str(tmp_path), image_id()) == made
    assert tree_store.list_trees(str(tmp_path)) == [made]
    assert made.size == 4
    root = tmp_path / tree_folder("", image_id())[1:] / "rootfs"
    assert (root / "bin/tool").read_text() == "tool"
    assert manage_trees.verify_tree(str(tmp_path), image_id()) == []
    assert manage_trees.check_store(str(tmp_path)) == []


def test_a_tree_in_use_is_not_removed(tmp_path):
    store = str(tmp_path)
    make(store, SMALL)
    held = tree_store.hold_tree(store, image_id())

    assert manage_trees.remove_tree(store, image_id()) is None
    os.close(held)
    assert manage_trees.remove_tree(store, image_id()) > 4
    assert os.listdir(store) == []
    assert manage_trees.remove_tree(store, image_id()) == 0
