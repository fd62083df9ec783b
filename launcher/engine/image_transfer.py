"""Images that leave an engine or come into it as one stream, without a registry."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from launcher.engine.docker_client import ARCHIVE_TIMEOUT, remove_timeout, translate_errors
from launcher.engine.sdk_errors import one_line
from launcher.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from docker import APIClient

_PIECE = 1 << 18
_ID = re.compile(r"sha256:[0-9a-f]{64}")


@contextmanager
def save_images(client: APIClient, ids: Sequence[str]) -> Iterator[ArchiveStream]:
    """Give the archive of the images with these *ids*, what they share once; raises `EngineError`."""
    raw: Any = client
    with translate_errors("engine"):
        answer = raw._get(raw._url("/images/get"), params={"names": list(ids)}, stream=True, timeout=ARCHIVE_TIMEOUT)  # noqa: SLF001  docker-py's get_image() takes one name
    try:
        with translate_errors("engine"):
            raw._raise_for_status(answer)  # noqa: SLF001  as above
        remove_timeout(answer)
        yield ArchiveStream(answer.iter_content(_PIECE))
    finally:
        answer.close()


class ArchiveStream:
    """The body of an answer, as something to read from."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        """Read from *pieces*."""
        self._pieces = pieces
        self._left = b""

    def read(self, size: int, /) -> bytes:
        """Return at most *size* bytes, none at the end; raises `EngineError` where the engine goes away."""
        if not self._left:
            with translate_errors("engine"):
                self._left = next(self._pieces, b"")
        piece, self._left = self._left[:size], self._left[size:]
        return piece


def load_images(client: APIClient, archive: Iterable[bytes]) -> list[str]:
    """Have the engine take the images of an *archive*, and return the ids that it tells; raises `EngineError`."""
    raw: Any = client
    told: list[str] = []
    with translate_errors("engine"):
        answer = raw._post(  # noqa: SLF001  docker-py's load_image() has a time limit
            raw._url("/images/load"),  # noqa: SLF001  as above
            params={"quiet": "1"},
            data=iter(archive),
            headers={"Content-Type": "application/x-tar"},
            stream=True,
            timeout=ARCHIVE_TIMEOUT,
        )
        try:
            raw._raise_for_status(answer)  # noqa: SLF001  as above
            remove_timeout(answer)
            for said in raw._stream_helper(answer, decode=True):  # noqa: SLF001  as above
                if "errorDetail" in said or "error" in said:
                    detail = said.get("errorDetail") or {}
                    why = one_line(str(detail.get("message") or said.get("error")))
                    raise EngineError("engine", f"it does not take the images: {why}", "applaunch doctor")
                told += _ID.findall(str(said.get("stream", "")))
        finally:
            answer.close()
    return told
