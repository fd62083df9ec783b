"""The images that the engine holds: inspect, tag, list and remove them."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from launcher.core.values import reference
from launcher.core.values.timestamp import parse_timestamp
from launcher.engine import docker_requests
from launcher.engine.docker_client import translate_errors
from launcher.engine.ended_containers import REMOVAL, wait_for_removal
from launcher.engine.probe_label import PROBE_LABEL
from launcher.engine.sdk_errors import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from docker import APIClient


class ImageFacts(NamedTuple):
    """What the engine reports about an image, as far as a launch or a person needs it."""

    id: str
    tags: tuple[str, ...]
    """Its full names by tag: ``docker.io/library/jq:latest``."""
    digests: tuple[str, ...]
    """Its full names by digest: ``docker.io/library/jq@sha256:...``."""
    size: int
    """Size in bytes, including layers that are shared with other images."""
    created: float
    """When it was built according to its metadata, in unix seconds; 0 if unknown."""
    os: str
    arch: str
    user: str
    entrypoint: tuple[str, ...]
    cmd: tuple[str, ...]
    env: tuple[str, ...]
    workdir: str
    labels: Mapping[str, str]

    @property
    def platform(self) -> str:
        """The platform in the format of an image index: ``linux/amd64``."""
        return f"{self.os}/{self.arch}" if self.os and self.arch else ""

    def digest_in(self, repo: str) -> str:
        """Return its digest in the repository *repo* (``docker.io/library/jq``), or "" if it is not from there."""
        return next((name.partition("@")[2] for name in self.digests if name.startswith(f"{repo}@")), "")


class RemovalResult(NamedTuple):
    """The result of removing an image."""

    untagged: tuple[str, ...] = ()
    """The names that were removed, as the engine reports them."""
    deleted: bool = False
    """Whether the image itself was deleted; otherwise it still has another name."""
    freed: int = 0
    """Bytes freed; an upper bound for engines before API 1.42, which do not report shared layers."""
    kept: str = ""
    """Why the image was not removed: a container uses it, or it does not exist. "" if it was removed."""


def inspect(client: APIClient, image: str) -> ImageFacts | None:
    """Return the facts of *image* (a name or an id), or None if the engine does not have it."""
    if (data := _inspect_raw(client, image)) is None:
        return None
    config = data.get("Config") or {}
    return ImageFacts(
        id=data["Id"],
        tags=tuple(_full_names(data.get("RepoTags"))),
        digests=tuple(_full_names(data.get("RepoDigests"))),
        size=data.get("Size") or 0,
        created=parse_timestamp(data.get("Created")),
        os=data.get("Os") or "",
        arch=data.get("Architecture") or "",
        user=config.get("User") or "",
        entrypoint=tuple(config.get("Entrypoint") or ()),
        cmd=tuple(config.get("Cmd") or ()),
        env=tuple(config.get("Env") or ()),
        workdir=config.get("WorkingDir") or "",
        labels=config.get("Labels") or {},
    )


def has_image(client: APIClient, image: str) -> bool:
    """Return whether the engine has *image*."""
    return _inspect_raw(client, image) is not None


def tag(client: APIClient, image: str, name: str) -> None:
    """Add the name *name* (``registry/repository:tag``) to *image* (an id or a name); raises `ImageMissingError`."""
    repository, _, new_tag = name.rpartition(":")
    raw: Any = client
    with translate_errors(image):
        raw.tag(image, repository, new_tag)


def names(client: APIClient, prefix: str) -> list[str]:
    """Return the full tagged names that begin with *prefix*."""
    raw: Any = client
    with translate_errors("engine"):
        every = [name for data in raw.images() for name in _full_names(data.get("RepoTags"))]
    return sorted(name for name in every if name.startswith(prefix))


def ids(client: APIClient) -> set[str]:
    """Return the ids of all images."""
    raw: Any = client
    with translate_errors("engine"):
        return {data["Id"] for data in raw.images(all=True)}


def remove(client: APIClient, image: str) -> RemovalResult:
    """Remove the name *image*, and the image with its last name; never by force.

    An image that a container uses, even a stopped one, is kept, and ``kept`` says so. A container that has ended and is
    being removed is waited for, and one that was only made to read files is removed. Other
    failures raise `EngineError`.
    """
    from docker.errors import APIError, ImageNotFound  # noqa: PLC0415  the client has loaded it

    raw: Any = client
    with translate_errors(image):
        if (facts := inspect(client, image)) is None:
            return RemovalResult(kept="no such image")
        size = _own_size(raw, facts)
        for is_last in (False, True):
            try:
                data = raw.remove_image(image) or []
                break
            except ImageNotFound:
                return RemovalResult(kept="no such image")
            except APIError as error:
                if not _in_use(error):
                    raise
                _remove_probes(raw, facts.id)
                if (user := container_using(client, facts.id)) or is_last:
                    return RemovalResult(kept=in_use_reason(user) if user else one_line(error.explanation))
        untagged = tuple(step["Untagged"] for step in data if "Untagged" in step)
        deleted = not has_image(client, facts.id)
    return RemovalResult(untagged, deleted, size if deleted else 0)


def size(client: APIClient, image: str) -> int:
    """Return the bytes that deleting *image* would free: what no other image shares, if the engine reports that."""
    raw: Any = client
    with translate_errors(image):
        facts = inspect(client, image)
        return _own_size(raw, facts) if facts else 0


def container_using(client: APIClient, image: str) -> str:
    """Return the name of a container, running or not, that uses the image with that id, or "".

    A container that has ended and is being removed does not count: this waits until it is gone.
    """
    raw: Any = client
    with translate_errors(image):
        every = raw.containers(all=True)  # podman has no working ancestor filter
        users = [user for user in every if user["ImageID"].endswith(image)]
    until = time.monotonic() + REMOVAL
    stay = (user for user in users if not wait_for_removal(client, user["Id"], until - time.monotonic()))
    return min(((user.get("Names") or [user["Id"][:12]])[0].lstrip("/") for user in stay), default="")


def _remove_probes(raw: Any, image: str) -> None:
    """Remove the containers that were only made to read the image's files, as while it is unpacked."""
    from docker.errors import APIError  # noqa: PLC0415  the client has loaded it

    for each in raw.containers(all=True, filters={"label": PROBE_LABEL}):
        if each["ImageID"].endswith(image):
            with suppress(APIError):
                raw.remove_container(each["Id"], force=True, v=True)


def in_use_reason(container: str) -> str:
    """Return the reason for keeping an image that *container* uses."""
    return f"the container {container} uses it"


def _inspect_raw(client: APIClient, image: str) -> dict[str, Any] | None:
    from docker.errors import NotFound  # noqa: PLC0415  the client has loaded it

    raw: Any = client
    with translate_errors(image):
        try:
            data: dict[str, Any] = raw.inspect_image(image)
        except NotFound:
            return None
    return data


def _full_names(names: Iterable[str] | None) -> Iterator[str]:
    """Expand names to their full form: docker reports ``jq:latest``, podman ``docker.io/library/jq:latest``."""
    for name in names or ():
        try:
            yield reference.parse(name).full
        except ValueError:  # <none>:<none>
            continue


def _own_size(raw: Any, facts: ImageFacts) -> int:
    """Return the bytes that only this image holds, if the engine reports that (API 1.42 and later)."""
    answer = docker_requests.get(raw, "/images/json", params={"shared-size": "1"})  # docker-py's images() lacks it
    docker_requests.check(raw, answer)
    data = answer.json()
    return next((_unshared(image) for image in data if image["Id"].endswith(facts.id)), facts.size)


def _unshared(data: Mapping[str, Any]) -> int:
    size: int = data.get("Size") or 0
    return size - max(0, data.get("SharedSize") or 0)


def _in_use(error: Any) -> bool:
    """Return whether the image is in use: docker answers 409, podman 409 or, before 4.4, 500."""
    return error.status_code in {409, 500} and "container" in (error.explanation or "").lower()
