"""How each worker of a parallel test run gets a rig of its own: a copy, with the images that the main rig has built."""

import os
import shutil
from pathlib import Path

from tests.rig import recipes
from tests.rig.place import Place

FILES = ("hub.key", "hub.pem", "clip.mp4", "clip.key")


def make_copies(main: Place, count: int) -> None:
    """Copy what is built into the folders of *count* copies; a copy that has it already stays as it is.

    Call it while nobody changes the registry.
    """
    for number in range(1, count + 1):
        folder = main.copy(number)
        mark = folder / "images.key"
        if mark.exists() and mark.read_text() == recipes.key_of_all():
            continue
        shutil.rmtree(folder / "registry", ignore_errors=True)
        shutil.copytree(main.registry, folder / "registry", copy_function=_copy)
        for name in FILES:
            shutil.copy2(main.folder / name, folder / name)
        mark.write_text(recipes.key_of_all())


def _copy(source: str, target: str) -> None:
    """Copy a file of the registry; a blob never changes, so both can have the same one."""
    if "blobs" in Path(source).parts and os.path.basename(source) == "data":
        os.link(source, target)
    else:
        shutil.copy2(source, target)
