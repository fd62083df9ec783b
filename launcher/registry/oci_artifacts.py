"""Files in a registry as an OCI artifact: a manifest with an ``artifactType`` and a layer for each file.

The same files make the same digest: the manifest holds neither a time nor an author. ``oras`` can pull what `push`
made, and `pull` can read what ``oras`` pushed.
"""

import json
from collections.abc import Mapping
from typing import Any

from launcher.core.values.reference import Reference
from launcher.errors import RegistryError, printable
from launcher.registry.manifests import OCI_MANIFEST, Descriptor, Manifest
from launcher.registry.registry_client import Registry

TITLE = "org.opencontainers.image.title"
"""The annotation of a layer that holds the file's name."""
_EMPTY = b"{}"
_EMPTY_TYPE = "application/vnd.oci.empty.v1+json"
_MOST = 256  # files
_LONGEST = 255  # characters of a name


def push(
    registry: Registry, repository: str, tag: str, artifact_type: str, files: Mapping[str, tuple[str, bytes]]
) -> str:
    """Upload *files* as *tag* of *repository*, and return the digest.

    Each file is its name, such as ``catalog.toml`` or ``icons/jq.svg``, with its media type and its bytes.
    Raises ValueError for a name that `pull` would refuse and if there are no files, and `RegistryError`.
    """
    if not files or len(files) > _MOST:
        raise ValueError(f"an artifact has 1 to {_MOST} files")
    if wrong := [name for name in files if not is_name(name)]:
        raise ValueError(f"{wrong[0]!r} is not a valid file name")
    layers = [
        {**_upload(registry, repository, kind, data), "annotations": {TITLE: name}}
        for name, (kind, data) in files.items()
    ]
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": artifact_type,
        "config": _upload(registry, repository, _EMPTY_TYPE, _EMPTY),
        "layers": layers,
    }
    return registry.push_manifest(repository, tag, json.dumps(manifest).encode(), OCI_MANIFEST)


def pull(registry: Registry, ref: Reference, largest: int, artifact_type: str = "") -> dict[str, bytes]:
    """Return the files of the artifact *ref* by name, at most *largest* bytes together.

    The files are verified against the manifest, and the manifest against the digest of *ref* if it has one: to know
    what was pulled, get `Registry.digest` first and pull by it. A name is a relative path without ``..``, safe to join
    to a folder. Raises `RegistryError`, also if it does not have the *artifact_type*.
    """
    manifest = registry.manifest(ref)
    try:
        parts = _parts(manifest, artifact_type)
    except ValueError as why:
        raise RegistryError(ref.familiar, f"is not a valid artifact: it {why}", "check the name") from None
    if (size := sum(part.size for part in parts.values())) > largest:
        raise RegistryError(ref.familiar, f"is larger than {largest} bytes ({size})", "check the name")
    return {name: _blob(registry, ref, part) for name, part in parts.items()}


def is_name(name: str) -> bool:
    """Return whether *name* may name a file of an artifact: a relative path that stays below its folder."""
    plain = 0 < len(name) <= _LONGEST and printable(name) == name and "\\" not in name
    return plain and all(part not in ("", ".", "..") for part in name.split("/"))


def _parts(manifest: Manifest, artifact_type: str) -> dict[str, Descriptor]:
    if manifest.is_index:
        raise ValueError("is an index")
    if artifact_type and manifest.artifact_type != artifact_type:
        raise ValueError(f"has the type {manifest.artifact_type!r}, not {artifact_type!r}")
    parts = manifest.parts
    if len(parts) > _MOST:
        raise ValueError(f"has more than {_MOST} files")
    found = {part.annotations.get(TITLE, ""): part for part in parts}
    if wrong := [name for name in found if not is_name(name)]:
        raise ValueError(f"has a file named {wrong[0][:_LONGEST]!r}")
    if len(found) < len(parts):
        raise ValueError("has two files of the same name")
    return found


def _blob(registry: Registry, ref: Reference, part: Descriptor) -> bytes:
    data = registry.blob(ref.repository, part.digest, part.size)
    if len(data) != part.size:
        what = f"the manifest states {part.size} bytes for {part.digest}, and it has {len(data)}"
        raise RegistryError(ref.familiar, what, "ask the publisher to push it again")
    return data


def _upload(registry: Registry, repository: str, kind: str, data: bytes) -> dict[str, Any]:
    return {"mediaType": kind, "digest": registry.push_blob(repository, data), "size": len(data)}
