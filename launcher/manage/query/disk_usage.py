"""The disk space that the images of deployments use: layers of the engine, and trees; what is shared counts once."""

from collections.abc import Sequence
from typing import NamedTuple

from launcher.core.deploy.record import Deployment
from launcher.core.images.layer_tree import Branch, build_trees
from launcher.engine import image_files
from launcher.manage.apps import gc
from launcher.manage.context import Context
from launcher.manage.images.engine_images import find_image
from launcher.run.engine_connection import EngineConnection
from launcher.sandbox import manage_trees
from launcher.sandbox.disk_size import disk_size


class TreeUsage(NamedTuple):
    """The disk usage of one unpacked image."""

    names: tuple[str, ...]  # of the deployments that use it, "app number"; none if no deployment does
    image_id: str
    size: int  # bytes of its files
    shared: int  # bytes of those that other unpacked images hold as well


class Usage(NamedTuple):
    """The disk usage of all images that deployments use."""

    total: int  # bytes at the engine, counting each layer once
    apparent: int  # the sum of the image sizes
    branches: tuple[Branch, ...]  # images are named "app number"
    trees: tuple[TreeUsage, ...]  # the largest first
    unpacked: int  # bytes of all trees, counting each file once


def measure_usage(context: Context) -> Usage:
    """Measure the images and trees of the deployments that are kept; raises `EngineError`."""
    reached = context.find_engine()
    _, stays = gc.all_and_retained(context)
    stays = sorted(stays, key=lambda each: (each.app, each.number))
    layers = _layers(reached, stays) if reached else {}
    branches = build_trees(layers)
    apparent = sum(size for each in layers.values() for _, size in each)
    trees = _trees(context, gc.deployments_in_use(context, stays))
    unpacked = disk_size(context.places.trees)
    return Usage(sum(each.total for each in branches), apparent, branches, trees, unpacked)


def _layers(reached: EngineConnection, stays: Sequence[Deployment]) -> dict[str, Sequence[tuple[str, int]]]:
    found: dict[str, list[str]] = {}
    for each in stays:
        if each.image_id and (pin := find_image(reached, each)):
            found.setdefault(pin.image_id, []).append(_name(each))
    return {", ".join(names): image_files.layer_sizes(reached.client, image) for image, names in found.items()}


def _trees(context: Context, used: Sequence[Deployment]) -> tuple[TreeUsage, ...]:
    names: dict[str, dict[str, None]] = {}
    for each in used:
        names.setdefault(each.image_id, {})[_name(each)] = None
    found = [
        TreeUsage(tuple(names.get(image_id, ())), image_id, size, shared)
        for image_id, (size, shared) in manage_trees.tree_sizes(context.places.trees).items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.size, each.image_id)))


def _name(deployment: Deployment) -> str:
    return f"{deployment.app} {deployment.number}"
