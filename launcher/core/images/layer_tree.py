"""Disk usage of images as a tree of shared layers, in which every layer is counted once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

Layers = Sequence[tuple[str, int]]
"""Diff id and size in bytes of each layer, the base first."""


class Branch(NamedTuple):
    """Layers that the same images share, and the branches on top of them."""

    size: int  # bytes of these layers only
    layers: int
    images: tuple[str, ...]  # images without further layers
    branches: tuple[Branch, ...]

    @property
    def total(self) -> int:
        """Bytes of this branch and all branches on top of it."""
        return self.size + sum(each.total for each in self.branches)

    @property
    def every(self) -> tuple[str, ...]:
        """All images of this branch and the branches on top of it."""
        return (*self.images, *(image for each in self.branches for image in each.every))


def build_trees(images: Mapping[str, Layers]) -> tuple[Branch, ...]:
    """Return the trees of *images*, the largest first."""
    return _branches([(name, list(layers)) for name, layers in images.items()])


def _branches(images: Iterable[tuple[str, Layers]]) -> tuple[Branch, ...]:
    groups: dict[str, list[tuple[str, Layers]]] = {}
    for name, layers in images:
        groups.setdefault(layers[0][0] if layers else "", []).append((name, layers))
    return tuple(sorted(map(_branch, groups.values()), key=lambda each: -each.total))


def _branch(images: Sequence[tuple[str, Layers]]) -> Branch:
    every = [layers for _, layers in images]
    shared = 0
    while all(len(each) > shared and each[shared][0] == every[0][shared][0] for each in every):
        shared += 1
    trunk = every[0][:shared]
    rest = [(name, layers[shared:]) for name, layers in images]
    complete = tuple(name for name, layers in rest if not layers)
    branches = _branches([(name, layers) for name, layers in rest if layers])
    return Branch(sum(size for _, size in trunk), len(trunk), complete, branches)
