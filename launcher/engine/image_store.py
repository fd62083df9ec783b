"""The images of one engine, as management commands use them; tests replace this class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.engine import image_transfer, local_images, registry_lookup
from launcher.engine.credentials import ANONYMOUS
from launcher.engine.image_pull import pull_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import AbstractContextManager

    from docker import APIClient

    from launcher.core.images.pull_events import PullEvent, PullResult
    from launcher.core.values.reference import Reference
    from launcher.engine.credentials import Login
    from launcher.engine.image_build import BuildRequest
    from launcher.engine.image_transfer import ArchiveStream
    from launcher.engine.local_images import ImageFacts, RemovalResult


class ImageStore:
    """The images that an engine holds, and the registries it can reach. All methods raise `EngineError`."""

    def __init__(self, client: APIClient) -> None:
        """Use *client*."""
        self._client = client

    def inspect(self, image: str) -> ImageFacts | None:
        """Return the facts of *image* (a name or an id), or None if it does not exist."""
        return local_images.inspect(self._client, image)

    def pull(
        self,
        ref: Reference,
        platform: str = "",
        login: Login = ANONYMOUS,
        show: Callable[[PullEvent], None] = lambda _: None,
    ) -> PullResult:
        """Pull *ref* and pass each step to *show*."""
        return pull_image(self._client, ref, platform, login, show)

    def latest(self, ref: Reference, login: Login = ANONYMOUS) -> str:
        """Return the registry's current digest of *ref* without a pull, or "" if this engine cannot ask."""
        return registry_lookup.latest_digest(self._client, ref, login)

    def mirrors(self) -> list[str]:
        """Return the URLs of the mirrors that the engine uses for Docker Hub."""
        return registry_lookup.registry_mirrors(self._client)

    def tag(self, image: str, name: str) -> None:
        """Add *name* to *image*; another image with that name loses it."""
        local_images.tag(self._client, image, name)

    def remove(self, name: str) -> RemovalResult:
        """Remove a name, and the image with its last name; never by force."""
        return local_images.remove(self._client, name)

    def build(self, request: BuildRequest, show: Callable[[str], None]) -> str:
        """Build an image, pass its log to *show*, and return the image's id."""
        from launcher.engine.image_build import build_image  # noqa: PLC0415  only for a build

        return build_image(self._client, request, show)

    def size(self, image: str) -> int:
        """Return the bytes that deleting an image would free."""
        return local_images.size(self._client, image)

    def container_using(self, image: str) -> str:
        """Return the name of a container that uses the image with that id, or ""."""
        return local_images.container_using(self._client, image)

    def names(self, prefix: str) -> list[str]:
        """Return the full tagged names that begin with *prefix*."""
        return local_images.names(self._client, prefix)

    def ids(self) -> set[str]:
        """Return the ids of all images."""
        return local_images.ids(self._client)

    def save(self, ids: Sequence[str]) -> AbstractContextManager[ArchiveStream]:
        """Give the archive of the images with these *ids*; shared layers are included once."""
        return image_transfer.save_images(self._client, ids)

    def load(self, archive: Iterable[bytes]) -> list[str]:
        """Load the images of an *archive* and return the ids that the engine reports."""
        return image_transfer.load_images(self._client, archive)

    @property
    def client(self) -> Any:
        """The docker-py client, for other modules of the engine package."""
        return self._client
