"""A tree, the unpacked image that a sandbox runs from, as its marker file describes it."""

from __future__ import annotations

from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Self


class ImageConfig(NamedTuple):
    """What an image says about the programs that run from it (OCI image-spec, config.md, "config")."""

    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()  # "NAME=value"
    working_dir: str = ""
    user: str = ""
    volumes: tuple[str, ...] = ()  # paths at which a container gets an anonymous volume
    stop_signal: str = ""
    platform: str = ""  # "linux/amd64"


class WritablePath(NamedTuple):
    """A path of the image that the tree's owner could write in a container, outside all mounts."""

    path: str  # absolute, in the image
    mode: int  # permission bits, with the sticky bit: 0o1777
    empty: bool  # an empty folder, which a tmpfs can stand in for; False for a file or a folder with contents


class Tree(NamedTuple):
    """One unpacked image."""

    image_id: str  # "sha256:...", as in `ResolvedImage`
    digest: str = ""  # of the manifest in the registry; "" if it is not known
    config: ImageConfig = ImageConfig()
    writable: tuple[WritablePath, ...] = ()
    size: int = 0  # bytes of all files, those shared with other trees included
    files: int = 0

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return the tree that `to_json` wrote; raises KeyError, TypeError or ValueError for anything else."""
        config = ImageConfig(**{key: _typed(each) for key, each in value["config"].items()})
        writable = tuple([WritablePath(*path) for path in value["writable"]])
        return cls(**{**value, "config": config, "writable": writable})

    def to_json(self) -> dict[str, Any]:
        """Return this tree as plain JSON."""
        return self._asdict() | {"config": self.config._asdict()}


def _typed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
