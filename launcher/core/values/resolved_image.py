"""The exact image of an installed app, whatever its tag points to today."""

from __future__ import annotations

from launcher.core.values.reference import repo_of
from launcher.fast_stdlib import NamedTuple


class ResolvedImage(NamedTuple):
    """The exact image behind a reference; empty before the first pull."""

    digest: str = ""  # from the registry: "sha256:..."; "" for an image that did not come from a registry
    image_id: str = ""  # from the engine
    pulled: bool = False  # by applaunch, which may therefore remove it again
    loaded: bool = False  # from a bundle, or built here: the engine knows it only by its id
    platform: str = ""  # "linux/amd64"

    def reference(self, image: str) -> str:
        """Return the reference to send to an engine: *image* with its digest if it has one, else its id."""
        return self.source(image) if self.digest and not self.loaded else self.image_id or image

    def source(self, image: str) -> str:
        """Return the reference to send to a registry: *image* with its digest if it has one."""
        return f"{repo_of(image)}@{self.digest}" if self.digest else image
