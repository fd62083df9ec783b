"""The result of removing an image."""

from typing import NamedTuple

WAS_HERE_BEFORE = "it was here before applaunch"


class RemovedImage(NamedTuple):
    """The result for one image: the bytes freed, or why it was kept."""

    image: str
    freed: int = 0
    kept: str = ""
    deployments: tuple[int, ...] = ()
    unpacked: bool = False
    """Whether this is the tree of the image, and not the engine's copy."""
