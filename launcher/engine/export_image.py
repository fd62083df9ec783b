"""The files of an image as one tar archive, from a container that is never started, and the image's config."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from launcher.core.sandbox.image_config import parse_image_config
from launcher.engine import docker_requests
from launcher.engine.docker_client import ARCHIVE_TIMEOUT, translate_errors
from launcher.engine.image_files import unstarted_container
from launcher.engine.image_transfer import ArchiveStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import APIClient

    from launcher.core.sandbox.tree import ImageConfig


@contextmanager
def export_image(client: APIClient, image: str) -> Iterator[ArchiveStream]:
    """Give the files of *image* (an id or a name) as a tar archive; raises `EngineError`."""
    with translate_errors(image), unstarted_container(client, image) as container:
        path = "/containers/{0}/export"
        answer = docker_requests.get(client, path, container, stream=True, timeout=ARCHIVE_TIMEOUT)
        try:
            docker_requests.check(client, answer)
            docker_requests.remove_timeout(answer)
            yield ArchiveStream(answer.iter_content(_CHUNK_SIZE))
        finally:
            answer.close()


def read_config(client: APIClient, image: str) -> tuple[str, ImageConfig]:
    """Return the id of *image* and its config; raises `EngineError`."""
    raw: Any = client
    with translate_errors(image):
        facts = raw.inspect_image(image)
    parts = (facts.get("Os"), facts.get("Architecture"), facts.get("Variant"))
    return facts["Id"], parse_image_config(facts.get("Config"), "/".join(part for part in parts if part))


_CHUNK_SIZE = 1 << 20
