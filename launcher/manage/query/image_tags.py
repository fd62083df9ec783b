"""The tags of an image at its registry, and the one that an app uses; works without an engine."""

from typing import NamedTuple

from launcher.core.values.reference import Reference
from launcher.core.values.tag_order import highest_first
from launcher.errors import NotFoundError, UsageError
from launcher.manage.context import Context
from launcher.manage.query.search import find_catalog_app


class ImageTags(NamedTuple):
    """The tags of one image."""

    app: str | None
    """The app that uses the image; None if an image was named."""
    image: str
    """The full name of the image without a tag: ``docker.io/library/busybox``."""
    tag: str
    """The tag of the app, or in the given name; "" if that has only a digest."""
    tags: list[str]
    """Highest version first, see `launcher.core.values.tag_order`."""
    more: int
    """The number of tags that are left out."""
    complete: bool
    """Whether all tags were read; the registry may have more than 10,000."""


def list_tags(context: Context, name: str, limit: int) -> ImageTags:
    """Return at most *limit* tags (0: all) of the image *name*, or of the app or command with that name.

    The current tag is always included. A name without a registry, tag or slash means an app. Raises `NotFoundError` for
    an unknown app, `UsageError` for an invalid image, and `RegistryError`.
    """
    app, ref = _parse_target(context, name)
    found, complete = _read(context, ref)
    every = highest_first(found)
    shown = [tag for index, tag in enumerate(every) if index < limit or tag == ref.tag] if limit else every
    return ImageTags(app, ref.repo, ref.tag, shown, len(every) - len(shown), complete)


def _read(context: Context, ref: Reference) -> tuple[list[str], bool]:
    from launcher.manage.remotes.registry_access import told  # noqa: PLC0415  60 ms of urllib3, after the cheap checks
    from launcher.registry.tag_listing import MOST  # noqa: PLC0415  as above

    found = told(context, ref, lambda asked: asked.tags(ref.repository))
    return found, len(found) < MOST


def _parse_target(context: Context, name: str) -> tuple[str | None, Reference]:
    """Return the app that *name* means (None for an image), and the image."""
    if not any(char in name for char in "/:@"):
        app, image = _of_app(context, name)
        return app, Reference.parse(image)  # validated with the catalogs
    try:
        return None, Reference.parse(name)
    except ValueError as error:
        raise UsageError("", str(error), "name an app, or an image: docker.io/library/busybox") from None


def _of_app(context: Context, name: str) -> tuple[str, str]:
    """Return the app that *name* is or belongs to, and its image in the catalogs or else in its deployment."""
    try:
        app = find_catalog_app(context, name)
    except NotFoundError as error:
        for each in context.deployed().values():
            if name in (each.app, *(command.name for command in each.commands)):
                return each.app, each.image
        fix = f"{error.fix} (for an image, add its registry: applaunch tags docker.io/library/{name})"
        raise NotFoundError(name, error.what, fix) from None
    command = name if name in app.command_names else app.command_names[0]
    return app.name, app.entry(command).image
