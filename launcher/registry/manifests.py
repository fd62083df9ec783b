"""Manifests of images and artifacts, and indexes of several (OCI image spec 1.1)."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from launcher.registry.digests import digest_of, is_digest

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
ACCEPTED = (OCI_INDEX, OCI_MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST)
_INDEXES = (OCI_INDEX, DOCKER_INDEX)


class Descriptor(NamedTuple):
    """Content in the same repository, identified by its digest."""

    media_type: str
    digest: str
    size: int
    """Bytes."""
    annotations: Mapping[str, str] = {}
    platform: str = ""
    """``linux/arm/v7``, "" if not stated."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """Read a descriptor of a manifest; raises ValueError for anything else."""
        platform = value.get("platform") or {} if isinstance(value, dict) else None
        if platform is None or not isinstance(platform, dict):
            raise ValueError("has a descriptor that is not an object")
        media_type, digest, size = (value.get(key) for key in ("mediaType", "digest", "size"))
        if not isinstance(media_type, str) or not isinstance(digest, str) or not is_digest(digest):
            raise ValueError("has a descriptor without a type or a digest that can be verified")
        if type(size) is not int or size < 0:
            raise ValueError("has a descriptor without a size")
        pairs = value.get("annotations")
        annotations = {str(key): str(text) for key, text in pairs.items()} if isinstance(pairs, dict) else {}
        return cls(media_type, digest, size, annotations, platform_of(platform))


class Manifest(NamedTuple):
    """A manifest or index as the registry stores it, and its content."""

    digest: str
    """``sha256:...`` of the body, as computed here."""
    media_type: str
    """One of `ACCEPTED`."""
    body: bytes
    content: Mapping[str, Any]

    @classmethod
    def read(cls, body: bytes, kind: str) -> Self:
        """Read *body* with *kind* as its Content-Type; raises ValueError if it is malformed.

        An index that is also an image is refused: other clients would see something else (CVE-2021-41190).
        """
        try:
            content = json.loads(body)
        except (ValueError, RecursionError):
            raise ValueError("is not JSON") from None
        if not isinstance(content, dict):
            raise ValueError("is not a JSON object")  # noqa: TRY004  a wrong response, not a wrong call
        media_type = content.get("mediaType") or kind.partition(";")[0].strip()
        if media_type not in ACCEPTED:
            raise ValueError(f"has the unsupported type {str(media_type)!r}")
        one, other = ("manifests", ("config", "layers")) if media_type in _INDEXES else ("layers", ("manifests",))
        if not isinstance(content.get(one), list) or any(each in content for each in other):
            raise ValueError(f"does not have the form of its type ({media_type})")
        return cls(digest_of(body), media_type, body, content)

    @property
    def is_index(self) -> bool:
        """Whether it only lists manifests, one for each platform."""
        return self.media_type in _INDEXES

    @property
    def config(self) -> Descriptor:
        """The descriptor of the config; raises ValueError if there is none."""
        return Descriptor.read(self.content.get("config"))

    @property
    def parts(self) -> list[Descriptor]:
        """The layers, or the manifests of an index; raises ValueError if they are malformed."""
        return [Descriptor.read(each) for each in self.content["manifests" if self.is_index else "layers"]]

    @property
    def artifact_type(self) -> str:
        """The ``artifactType``, else the type of the config, as before OCI 1.1."""
        stated = self.content.get("artifactType")
        return stated if isinstance(stated, str) and stated else self.config.media_type


def platform_of(platform: Mapping[str, Any]) -> str:
    """Return the platform in a descriptor or an image's config as one text: ``linux/arm/v7``."""
    return "/".join(str(part) for key in ("os", "architecture", "variant") if (part := platform.get(key)))
