"""The user accounts inside an image, read from a container that is made, never started, and removed."""

from __future__ import annotations

import io
import posixpath
import tarfile
from typing import TYPE_CHECKING, Any

from launcher.engine.docker_client import translate_errors

if TYPE_CHECKING:
    from docker import APIClient

_LARGEST = 1 << 20
_LINKS = 5


def read_accounts(client: APIClient, image: str) -> tuple[str, str]:
    """Return the text of /etc/passwd and of /etc/group in *image*, each "" where there is no such file.

    Raises ImageMissing when the engine does not have the image.
    """
    raw: Any = client
    with translate_errors(image):
        made = raw.create_container(
            image,
            command=["true"],  # never started; but an image without a command of its own needs one
            entrypoint=["true"],
            network_disabled=True,
            labels={"applaunch.probe": "passwd"},
            use_config_proxy=False,
        )["Id"]
        try:
            return _text(raw, made, "/etc/passwd"), _text(raw, made, "/etc/group")
        finally:
            raw.remove_container(made, force=True, v=True)


def _text(raw: Any, container: str, path: str, links: int = _LINKS) -> str:
    from docker.errors import APIError, NotFound  # noqa: PLC0415  the client has loaded it

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
        if member.issym() and links:  # some images keep their files elsewhere and link to them
            return _text(raw, container, posixpath.join(posixpath.dirname(path), member.linkname), links - 1)
        file = archive.extractfile(member) if member.isfile() else None
        return file.read().decode(errors="replace") if file else ""


def _limited(stream: Any) -> bytes:
    data = bytearray()
    for chunk in stream:
        data += chunk
        if len(data) > _LARGEST:
            break
    return bytes(data)
