"""What commands do with the store of trees: sizes, checks, removal. No launch loads this module."""

from collections.abc import Mapping

from launcher.sandbox.check_trees import StoreProblem, TreeSize, find_differences, find_problems, measure_tree
from launcher.sandbox.remove_tree import remove_unused
from launcher.sandbox.tree_store import is_tree_name, list_trees, read_tree, tree_folder, tree_names


def remove_tree(store: str, image_id: str) -> int | None:
    """Remove the tree of *image_id* and return the bytes that are free now; None: it is in use, and stays.

    0 if there is no such tree. Raises `HostError`.
    """
    return remove_unused(tree_folder(store, image_id))


def tree_sizes(store: str) -> Mapping[str, TreeSize]:
    """Return the size of each tree by image id."""
    trees = list_trees(store)
    return {tree.image_id: measure_tree(tree_folder(store, tree.image_id), tree) for tree in trees}


def check_store(store: str) -> list[StoreProblem]:
    """Return what interrupted work has left in the store: half-made and half-removed trees, damaged markers."""
    names = [name for name in tree_names(store) if is_tree_name(name)]
    return find_problems(store, [name for name in names if read_tree(store, f"sha256:{name}") is None])


def clean_store(store: str) -> int:
    """Remove all that `check_store` reports and is not in use; return the bytes that are free now."""
    return sum(remove_unused(problem.folder) or 0 for problem in check_store(store))


def verify_tree(store: str, image_id: str) -> list[str]:
    """Compare all files of a tree with its list and return what differs, one line each; empty if it is intact.

    Missing, additional and changed files, and changed modes, owners, times and links (like ``ostree fsck``). What the
    owner may not read is not read. A tree whose list is damaged is reported as one line.
    """
    return find_differences(tree_folder(store, image_id))
