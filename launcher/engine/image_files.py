"""What is inside an image: its layers with their sizes, and files read from a container that is never started."""

from __future__ import annotations

import io
import tarfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from launcher.engine.docker_client import translate_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from docker import APIClient

_LARGEST = 64 << 20


def layer_sizes(client: APIClient, image: str) -> list[tuple[str, int]]:
    """Return the diff id and the bytes of every layer of *image*, the base first."""
    raw: Any = client
    with translate_errors(image):
        ids = (raw.inspect_image(image).get("RootFS") or {}).get("Layers") or []
        steps = [step.get("Size") or 0 for step in reversed(raw.history(image))]
    return list(zip(ids, match_sizes(steps, len(ids)), strict=True))


def match_sizes(steps: Sequence[int], count: int) -> list[int]:
    """Return the bytes of *count* layers out of the *steps* of an image's history, oldest first.

    Most steps that change only settings have no layer and no bytes; a layer may have none either. Steps with bytes are
    layers; where there are too few, steps without are taken for layers from the newest back.
    """
    chosen = {at for at, size in enumerate(steps) if size}
    for at in reversed(range(len(steps))):
        if len(chosen) >= count:
            break
        chosen.add(at)
    found = [steps[at] for at in sorted(chosen)][:count]
    return found + [0] * (count - len(found))


def read_files(client: APIClient, image: str, paths: Iterable[str]) -> dict[str, list[bytes]]:
    """Return the bytes of the files at *paths* in *image*, all those in a folder; what is not there is left out."""
    raw: Any = client
    with translate_errors(image), _container(raw, image) as container:
        return {path: files for path in paths if (files := _files(raw, container, path))}


@contextmanager
def _container(raw: Any, image: str) -> Iterator[str]:
    made = raw.create_container(
        image,
        command=["true"],
        entrypoint=["true"],
        network_disabled=True,
        labels={"applaunch.probe": "files"},
        use_config_proxy=False,
    )["Id"]
    try:
        yield made
    finally:
        raw.remove_container(made, force=True, v=True)


def _files(raw: Any, container: str, path: str) -> list[bytes]:
    from docker.errors import APIError  # noqa: PLC0415  the client has loaded it

    try:
        stream, _ = raw.get_archive(container, path)
    except APIError:
        return []
    data = bytearray()
    for chunk in stream:
        data += chunk
        if len(data) > _LARGEST:
            return []
    with tarfile.open(fileobj=io.BytesIO(bytes(data))) as archive:
        files = [archive.extractfile(member) for member in archive if member.isfile()]
        return [file.read() for file in files if file]
