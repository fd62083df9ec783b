"""The images of one engine in one hand: what a management command asks of them, and what a test can stand in for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.engine import image_transfer, local_images, registry_lookup
from launcher.engine.credentials import ANONYMOUS
from launcher.engine.image_pull import pull_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from docker import APIClient

    from launcher.core.catalog.build_recipe import Build
    from launcher.core.images.pull_events import Pulled, PullEvent
    from launcher.core.values.reference import Reference
    from launcher.engine.credentials import Login
    from launcher.engine.image_build import BuildContext
    from launcher.engine.image_transfer import ArchiveStream
    from launcher.engine.local_images import ImageFacts, RemovalResult


class ImageStore:
    """The images that an engine holds, and the registries that it can reach. Everything raises `EngineError`."""

    def __init__(self, client: APIClient) -> None:
        """Ask through *client*."""
        self._client = client

    def inspect(self, image: str) -> ImageFacts | None:
        """Return the facts of *image* (a name or an id), None where there is no such image."""
        return local_images.inspect(self._client, image)

    def pull(
        self,
        ref: Reference,
        platform: str = "",
        login: Login = ANONYMOUS,
        show: Callable[[PullEvent], None] = lambda _: None,
    ) -> Pulled:
        """Pull *ref*, telling each step to *show*."""
        return pull_image(self._client, ref, platform, login, show)

    def latest(self, ref: Reference, login: Login = ANONYMOUS) -> str:
        """Return the digest that the registry has for *ref* today, "" where this engine cannot ask; no pull."""
        return registry_lookup.latest_digest(self._client, ref, login)

    def mirrors(self) -> list[str]:
        """Return the URLs that it asks before Docker Hub."""
        return registry_lookup.registry_mirrors(self._client)

    def tag(self, image: str, name: str) -> None:
        """Give *image* a further *name*, which another image loses."""
        local_images.tag(self._client, image, name)

    def remove(self, name: str) -> RemovalResult:
        """Take away a name, and the image with its last one; never by force."""
        return local_images.remove(self._client, name)

    def build(
        self,
        build: Build,
        made_of: BuildContext,
        name: str,
        logins: Mapping[str, Mapping[str, str]],
        show: Callable[[str], None],
    ) -> str:
        """Build the image *name* and return its id, its log shown piece by piece."""
        from launcher.engine.image_build import build_image  # noqa: PLC0415  only who builds

        return build_image(self._client, build, made_of, name, logins, show)

    def size(self, image: str) -> int:
        """Return the bytes that would be given back with an image."""
        return local_images.size(self._client, image)

    def container_using(self, image: str) -> str:
        """Return the name of a container that is made of the image with that id, "" where there is none."""
        return local_images.container_using(self._client, image)

    def names(self, prefix: str) -> list[str]:
        """Return the names by tag, in full, that begin with *prefix*."""
        return local_images.names(self._client, prefix)

    def ids(self) -> set[str]:
        """Return the ids of all images."""
        return local_images.ids(self._client)

    def save(self, ids: Sequence[str]) -> AbstractContextManager[ArchiveStream]:
        """Give the archive of the images with these *ids*, what they share once."""
        return image_transfer.save_images(self._client, ids)

    def load(self, archive: Iterable[bytes]) -> list[str]:
        """Take the images of an *archive*, and return the ids that the engine tells."""
        return image_transfer.load_images(self._client, archive)

    @property
    def client(self) -> Any:
        """Docker-py's client, for the rest of the engine room."""
        return self._client
