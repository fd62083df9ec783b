"""Loading the images of a bundle into the engine, verifying them, and removing them again on failure."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

from launcher.core.bundles import bundle_format, canonical_tar
from launcher.core.bundles.bundle_format import Blob, Image
from launcher.core.values.deployment_tag import TAG_PREFIX
from launcher.errors import EngineError, UserError
from launcher.host.bundle_archive import BundleFile
from launcher.run.engine_connection import EngineConnection
from launcher.run.find_image import tag_image


class EngineLoader:
    """Loads the images of bundles into an engine."""

    def __init__(self, reached: EngineConnection) -> None:
        """Use the engine that was *reached*."""
        self._reached = reached
        self.platform = reached.traits.platform

    def find_id(self, image: Image) -> str:
        """Return the id under which the engine has an *image*, "" if it does not have it.

        That is the id of the image; docker's containerd store uses the digest of its manifest.
        """
        for known in (image.id, image.manifest_id):
            facts = self._reached.store.inspect(known)
            if facts and facts.id == known:
                return known
        return ""

    def hold(self, image_id: str, tag: str) -> None:
        """Give an image the *tag* of its deployment."""
        tag_image(self._reached, image_id, tag)

    @contextmanager
    def load(self, file: BundleFile, images: Collection[Image]) -> Iterator[list[Image]]:
        """Load those of *images* that the engine lacks, and yield them; on failure remove them again.

        Raises `EngineError` if the engine refuses one, or stores another image than it was given.
        """
        store = self._reached.store
        missing = sorted(image for image in images if not self.find_id(image))
        before = store.ids() if missing else set()
        new: set[str] = set()
        try:
            if missing:
                new |= {image.id for image in missing} | {image.manifest_id for image in missing}
                new |= {*store.load(canonical_tar.stream(sorted(_files(file, missing))))}
            self._verify_loaded(file, missing)
            yield missing
        except BaseException:
            for image_id in new - before:
                with suppress(UserError):  # the first error is the one to report
                    self._remove(image_id)
            raise

    def _verify_loaded(self, file: BundleFile, images: Collection[Image]) -> None:
        if strange := [image.id for image in images if not self.find_id(image)]:
            what = f"the engine made another image of {strange[0]} than the bundle holds"
            raise EngineError(file.path, what, "nothing was switched; look at the engine: applaunch doctor")

    def _remove(self, image_id: str) -> None:
        """Remove an image that was not there before, with the names that a failed transaction gave it."""
        facts = self._reached.store.inspect(image_id)
        for name in [tag for tag in facts.tags if tag.startswith(TAG_PREFIX)] if facts else ():
            self._reached.store.remove(name)
        self._reached.store.remove(image_id)


def _files(file: BundleFile, images: Collection[Image]) -> Iterator[canonical_tar.File]:
    """Yield an archive of *images*, without names: loading a name would take it from another image."""
    for name, data in bundle_format.archive_documents(images).items():
        yield name, len(data), (data,)
    blobs: set[Blob] = {blob for image in images for blob in (image.config, *image.layers)}
    for blob in blobs:
        yield blob.path, blob.size, file.chunks(blob.path)
