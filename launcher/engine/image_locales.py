"""Finds the locales of an image that the engine has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.core.run.image_locale import ARCHIVE, ARCHIVE_HEAD, has_locale
from launcher.engine.probe_container import probe_container

if TYPE_CHECKING:
    from collections.abc import Collection

    from docker import APIClient


def present_locales(client: APIClient, image: str, wanted: Collection[str]) -> frozenset[str]:
    """Return those of the *wanted* locales that *image* has; raises `ImageMissingError` if the engine lost it."""
    raw: Any = client
    with probe_container(client, image, "locales") as container:
        url = raw._url("/containers/{0}/archive", container)  # noqa: SLF001  docker-py has no call for a HEAD

        def exists(path: str) -> bool:
            return bool(raw.head(url, params={"path": path}).ok)

        head = _read_head(raw, url) if exists(ARCHIVE) else b""
        return frozenset(each for each in wanted if has_locale(each, exists, head))


def _read_head(raw: Any, url: str) -> bytes:
    """Return the first bytes of the archive of locales; the rest, which may be 200 MB, is not read."""
    answer = raw.get(url, params={"path": ARCHIVE}, stream=True)
    try:
        return bytes(answer.raw.read(ARCHIVE_HEAD, decode_content=True))
    finally:
        answer.close()  # as long as it is open, the container cannot be removed
