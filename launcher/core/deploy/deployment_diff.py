"""How two deployments of an app differ: entry, permissions, the image's settings, labels, layers and packages."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Difference(NamedTuple):
    """One thing that is not the same."""

    part: str  # "entry", "permissions", "image", "label", "layers", "package"
    name: str
    before: Any  # None: not there
    after: Any


class ImageContents(NamedTuple):
    """What is told of an image, as far as two of them are compared."""

    settings: Mapping[str, Any]  # user, entrypoint, environment...
    labels: Mapping[str, str]
    layers: Sequence[tuple[str, int]]  # diff id and bytes, base first
    packages: Mapping[str, str]  # name and version; empty where the image has no database of them
    size: int


def diff_tables(part: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return the keys whose values are not the same, in the order of their names."""
    names = sorted({*before, *after})
    return [
        Difference(part, name, before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    ]


def diff_entries(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return how the entries of all commands differ, each key as ``command.key``."""
    flat = [
        {f"{name}.{key}": value for name, keys in side.items() for key, value in keys.items()}
        for side in (before, after)
    ]
    own = ("app", "name", "image")
    return [each for each in diff_tables("entry", *flat) if each.name.rpartition(".")[2] not in own]


def diff_images(before: ImageContents, after: ImageContents) -> list[Difference]:
    """Return how two images differ; layers as how many are shared, lost and new, with their bytes."""
    found = [
        *diff_tables("image", before.settings, after.settings),
        *diff_tables("label", before.labels, after.labels),
        *diff_tables("package", before.packages, after.packages),
    ]
    if [each for each, _ in before.layers] != [each for each, _ in after.layers]:
        shared = shared_layers(before.layers, after.layers)
        lost, new = before.layers[shared:], after.layers[shared:]
        found.append(Difference("layers", f"{shared} shared", _told(lost), _told(new)))
    if before.size != after.size:
        found.append(Difference("image", "size", before.size, after.size))
    return found


def shared_layers(one: Sequence[tuple[str, int]], other: Sequence[tuple[str, int]]) -> int:
    """Return how many layers, from the base on, two images have in common."""
    count = 0
    for (mine, _), (its, _) in zip(one, other, strict=False):
        if mine != its:
            break
        count += 1
    return count


def _told(layers: Sequence[tuple[str, int]]) -> dict[str, int]:
    return {"layers": len(layers), "bytes": sum(size for _, size in layers)}
