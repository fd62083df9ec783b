"""The image host of a command: the engine if one answers, otherwise the trees of this user."""

from typing import Protocol

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.deploy.record import Deployment
from launcher.core.values.resolved_image import ResolvedImage
from launcher.manage.context import Context


class ImageHost(Protocol):
    """What gets and holds the images of deployments. All methods raise `UserError`."""

    @property
    def platform(self) -> str:
        """The platform of images without another one: ``linux/amd64``."""

    def find(self, deployment: Deployment) -> ResolvedImage | None:
        """Return the image of *deployment* as it is known here, None if it is not here."""

    def check_entry(self, entry: CatalogEntry, image: ResolvedImage) -> None:
        """Raise if calls of *entry* cannot use the images of this host, or this *image*, if it is here."""

    def find_named(self, image: str) -> ResolvedImage | None:
        """Return the local image with the name *image*, which was not pulled for an app."""

    def pull(self, app: str, image: str, platform: str = "") -> ResolvedImage:
        """Get *image* from its registry for *app* and show the progress."""

    def created(self, deployment: Deployment, image: ResolvedImage) -> float:
        """Return when the *image* of a deployment was made, in Unix seconds; 0 if that is not known."""

    def hold(self, image_id: str, tag: str) -> None:
        """Give an image the *tag* of its deployment, if this host knows tags."""

    def hold_download(self, app: str, image_id: str) -> None:
        """Keep an image that no deployment has yet, for a change of *app*."""

    def release_download(self, app: str, image_id: str) -> None:
        """Stop keeping the download: a deployment has its image now."""

    def unpack(self, deployment: Deployment, image: ResolvedImage) -> None:
        """Make the tree of an *image* now, if calls of its *deployment* can use one."""


def choose_image_host(context: Context) -> ImageHost:
    """Return where this command gets images; raises `EngineError` if a named engine does not answer."""
    reached = context.find_engine(autostart=True)
    if reached is None:
        from launcher.manage.images.tree_images import TreeImages  # noqa: PLC0415  60 ms of urllib3, without an engine

        return TreeImages(context)
    from launcher.manage.images.engine_images import EngineImages  # noqa: PLC0415  it loads docker-py

    return EngineImages(context, reached)
