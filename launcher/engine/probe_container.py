"""Reads files of an image from a container that is created, never started, and removed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from launcher.engine.docker_client import translate_errors
from launcher.engine.probe_label import PROBE_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import APIClient


@contextmanager
def probe_container(client: APIClient, image: str, purpose: str) -> Iterator[str]:
    """Create a container of *image* for the block and yield its id; its label tells the *purpose*.

    Raises `ImageMissingError` if the engine does not have the image.
    """
    raw: Any = client
    with translate_errors(image):
        container_id: str = raw.create_container(
            image,
            command=["true"],  # never started, but required if the image has no command
            entrypoint=["true"],
            network_disabled=True,
            labels={PROBE_LABEL: purpose},
            use_config_proxy=False,
        )["Id"]
        try:
            yield container_id
        finally:
            raw.remove_container(container_id, force=True, v=True)
