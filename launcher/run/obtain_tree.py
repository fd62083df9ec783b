"""Gets the tree of a command's image: from the engine, pulled if need be, or from the registry if no engine answers."""

from __future__ import annotations

from launcher.errors import ImageMissingError, NoEngineError
from launcher.run.engine_connection import connect_engine
from launcher.run.find_image import find_image, hold_commands, recover_image
from launcher.run.launch import Launch
from launcher.run.make_tree import make_tree_from_engine, make_tree_from_registry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.catalog.entry import CatalogEntry
    from launcher.core.sandbox.tree import Tree
    from launcher.core.values.invocation import Invocation
    from launcher.core.values.resolved_image import ResolvedImage
    from launcher.host.locations import Places
    from launcher.state.launch_files import LaunchFile


def obtain_tree(
    file: LaunchFile, entry: CatalogEntry, call: Invocation, places: Places
) -> tuple[ResolvedImage, Tree]:  # fmt: skip
    """Return the image of *file* and its tree, unpacked now; hold the command's app on it.

    Raises `EngineError`, `RegistryError`, `ImageError` and `HostError`.
    """
    try:
        engine = connect_engine(call, places)
    except NoEngineError:
        return _from_registry(file, entry, call, places)
    launch = Launch(file, entry, call, engine, file.pin)
    if not launch.pin.image_id:
        launch = find_image(launch)
    try:
        tree = make_tree_from_engine(engine, places, call, entry.image, launch.pin, shows=True)
    except ImageMissingError as missing:
        launch = recover_image(launch, missing)
        tree = make_tree_from_engine(engine, places, call, entry.image, launch.pin, shows=True)
    return launch.pin, tree


def _from_registry(
    file: LaunchFile, entry: CatalogEntry, call: Invocation, places: Places
) -> tuple[ResolvedImage, Tree]:  # fmt: skip
    if entry.pull_policy == "never":
        fix = "pull_policy = 'never' keeps it from being pulled"
        raise ImageMissingError(entry.image, "its image is not unpacked, and no engine has it", fix)
    pin, tree = make_tree_from_registry(places, call, entry.name, entry.image, file.pin, platform=entry.platform)
    if pin != file.pin:
        hold_commands(file, pin, places)
    return pin, tree
