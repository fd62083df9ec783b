"""A bundle: images, catalog and lock in one tar that is both an OCI layout and a docker archive.

Every document can be derived from the others, so a bundle is checked by writing its documents again.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple, Self

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.images.lockfile import LockedApp, lock_text
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.reference import Reference

LOCK = "applaunch/applaunch.lock"
CATALOG = "applaunch/catalog.toml"
BLOBS = "blobs/sha256/"
INDEX, ARCHIVE, LAYOUT = "index.json", "manifest.json", "oci-layout"
REQUIRED = (LOCK, CATALOG, INDEX, ARCHIVE, LAYOUT)
"""The documents of every bundle; the first one is also the first file in the tar."""

LARGEST = 8 << 20  # bytes of one document
_OCI = "application/vnd.oci.image"


class Blob(NamedTuple):
    """A file that is named by its digest, ``sha256:...``."""

    digest: str
    size: int

    @classmethod
    def of(cls, data: bytes) -> Self:
        """Return the blob of *data*."""
        return cls(f"sha256:{sha256(data).hexdigest()}", len(data))

    @property
    def path(self) -> str:
        """Its path in a bundle."""
        return BLOBS + self.digest.removeprefix("sha256:")

    def descriptor(self, kind: str) -> dict[str, Any]:
        """Return its OCI descriptor."""
        return {"mediaType": f"{_OCI}.{kind}", "digest": self.digest, "size": self.size}


class Image(NamedTuple):
    """One image: its configuration, whose digest is the image id, and its packed layers, the base first."""

    config: Blob
    platform: str
    layers: tuple[Blob, ...]
    names: tuple[str, ...] = ()
    """The names that it gets if the file is loaded into an engine directly."""

    @property
    def id(self) -> str:
        """The image id of an engine; docker's containerd store uses `manifest_id` instead."""
        return self.config.digest

    @property
    def manifest(self) -> bytes:
        """Its OCI manifest."""
        layers = [layer.descriptor("layer.v1.tar+gzip") for layer in self.layers]
        kind = {"schemaVersion": 2, "mediaType": f"{_OCI}.manifest.v1+json"}
        return to_json({**kind, "config": self.config.descriptor("config.v1+json"), "layers": layers})

    @property
    def manifest_id(self) -> str:
        """The digest of its manifest."""
        return Blob.of(self.manifest).digest


class Contents(NamedTuple):
    """The content of a bundle."""

    catalog: Catalog
    locks: tuple[LockedApp, ...]
    images: tuple[Image, ...]

    @property
    def documents(self) -> dict[str, bytes]:
        """Every file of the bundle by its name, except configurations and layers."""
        own = {LOCK: lock_text(self.locks).encode(), CATALOG: self.catalog.text.encode()}
        named = [image._replace(names=tags_of(self.locks, image.id)) for image in self.images]
        return {**own, **archive_documents(named, own_checksums(own))}


def own_checksums(own: Mapping[str, bytes]) -> dict[str, str]:
    """Return the checksums of a bundle's *own* documents, which are not part of the OCI layout, for its index."""
    return {name.replace("/", "."): Blob.of(data).digest for name, data in sorted(own.items())}


def archive_documents(images: Iterable[Image], annotations: Mapping[str, str] | None = None) -> dict[str, bytes]:
    """Return the documents that every engine needs to load a tar with the blobs of these images."""
    every = sorted(images)
    manifests = {Blob.of(image.manifest).path: image.manifest for image in every}
    index = [_index_entry(image, name) for image in every for name in image.names or ("",)]
    listed = [
        {
            "Config": image.config.path,
            "RepoTags": [*image.names] or None,
            "Layers": [layer.path for layer in image.layers],
        }
        for image in every
    ]
    kind = {"schemaVersion": 2, "mediaType": f"{_OCI}.index.v1+json", "manifests": index}
    extra = {"annotations": dict(annotations)} if annotations else {}
    own = {INDEX: to_json(kind | extra), ARCHIVE: to_json(listed), LAYOUT: to_json({"imageLayoutVersion": "1.0.0"})}
    return manifests | own


def image_of(config: bytes, layers: Sequence[Blob]) -> Image:
    """Return the image made of *config* and its packed layers; raises `InvalidValueError` if they do not match."""
    table = parse_json(config, "the configuration of an image")
    platform = (table.get("os"), table.get("architecture")) if isinstance(table, dict) else ()
    if not platform or not all(isinstance(word, str) and word for word in platform):
        raise InvalidValueError("the configuration of an image has no platform")
    if len(diff_ids(table)) != len(layers):
        raise InvalidValueError("an image has another number of layers than its configuration")
    return Image(Blob.of(config), "/".join(map(str, platform)), tuple(layers))


def diff_ids(config: Any) -> list[str]:
    """Return the digests of an image's unpacked layers from its configuration, the base first."""
    rootfs = config.get("rootfs") if isinstance(config, dict) else None
    ids = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    return [str(each) for each in ids] if isinstance(ids, list) else []


def tags_of(locks: Iterable[LockedApp], image_id: str) -> tuple[str, ...]:
    """Return the full tags that apps use for an image, without tags that are also used for another image."""
    used: dict[str, set[str]] = {}
    for lock in locks:
        ref = Reference.parse(lock.ref)
        if ref.tag and not ref.digest:
            used.setdefault(ref.full, set()).update(image.image_id for image in lock.platforms.values())
    return tuple(sorted(name for name, ids in used.items() if ids == {image_id}))


def to_json(value: Any) -> bytes:
    """Return *value* as compact JSON."""
    return json.dumps(value, separators=(",", ":")).encode()


def parse_json(data: bytes, what: str) -> Any:
    """Parse JSON; raises `InvalidValueError` with *what* is not JSON."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise InvalidValueError(f"{what} is not JSON") from None


def _index_entry(image: Image, name: str) -> dict[str, Any]:
    os, _, architecture = image.platform.partition("/")
    platform = {"platform": {"architecture": architecture, "os": os}}
    tag = {"io.containerd.image.name": name, "org.opencontainers.image.ref.name": name.rpartition(":")[2]}
    descriptor = Blob.of(image.manifest).descriptor("manifest.v1+json")
    return descriptor | platform | ({"annotations": tag} if name else {})
