"""The disk space that the images of deployments use, and the layers that they share."""

from typing import NamedTuple

from launcher.core.images.layer_tree import Branch, build_trees
from launcher.engine import image_files
from launcher.manage.apps import gc
from launcher.manage.context import Context
from launcher.manage.images.engine_images import find_image


class Usage(NamedTuple):
    """The disk usage of all images that deployments use."""

    total: int  # bytes, counting each layer once
    apparent: int  # the sum of the image sizes
    branches: tuple[Branch, ...]  # images are named "app number"


def measure_usage(context: Context) -> Usage:
    """Measure the images of the deployments that are kept; raises `EngineError`."""
    reached = context.engine()
    _, stays = gc.all_and_retained(context)
    found: dict[str, list[str]] = {}
    for each in sorted(stays, key=lambda each: (each.app, each.number)):
        if each.image_id and (pin := find_image(reached, each)):
            found.setdefault(pin.image_id, []).append(f"{each.app} {each.number}")
    layers = {", ".join(names): image_files.layer_sizes(reached.client, image) for image, names in found.items()}
    branches = build_trees(layers)
    apparent = sum(size for each in layers.values() for _, size in each)
    return Usage(sum(each.total for each in branches), apparent, branches)
