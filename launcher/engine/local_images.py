"""The images that the engine holds: what is in one, which ones nothing needs, and taking one away, never by force."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from launcher.core.values import reference
from launcher.engine.docker_client import translate_errors
from launcher.engine.sdk_errors import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from docker import APIClient


class ImageFacts(NamedTuple):
    """What the engine says about an image, as far as a launch or a person wants to know it."""

    id: str
    tags: tuple[str, ...]
    """Its names by tag, in full: ``docker.io/library/jq:latest``."""
    digests: tuple[str, ...]
    """Its names by digest, in full: ``docker.io/library/jq@sha256:...``."""
    size: int
    """Bytes, layers that other images share included."""
    created: float
    """When it was made, in unix seconds, as its maker says; 0 where that is not told."""
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
        """As an image index writes it: ``linux/amd64``."""
        return f"{self.os}/{self.arch}" if self.os and self.arch else ""

    def digest_in(self, repo: str) -> str:
        """Return its digest in the repository *repo* (``docker.io/library/jq``); "" when it is not from there."""
        return next((name.partition("@")[2] for name in self.digests if name.startswith(f"{repo}@")), "")


class RemovalResult(NamedTuple):
    """What became of an image that was asked to go."""

    untagged: tuple[str, ...] = ()
    """The names that it lost, in the engine's words."""
    deleted: bool = False
    """Its bytes are gone too; otherwise another name still holds them."""
    freed: int = 0
    """Bytes given back; an upper bound on engines before API 1.42, which do not say what is shared."""
    kept: str = ""
    """Why it stays: a container uses it, or there is no such image. "" when it went."""


def inspect(client: APIClient, image: str) -> ImageFacts | None:
    """Return the facts of *image* (a name or an id), or None when the engine does not have it."""
    if (said := _said_of(client, image)) is None:
        return None
    config = said.get("Config") or {}
    return ImageFacts(
        id=said["Id"],
        tags=tuple(_full(said.get("RepoTags"))),
        digests=tuple(_full(said.get("RepoDigests"))),
        size=said.get("Size") or 0,
        created=_moment(said.get("Created")),
        os=said.get("Os") or "",
        arch=said.get("Architecture") or "",
        user=config.get("User") or "",
        entrypoint=tuple(config.get("Entrypoint") or ()),
        cmd=tuple(config.get("Cmd") or ()),
        env=tuple(config.get("Env") or ()),
        workdir=config.get("WorkingDir") or "",
        labels=config.get("Labels") or {},
    )


def has_image(client: APIClient, image: str) -> bool:
    """Tell whether the engine has *image*."""
    return _said_of(client, image) is not None


def tag(client: APIClient, image: str, name: str) -> None:
    """Give *image* (an id or a name) the further *name* ``registry/repository:tag``; raises `ImageMissingError`."""
    repository, _, own = name.rpartition(":")
    raw: Any = client
    with translate_errors(image):
        raw.tag(image, repository, own)


def names(client: APIClient, prefix: str) -> list[str]:
    """Return the names by tag, in full, that begin with *prefix*."""
    raw: Any = client
    with translate_errors("engine"):
        every = [name for said in raw.images() for name in _full(said.get("RepoTags"))]
    return sorted(name for name in every if name.startswith(prefix))


def ids(client: APIClient) -> set[str]:
    """Return the ids of all images."""
    raw: Any = client
    with translate_errors("engine"):
        return {said["Id"] for said in raw.images(all=True)}


def remove(client: APIClient, image: str) -> RemovalResult:
    """Take away the name *image*, and the image with its last name; never by force.

    What a container uses, even a stopped one, stays, and ``kept`` says so. Raises EngineError for anything else.
    """
    from docker.errors import APIError, ImageNotFound  # noqa: PLC0415  the client has loaded it

    raw: Any = client
    with translate_errors(image):
        if (facts := inspect(client, image)) is None:
            return RemovalResult(kept="no such image")
        size = _own_size(raw, facts)
        try:
            said = raw.remove_image(image) or []
        except ImageNotFound:
            return RemovalResult(kept="no such image")
        except APIError as error:
            if not _in_use(error):
                raise
            user = container_using(client, facts.id)
            return RemovalResult(kept=in_use_reason(user) if user else one_line(error.explanation))
        untagged = tuple(step["Untagged"] for step in said if "Untagged" in step)
        deleted = not has_image(client, facts.id)
    return RemovalResult(untagged, deleted, size if deleted else 0)


def size(client: APIClient, image: str) -> int:
    """Return the bytes that would be given back with *image*: what no other image shares, where the engine tells."""
    raw: Any = client
    with translate_errors(image):
        facts = inspect(client, image)
        return _own_size(raw, facts) if facts else 0


def container_using(client: APIClient, image: str) -> str:
    """Return the name of a container, running or not, that is made of the image with that id; "" for none."""
    raw: Any = client
    with translate_errors(image):
        every = raw.containers(all=True)  # podman finds no ancestor
        users = [user for user in every if user["ImageID"].endswith(image)]
    return min(((user.get("Names") or [user["Id"][:12]])[0].lstrip("/") for user in users), default="")


def in_use_reason(container: str) -> str:
    """Return why an image stays that a container uses."""
    return f"the container {container} uses it"


def _moment(text: Any) -> float:
    """Read an engine's moment, whose nine digits after the point Python does not take."""
    from datetime import datetime  # noqa: PLC0415  no launch comes here

    try:
        return datetime.fromisoformat(re.sub(r"\.\d+", "", str(text))).timestamp()
    except ValueError:
        return 0.0


def _said_of(client: APIClient, image: str) -> dict[str, Any] | None:
    from docker.errors import NotFound  # noqa: PLC0415  the client has loaded it

    raw: Any = client
    with translate_errors(image):
        try:
            said: dict[str, Any] = raw.inspect_image(image)
        except NotFound:
            return None
    return said


def _full(names: Iterable[str] | None) -> Iterator[str]:
    """Spell names in full: docker says ``jq:latest`` where podman says ``docker.io/library/jq:latest``."""
    for name in names or ():
        try:
            yield reference.parse(name).full
        except ValueError:  # <none>:<none>
            continue


def _own_size(raw: Any, facts: ImageFacts) -> int:
    """Return the bytes that only this image holds, where the engine can tell (API 1.42 and later)."""
    said = raw._result(raw._get(raw._url("/images/json"), params={"shared-size": "1"}), json=True)  # noqa: SLF001  docker-py's images() lacks it
    return next((_unshared(image) for image in said if image["Id"].endswith(facts.id)), facts.size)


def _unshared(said: Mapping[str, Any]) -> int:
    size: int = said.get("Size") or 0
    return size - max(0, said.get("SharedSize") or 0)


def _in_use(error: Any) -> bool:
    """Docker answers 409 and podman 409 or, before 4.4, 500."""
    return error.status_code in {409, 500} and "container" in (error.explanation or "").lower()
