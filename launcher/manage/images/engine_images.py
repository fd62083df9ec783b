"""The images of an engine: found, pulled and tagged there, and unpacked into trees where calls can use them."""

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.deploy.record import Deployment
from launcher.core.values.deployment_tag import build_name, next_tag
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import UserError, printable
from launcher.host.terminal import write_message
from launcher.manage.context import Context
from launcher.manage.images.downloads import discard_download
from launcher.manage.images.why_no_tree import wants_bubblewrap, why_no_tree
from launcher.run.engine_connection import EngineConnection
from launcher.run.find_image import image_of, pull_image, tag_image
from launcher.run.make_tree import make_tree_from_engine
from launcher.sandbox.tree_store import read_tree
from launcher.sandbox.unpack_limits import UnpackLimits


class EngineImages:
    """An `ImageHost` that is an engine."""

    def __init__(self, context: Context, reached: EngineConnection) -> None:
        """Use the engine that was *reached*."""
        self._context = context
        self._reached = reached

    @property
    def platform(self) -> str:
        """The engine's platform."""
        return self._reached.traits.platform

    def find(self, deployment: Deployment) -> ResolvedImage | None:
        """Return the image of *deployment* as the engine knows it."""
        return find_image(self._reached, deployment)

    def check_entry(self, entry: CatalogEntry, image: ResolvedImage) -> None:
        """Accept every entry: an engine can run them all."""

    def find_named(self, image: str) -> ResolvedImage | None:
        """Return the image that the engine has under the name *image*."""
        facts = self._reached.store.inspect(image)
        return image_of(facts, image) if facts else None

    def pull(self, app: str, image: str, platform: str = "") -> ResolvedImage:
        """Let the engine pull *image*."""
        return pull_image(self._reached, app, image, self._context.call, platform)

    def created(self, _: Deployment, image: ResolvedImage) -> float:
        """Return when an image was made, as its metadata say."""
        facts = self._reached.store.inspect(image.image_id)
        return facts.created if facts else 0.0

    def hold(self, image_id: str, tag: str) -> None:
        """Tag an image, so that `docker image prune` does not remove it."""
        tag_image(self._reached, image_id, tag)

    def hold_download(self, app: str, image_id: str) -> None:
        """Tag an image as ``next`` of *app*; the image that had this tag is removed if nothing else needs it."""
        waiting = next_tag(app, self._context.record.id())
        if (before := self._reached.store.inspect(waiting)) and before.id != image_id:
            discard_download(self._context, self._reached, waiting)
        tag_image(self._reached, image_id, waiting)

    def release_download(self, app: str, image_id: str) -> None:
        """Remove the tag ``next`` of *app*, or it would hold the image after its deployment is gone."""
        waiting = next_tag(app, self._context.record.id())
        if (download := self._reached.store.inspect(waiting)) and download.id == image_id:
            self._reached.store.remove(waiting)

    def unpack(self, deployment: Deployment, image: ResolvedImage) -> None:
        """Export an *image* from an engine of this machine into a tree; without one, the engine runs the program.

        Whoever asks for it may have an image of any size, but not the last of the disk, unless nothing else than
        bubblewrap may run the app: then its first call would unpack it anyway. Raises `UserError` only in that case;
        else a note says why there is no tree.
        """
        if not self._reached.endpoint.socket or read_tree(self._context.places.trees, image.image_id):
            return
        if why_no_tree(self._context, deployment):
            return
        is_demanded = wants_bubblewrap(self._context, deployment)
        keep_free = 0 if is_demanded else self._context.read_catalogs(published=False).settings.free_disk
        limits, where, call = UnpackLimits(keep_free=keep_free), self._context.places, self._context.call
        try:
            make_tree_from_engine(self._reached, where, call, deployment.image, image, limits=limits, shows=True)
        except UserError as error:
            if is_demanded:
                raise
            write_message(printable(f"applaunch: {deployment.app}: note: the engine runs it: {error}"))


def find_image(reached: EngineConnection, deployment: Deployment) -> ResolvedImage | None:
    """Return the image of *deployment* as the engine knows it, None if it does not have it."""
    pin = deployment.pin
    built = build_name(deployment.app, deployment.recipe) if deployment.recipe else ""
    names = (built or pin.reference(deployment.image), pin.image_id, deployment.tag)
    for name in dict.fromkeys(names):
        facts = reached.store.inspect(name) if name else None
        if facts and pin.image_id in ("", facts.id):
            by_digest = name == pin.source(deployment.image) and pin.digest != ""
            return pin._replace(image_id=facts.id, platform=facts.platform, loaded=not by_digest)
    return None
