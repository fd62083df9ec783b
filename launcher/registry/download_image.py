"""Download an image from its registry without an engine: its manifest and config first, then its layers as streams."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from launcher.core.images.pull_events import PullEvent
from launcher.core.values.reference import Reference
from launcher.errors import RegistryError
from launcher.net.http_messages import SMALL
from launcher.registry import platforms
from launcher.registry.digests import is_digest
from launcher.registry.layer_stream import BlobReader, LayerStream, short_id
from launcher.registry.manifests import Descriptor, platform_of
from launcher.registry.registry_client import Registry

_ARTIFACT = "is not an image that can be unpacked"
_MOST = 500  # layers; docker allows 127


class Layer(NamedTuple):
    """One layer of an image."""

    blob: Descriptor
    diff_id: str
    """The digest of its content, decompressed."""


class RemoteImage(NamedTuple):
    """An image in a registry, for one platform."""

    ref: Reference
    digest: str
    """Of the reference: of an image for several platforms, that of the index."""
    image_id: str
    """The digest of the config, which docker shows as the image's id."""
    platform: str
    config: Mapping[str, Any]
    """The object ``config`` in the config: entrypoint, environment..."""
    layers: tuple[Layer, ...]


def find_remote_image(registry: Registry, ref: Reference, platform: str) -> RemoteImage:
    """Return the image *ref* for *platform* (``linux/amd64``); raises `RegistryError` if it cannot be unpacked."""
    top = found = registry.manifest(ref)
    try:
        if top.is_index:
            found = registry.manifest(ref.with_digest(platforms.choose(ref, top.parts, platform).digest))
        image_id = found.config.digest
        blobs = [] if found.is_index else found.parts
    except ValueError as why:
        raise _invalid(ref, str(why)) from None
    content = _read_config(registry, ref, image_id)
    platforms.check(ref, content, platform)
    root = content.get("rootfs")
    ids = root.get("diff_ids") if isinstance(root, dict) else None
    if not isinstance(ids, list) or not all(isinstance(each, str) and is_digest(each) for each in ids):
        raise _invalid(ref, _ARTIFACT)
    if len(ids) != len(blobs) or len(ids) > _MOST:
        raise _invalid(ref, "has another number of layers than its config")
    if any("encrypted" in each.media_type for each in blobs):
        raise _invalid(ref, "has encrypted layers", "choose another image")
    layers = tuple(Layer(blob, diff_id) for blob, diff_id in zip(blobs, ids, strict=True))
    config = content.get("config")
    own = config if isinstance(config, dict) else {}
    return RemoteImage(ref, ref.digest or top.digest, image_id, platform_of(content), own, layers)


@contextmanager
def open_layer(
    registry: Registry, image: RemoteImage, layer: Layer, show: Callable[[PullEvent], None]
) -> Iterator[LayerStream]:
    """Give the content of a *layer* of *image* as a plain tar, downloaded while it is read; *show* gets the progress.

    Raises `RegistryError`, also for a wrong digest: what was read before that must not be used.
    """

    def connect(start: int) -> Any:
        return registry.open_blob(image.ref.repository, layer.blob.digest, layer.blob.size, start)

    blob = BlobReader(image.ref, layer.blob, connect, show)
    try:
        yield LayerStream(image.ref, blob, layer.diff_id)
    finally:
        blob.close()
    show(PullEvent(short_id(layer.blob.digest), "Pull complete"))


def _read_config(registry: Registry, ref: Reference, digest: str) -> Mapping[str, Any]:
    try:
        content = json.loads(registry.blob(ref.repository, digest, SMALL))
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise _invalid(ref, "has a config that is not a JSON object")
    return content


def _invalid(ref: Reference, what: str, fix: str = "ask the publisher to push it again") -> RegistryError:
    return RegistryError(ref.familiar, f"its manifest at {ref.registry} {what}", fix)
