"""A bundle: images, catalog and lock in one tar that is an OCI layout and a docker archive at once.

Every document in it follows from the others, so that a bundle is read by writing its documents again.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple, Self

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.images.lockfile import Locked, lock_text
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.reference import Reference

LOCK = "applaunch/applaunch.lock"
CATALOG = "applaunch/catalog.toml"
BLOBS = "blobs/sha256/"
INDEX, ARCHIVE, LAYOUT = "index.json", "manifest.json", "oci-layout"
ALWAYS = (LOCK, CATALOG, INDEX, ARCHIVE, LAYOUT)
"""The documents of every bundle; the first one is also the first in the file."""

LARGEST = 8 << 20  # bytes of one document
_OCI = "application/vnd.oci.image"


class Blob(NamedTuple):
    """Bytes that are called by their checksum, ``sha256:...``."""

    digest: str
    size: int

    @classmethod
    def of(cls, data: bytes) -> Self:
        """Return what *data* is called."""
        return cls(f"sha256:{sha256(data).hexdigest()}", len(data))

    @property
    def path(self) -> str:
        """Where it is in a bundle."""
        return BLOBS + self.digest.removeprefix("sha256:")

    def descriptor(self, kind: str) -> dict[str, Any]:
        """Return it as OCI's documents name it."""
        return {"mediaType": f"{_OCI}.{kind}", "digest": self.digest, "size": self.size}


class Image(NamedTuple):
    """One image: its configuration, whose checksum is its id, and its layers, packed, the base first."""

    config: Blob
    platform: str
    layers: tuple[Blob, ...]
    names: tuple[str, ...] = ()
    """What engines call it where somebody loads the file by hand."""

    @property
    def id(self) -> str:
        """What an engine calls it; docker's containerd store says `manifest_id` instead."""
        return self.config.digest

    @property
    def manifest(self) -> bytes:
        """Its OCI manifest."""
        layers = [layer.descriptor("layer.v1.tar+gzip") for layer in self.layers]
        kind = {"schemaVersion": 2, "mediaType": f"{_OCI}.manifest.v1+json"}
        return written({**kind, "config": self.config.descriptor("config.v1+json"), "layers": layers})

    @property
    def manifest_id(self) -> str:
        """The checksum of its manifest."""
        return Blob.of(self.manifest).digest


class Contents(NamedTuple):
    """All that a bundle holds."""

    catalog: Catalog
    locks: tuple[Locked, ...]
    images: tuple[Image, ...]

    @property
    def documents(self) -> dict[str, bytes]:
        """Every file of the bundle by its name, but for configurations and layers."""
        own = {LOCK: lock_text(self.locks).encode(), CATALOG: self.catalog.text.encode()}
        named = [image._replace(names=tags_of(self.locks, image.id)) for image in self.images]
        return {**own, **archive(named, notes(own))}


def notes(own: Mapping[str, bytes]) -> dict[str, str]:
    """Return the checksums of a bundle's *own* documents, which engines do not know, for its index."""
    return {name.replace("/", "."): Blob.of(data).digest for name, data in sorted(own.items())}


def archive(images: Iterable[Image], annotations: Mapping[str, str] | None = None) -> dict[str, bytes]:
    """Return the documents that make a tar with these images' blobs one that every engine loads."""
    every = sorted(images)
    manifests = {Blob.of(image.manifest).path: image.manifest for image in every}
    index = [_indexed(image, name) for image in every for name in image.names or ("",)]
    listed = [
        {
            "Config": image.config.path,
            "RepoTags": [*image.names] or None,
            "Layers": [layer.path for layer in image.layers],
        }
        for image in every
    ]
    kind = {"schemaVersion": 2, "mediaType": f"{_OCI}.index.v1+json", "manifests": index}
    said = {"annotations": dict(annotations)} if annotations else {}
    own = {INDEX: written(kind | said), ARCHIVE: written(listed), LAYOUT: written({"imageLayoutVersion": "1.0.0"})}
    return manifests | own


def image_of(config: bytes, layers: Sequence[Blob]) -> Image:
    """Return the image made of *config* and its packed layers; raises `InvalidValueError` if they do not match."""
    said = read(config, "the configuration of an image")
    where = (said.get("os"), said.get("architecture")) if isinstance(said, dict) else ()
    if not where or not all(isinstance(word, str) and word for word in where):
        raise InvalidValueError("the configuration of an image tells no platform")
    if len(diff_ids(said)) != len(layers):
        raise InvalidValueError("an image has another number of layers than its configuration tells")
    return Image(Blob.of(config), "/".join(map(str, where)), tuple(layers))


def diff_ids(config: Any) -> list[str]:
    """Return the checksums of an image's layers, unpacked, the base first, as its configuration tells them."""
    rootfs = config.get("rootfs") if isinstance(config, dict) else None
    ids = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    return [str(each) for each in ids] if isinstance(ids, list) else []


def tags_of(locks: Iterable[Locked], image_id: str) -> tuple[str, ...]:
    """Return the tags by which apps ask for an image, in full, where no other image is asked for by the same."""
    wanted: dict[str, set[str]] = {}
    for lock in locks:
        ref = Reference.parse(lock.ref)
        if ref.tag and not ref.digest:
            wanted.setdefault(ref.full, set()).update(held.image_id for held in lock.platforms.values())
    return tuple(sorted(name for name, ids in wanted.items() if ids == {image_id}))


def written(value: Any) -> bytes:
    """Return *value* as the documents of a bundle have it."""
    return json.dumps(value, separators=(",", ":")).encode()


def read(data: bytes, what: str) -> Any:
    """Read JSON; raises `InvalidValueError` that says *what* is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise InvalidValueError(f"{what} is not JSON") from None


def _indexed(image: Image, name: str) -> dict[str, Any]:
    os, _, architecture = image.platform.partition("/")
    platform = {"platform": {"architecture": architecture, "os": os}}
    tag = {"io.containerd.image.name": name, "org.opencontainers.image.ref.name": name.rpartition(":")[2]}
    descriptor = Blob.of(image.manifest).descriptor("manifest.v1+json")
    return descriptor | platform | ({"annotations": tag} if name else {})
