"""What a name leads to: the manifest of an image or an artifact, or an index of several (OCI image spec 1.1)."""

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
    """A thing in the same repository, named by what it holds."""

    media_type: str
    digest: str
    size: int
    """Bytes."""
    annotations: Mapping[str, str] = {}
    platform: str = ""
    """``linux/arm/v7``, "" where none is told."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """Read a descriptor of a manifest; raises ValueError for anything else."""
        platform = value.get("platform") or {} if isinstance(value, dict) else None
        if platform is None or not isinstance(platform, dict):
            raise ValueError("names what is no object")
        media_type, digest, size = (value.get(key) for key in ("mediaType", "digest", "size"))
        if not isinstance(media_type, str) or not isinstance(digest, str) or not is_digest(digest):
            raise ValueError("names something without its type or a digest that can be checked")
        if type(size) is not int or size < 0:
            raise ValueError("names something without its size")
        said = value.get("annotations")
        annotations = {str(key): str(text) for key, text in said.items()} if isinstance(said, dict) else {}
        return cls(media_type, digest, size, annotations, joined(platform))


class Manifest(NamedTuple):
    """A manifest as it lies in the registry, and what it says."""

    digest: str
    """``sha256:...`` of the body, computed here."""
    media_type: str
    """One of `ACCEPTED`."""
    body: bytes
    content: Mapping[str, Any]

    @classmethod
    def read(cls, body: bytes, kind: str) -> Self:
        """Read *body*, which came as *kind* (Content-Type); raises ValueError, in words, for what it cannot be.

        What is an index and an image at once is refused: to others it would be something else (CVE-2021-41190).
        """
        try:
            content = json.loads(body)
        except (ValueError, RecursionError):
            raise ValueError("is no JSON") from None
        if not isinstance(content, dict):
            raise ValueError("is no object")  # noqa: TRY004  a wrong answer, not a wrong call
        media_type = content.get("mediaType") or kind.partition(";")[0].strip()
        if media_type not in ACCEPTED:
            raise ValueError(f"is of the kind {str(media_type)!r}, which is not understood")
        one, other = ("manifests", ("config", "layers")) if media_type in _INDEXES else ("layers", ("manifests",))
        if not isinstance(content.get(one), list) or any(each in content for each in other):
            raise ValueError(f"is not what its kind says ({media_type})")
        return cls(digest_of(body), media_type, body, content)

    @property
    def is_index(self) -> bool:
        """Whether it only names others, for one platform each."""
        return self.media_type in _INDEXES

    @property
    def config(self) -> Descriptor:
        """Where the config of an image is; raises ValueError where it is not told."""
        return Descriptor.read(self.content.get("config"))

    @property
    def parts(self) -> list[Descriptor]:
        """The layers, or an index's manifests; raises ValueError where they cannot be read."""
        return [Descriptor.read(each) for each in self.content["manifests" if self.is_index else "layers"]]

    @property
    def artifact_type(self) -> str:
        """What it is, where it is no image: ``artifactType``, else the type of its config, as before OCI 1.1."""
        said = self.content.get("artifactType")
        return said if isinstance(said, str) and said else self.config.media_type


def joined(platform: Mapping[str, Any]) -> str:
    """Return what a descriptor's platform, or an image's config, says of it: ``linux/arm/v7``."""
    return "/".join(str(part) for key in ("os", "architecture", "variant") if (part := platform.get(key)))
