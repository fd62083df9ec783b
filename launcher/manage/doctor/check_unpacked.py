"""Check the unpacked images: half-made, damaged, changed, or of no use."""

from collections.abc import Iterator
from functools import partial

from launcher.core.deploy.record import Deployment
from launcher.errors import StateError
from launcher.manage.context import Context
from launcher.manage.doctor.finding import Finding, count, note, ok, repairable
from launcher.manage.images.retained_trees import IN_USE, unowned_trees
from launcher.sandbox import manage_trees, tree_store
from launcher.sandbox.check_trees import StoreProblem

_SHOWN = 3  # differences of one tree


def check_unpacked(context: Context, *, verify: bool) -> Iterator[Finding]:
    """Check the trees; with *verify*, compare all their files with the checksums from when they were unpacked."""
    store = context.places.trees
    every = context.record.deployments()
    found = [_leftover(context, each) for each in manage_trees.check_store(store)]
    found += [_unowned(image_id) for image_id in unowned_trees(context, every)]
    trees = tree_store.list_trees(store)
    for tree in trees if verify else ():
        found += _verify(context, tree.image_id, _users(every, tree.image_id))
    yield from found
    if trees and not found:
        yield ok("trees", f"{count(len(trees), 'unpacked image')}{', all files intact' if verify else ''}")


def _leftover(context: Context, problem: StoreProblem) -> Finding:
    what = f"{context.shown(problem.folder)}: {problem.what}"
    return repairable("trees", what, partial(_clean, context.places.trees))


def _unowned(image_id: str) -> Finding:
    what = f"no app uses the unpacked image {image_id[:19]}"
    return note("trees", what, "applaunch gc")


def _verify(context: Context, image_id: str, users: str) -> list[Finding]:
    lines = manage_trees.verify_tree(context.places.trees, image_id)
    if not lines:
        return []
    more = f" and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    what = f"the unpacked image of {users or image_id[:19]} was changed: {', '.join(lines[:_SHOWN])}{more}"
    return [repairable("trees", what, partial(_remove, context.places.trees, image_id))]


def _users(every: list[Deployment], image_id: str) -> str:
    return ", ".join(dict.fromkeys(each.app for each in every if each.image_id == image_id))


def _clean(store: str) -> str:
    manage_trees.clean_store(store)
    return "removed"


def _remove(store: str, image_id: str) -> str:
    """Remove a damaged tree; it is unpacked again when a call or `pull` needs it."""
    if manage_trees.remove_tree(store, image_id) is None:
        raise StateError("trees", IN_USE, "end it, and run applaunch doctor --fix again")
    return "removed; it is unpacked again when it is needed"
