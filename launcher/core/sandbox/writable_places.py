"""What of an image stays writable in a sandbox, as it is in a container: outside the mounts, or in its own volumes."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from launcher.core.sandbox.tree import Tree, WritablePath


def writable_places(tree: Tree, targets: Collection[str], *, read_only: bool) -> Iterator[WritablePath]:
    """Yield the paths of *tree* that a program may write and no mount hides; *targets* are the places of the mounts.

    An image's own volume (VOLUME) is a mount of its own: it lies over a mount above it, and `read_only` does not
    concern it.
    """
    for path in tree.writable:
        volumes = [volume for volume in tree.config.volumes if is_below(path.path, volume)]
        if (volumes or not read_only) and not is_hidden(path.path, targets, volumes):
            yield path


def is_hidden(path: str, targets: Collection[str], volumes: Collection[str]) -> bool:
    """Tell whether a mount is at *path* or above it, and not above all of the image's *volumes* that *path* is in."""
    return any(
        is_below(path, target) and (not volumes or any(is_below(target, volume) for volume in volumes))
        for target in targets
    )


def is_below(path: str, folder: str) -> bool:
    """Tell whether *path* is *folder* or in it."""
    return path.rstrip("/") == folder.rstrip("/") or path.startswith(folder.rstrip("/") + "/")
