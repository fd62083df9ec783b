"""What an app is held on: the very image that was installed, whatever its tag says today."""

from __future__ import annotations

from launcher.core.values.reference import repo_of
from launcher.fast_stdlib import NamedTuple


class ResolvedImage(NamedTuple):
    """The image behind a name, once it is known; empty before the first pull."""

    digest: str = ""  # of the registry: "sha256:..."; "" for an image that came from none
    image_id: str = ""  # of the engine
    pulled: bool = False  # by us, so that we may remove it again
    loaded: bool = False  # from a bundle, or built here: the engine knows it by its id alone
    platform: str = ""  # "linux/amd64"

    def reference(self, image: str) -> str:
        """Return what the engine is asked for: *image* by its digest, where it has one, else by its id."""
        return self.source(image) if self.digest and not self.loaded else self.image_id or image

    def source(self, image: str) -> str:
        """Return what a registry is asked for: *image* by its digest, where it has one."""
        return f"{repo_of(image)}@{self.digest}" if self.digest else image
