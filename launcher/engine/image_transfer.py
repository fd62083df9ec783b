"""Export images from an engine, or import them, as one stream without a registry."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from launcher.engine import docker_requests
from launcher.engine.docker_client import ARCHIVE_TIMEOUT, translate_errors
from launcher.engine.sdk_errors import one_line
from launcher.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from docker import APIClient

_CHUNK_SIZE = 1 << 18
_ID = re.compile(r"sha256:[0-9a-f]{64}")


@contextmanager
def save_images(client: APIClient, ids: Sequence[str]) -> Iterator[ArchiveStream]:
    """Give the archive of the images with these *ids*; shared layers are included once. Raises `EngineError`."""
    with translate_errors("engine"):
        params = {"names": list(ids)}  # docker-py's get_image() takes only one
        answer = docker_requests.get(client, "/images/get", params=params, stream=True, timeout=ARCHIVE_TIMEOUT)
    try:
        with translate_errors("engine"):
            docker_requests.check(client, answer)
        docker_requests.remove_timeout(answer)
        yield ArchiveStream(answer.iter_content(_CHUNK_SIZE))
    finally:
        answer.close()


class ArchiveStream:
    """The body of an HTTP response as a readable stream."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        """Read from *chunks*."""
        self._pieces = chunks
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        """Return at most *size* bytes, b"" at the end; raises `EngineError` if the engine disconnects."""
        if not self._rest:
            with translate_errors("engine"):
                self._rest = next(self._pieces, b"")
        chunk, self._rest = self._rest[:size], self._rest[size:]
        return chunk


def load_images(client: APIClient, archive: Iterable[bytes]) -> list[str]:
    """Load the images of an *archive* and return the ids that the engine reports; raises `EngineError`."""
    ids_reported: list[str] = []
    with translate_errors("engine"):
        answer = docker_requests.post(  # docker-py's load_image() has a time limit
            client,
            "/images/load",
            params={"quiet": "1"},
            data=iter(archive),
            headers={"Content-Type": "application/x-tar"},
            stream=True,
            timeout=ARCHIVE_TIMEOUT,
        )
        try:
            docker_requests.check(client, answer)
            docker_requests.remove_timeout(answer)
            for event in docker_requests.stream_json(client, answer):
                if "errorDetail" in event or "error" in event:
                    detail = event.get("errorDetail") or {}
                    why = one_line(str(detail.get("message") or event.get("error")))
                    raise EngineError("engine", f"cannot load the images: {why}", "applaunch doctor")
                ids_reported += _ID.findall(str(event.get("stream", "")))
        finally:
            answer.close()
    return ids_reported
