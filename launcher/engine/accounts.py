"""Read the user accounts of an image from a container that is created, never started, and removed."""

from __future__ import annotations

import io
import posixpath
import tarfile
from typing import TYPE_CHECKING, Any

from launcher.engine.probe_container import probe_container

if TYPE_CHECKING:
    from docker import APIClient

_MAX_SIZE = 1 << 20
_MAX_LINKS = 5


def read_accounts(client: APIClient, image: str) -> tuple[str, str]:
    """Return the text of /etc/passwd and /etc/group in *image*, "" for a missing file.

    Raises `ImageMissingError` if the engine does not have the image.
    """
    with probe_container(client, image, "passwd") as container:
        return _text(client, container, "/etc/passwd"), _text(client, container, "/etc/group")


def _text(raw: Any, container: str, path: str, links: int = _MAX_LINKS) -> str:
    from docker.errors import APIError, NotFound  # noqa: PLC0415  the client has already loaded it

    try:
        stream, _ = raw.get_archive(container, path)
    except NotFound:
        return ""
    except APIError as error:
        if "too many links" in (error.explanation or ""):  # a link to itself
            return ""
        raise
    data = _limited(stream)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        member = archive.next()
        if member is None or member.size > len(data):
            return ""
        if member.issym() and links:  # some images link to files elsewhere
            return _text(raw, container, posixpath.join(posixpath.dirname(path), member.linkname), links - 1)
        file = archive.extractfile(member) if member.isfile() else None
        return file.read().decode(errors="replace") if file else ""


def _limited(stream: Any) -> bytes:
    data = bytearray()
    for chunk in stream:
        data += chunk
        if len(data) > _MAX_SIZE:
            break
    return bytes(data)
