"""The layers of an image with their sizes, and files read from a container that is never started."""

from __future__ import annotations

import io
import tarfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from launcher.engine.docker_client import translate_errors
from launcher.engine.probe_label import PROBE_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from docker import APIClient

_MAX_SIZE = 64 << 20


def layer_sizes(client: APIClient, image: str) -> list[tuple[str, int]]:
    """Return the diff id and size of each layer of *image*, starting with the base."""
    raw: Any = client
    with translate_errors(image):
        ids = (raw.inspect_image(image).get("RootFS") or {}).get("Layers") or []
        steps = [step.get("Size") or 0 for step in reversed(raw.history(image))]
    return list(zip(ids, match_sizes(steps, len(ids)), strict=True))


def match_sizes(steps: Sequence[int], count: int) -> list[int]:
    """Return the sizes of *count* layers from the *steps* of an image's history, oldest first.

    Most steps that only change settings have no layer and size 0, but a layer may be empty, too. Steps with a size are
    layers; if there are too few, empty steps count as layers, starting with the newest.
    """
    chosen = {index for index, size in enumerate(steps) if size}
    for index in reversed(range(len(steps))):
        if len(chosen) >= count:
            break
        chosen.add(index)
    found = [steps[index] for index in sorted(chosen)][:count]
    return found + [0] * (count - len(found))


def read_files(client: APIClient, image: str, paths: Iterable[str]) -> dict[str, list[bytes]]:
    """Return the contents of *paths* in *image*, for a folder of all its files; missing paths are left out."""
    raw: Any = client
    with translate_errors(image), unstarted_container(client, image) as container:
        return {path: files for path in paths if (files := _files(raw, container, path))}


@contextmanager
def unstarted_container(client: APIClient, image: str) -> Iterator[str]:
    """Create a container of *image*, give its id, and remove it; it is never started."""
    raw: Any = client
    from docker.errors import NotFound  # noqa: PLC0415  the client has already loaded it

    container_id = raw.create_container(
        image,
        command=["true"],
        entrypoint=["true"],
        network_disabled=True,
        labels={PROBE_LABEL: "files"},
        use_config_proxy=False,
    )["Id"]
    try:
        yield container_id
    finally:
        with suppress(NotFound):  # whoever removed its image has removed it, too
            raw.remove_container(container_id, force=True, v=True)


def _files(raw: Any, container: str, path: str) -> list[bytes]:
    from docker.errors import APIError  # noqa: PLC0415  the client has already loaded it

    try:
        stream, _ = raw.get_archive(container, path)
    except APIError:
        return []
    data = bytearray()
    for chunk in stream:
        data += chunk
        if len(data) > _MAX_SIZE:
            return []
    with tarfile.open(fileobj=io.BytesIO(bytes(data))) as archive:
        files = [archive.extractfile(member) for member in archive if member.isfile()]
        return [file.read() for file in files if file]
