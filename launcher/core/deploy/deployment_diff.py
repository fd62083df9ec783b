"""Differences between two deployments: entry, permissions, and the image's settings, labels, layers and packages."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Difference(NamedTuple):
    """One difference."""

    part: str  # "entry", "permissions", "image", "label", "layers", "package"
    name: str
    before: Any  # None if it did not exist
    after: Any


class ImageContents(NamedTuple):
    """The parts of an image that are compared."""

    settings: Mapping[str, Any]  # user, entrypoint, environment...
    labels: Mapping[str, str]
    layers: Sequence[tuple[str, int]]  # diff id and bytes, base first
    packages: Mapping[str, str]  # name and version; empty if the image has no package database
    size: int


def diff_tables(part: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return a difference for each key whose values differ, sorted by name."""
    names = sorted({*before, *after})
    return [
        Difference(part, name, before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    ]


def diff_entries(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return the differences between the entries of all commands, each named ``command.key``."""
    flat = [
        {f"{name}.{key}": value for name, keys in side.items() for key, value in keys.items()}
        for side in (before, after)
    ]
    own = ("app", "name", "image")
    return [each for each in diff_tables("entry", *flat) if each.name.rpartition(".")[2] not in own]


def diff_images(before: ImageContents, after: ImageContents) -> list[Difference]:
    """Return the differences between two images; for layers, the number and bytes of removed and new ones."""
    found = [
        *diff_tables("image", before.settings, after.settings),
        *diff_tables("label", before.labels, after.labels),
        *diff_tables("package", before.packages, after.packages),
    ]
    if [each for each, _ in before.layers] != [each for each, _ in after.layers]:
        shared = shared_layers(before.layers, after.layers)
        removed, new = before.layers[shared:], after.layers[shared:]
        found.append(Difference("layers", f"{shared} shared", _totals(removed), _totals(new)))
    if before.size != after.size:
        found.append(Difference("image", "size", before.size, after.size))
    return found


def shared_layers(one: Sequence[tuple[str, int]], other: Sequence[tuple[str, int]]) -> int:
    """Return the number of layers that two images share, from the base up."""
    count = 0
    for (layer, _), (other_layer, _) in zip(one, other, strict=False):
        if layer != other_layer:
            break
        count += 1
    return count


def _totals(layers: Sequence[tuple[str, int]]) -> dict[str, int]:
    return {"layers": len(layers), "bytes": sum(size for _, size in layers)}
