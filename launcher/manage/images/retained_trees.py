"""Which trees are needed: those of retained deployments, of projects, and for a while those of nobody."""

import os
from collections.abc import Iterable, Mapping, Sequence

from launcher.core.deploy.record import Deployment
from launcher.manage.context import Context
from launcher.manage.images.removed_image import RemovedImage
from launcher.sandbox import manage_trees, tree_store
from launcher.sandbox.check_trees import TreeSize
from launcher.state import launch_files, write_launch_file

UNOWNED_AGE = 7 * 24 * 3600.0
"""How long a tree stays that no deployment has, in seconds: it was downloaded for an upgrade, or run by a project."""
IN_USE = "a program runs from it"


def remove_trees(
    context: Context, going: Sequence[Deployment], needed: Iterable[Deployment], *, dry_run: bool = False
) -> list[RemovedImage]:
    """Remove the trees of the deployments *going*, except those that a *needed* deployment or a project uses."""
    by_image: dict[str, list[Deployment]] = {}
    for each in going:
        by_image.setdefault(each.image_id, []).append(each)
    held = {each.image_id for each in needed} | project_images(context)
    here = {tree.image_id for tree in tree_store.list_trees(context.places.trees)}
    names = {
        image_id: (some[0].shown_image, tuple(sorted({each.number for each in some})))
        for image_id, some in by_image.items()
        if image_id in here - held
    }
    return _remove(context, names, dry_run=dry_run)


def remove_unowned_trees(
    context: Context, every: Iterable[Deployment], age: float, *, dry_run: bool = False
) -> list[RemovedImage]:
    """Remove the trees that no deployment ever had, and no project, and that are older than *age* (seconds)."""
    unowned = unowned_trees(context, every, max(age, UNOWNED_AGE))
    return _remove(context, {image_id: (image_id[:19], ()) for image_id in unowned}, dry_run=dry_run)


def unowned_trees(context: Context, every: Iterable[Deployment], age: float = UNOWNED_AGE) -> list[str]:
    """Return the ids of the images whose trees no deployment and no project has, older than *age* (seconds)."""
    owned = {each.image_id for each in every} | project_images(context)
    store = context.places.trees
    here = [tree.image_id for tree in tree_store.list_trees(store)]
    return [each for each in here if each not in owned and context.now - _made(store, each) > age]


def project_images(context: Context) -> set[str]:
    """Return the ids of the images that the commands of projects have run."""
    folder = context.places.projects
    found = set()
    for project in os.listdir(folder) if os.path.isdir(folder) else ():
        for command in write_launch_file.list_commands(f"{folder}/{project}"):
            known = launch_files.read(f"{folder}/{project}", command)
            found |= {known.pin.image_id} if known else set()
    return found - {""}


def _remove(context: Context, names: Mapping[str, tuple[str, tuple[int, ...]]], *, dry_run: bool) -> list[RemovedImage]:
    """Remove trees, by image id with the name and the deployments to show."""
    store = context.places.trees
    sizes = manage_trees.tree_sizes(store) if dry_run else {}
    found = []
    for image_id, (shown, numbers) in names.items():
        freed = _own_size(sizes, image_id) if dry_run else manage_trees.remove_tree(store, image_id)
        kept = IN_USE if freed is None else ""
        found.append(RemovedImage(shown, freed or 0, kept, numbers, unpacked=True))
    return found


def _own_size(sizes: Mapping[str, TreeSize], image_id: str) -> int:
    found = sizes.get(image_id)
    return found.size - found.shared if found else 0


def _made(store: str, image_id: str) -> float:
    """Return when a tree was made, in Unix seconds."""
    try:
        return os.stat(f"{tree_store.tree_folder(store, image_id)}/tree.json").st_mtime
    except OSError:
        return 0.0
