"""Which tags an image has at its registry, and which of them an app asks for; no engine is needed for that."""

from typing import NamedTuple

from launcher.core.values.reference import Reference
from launcher.core.values.tag_order import highest_first
from launcher.errors import NotFoundError, UsageError
from launcher.manage.context import Context
from launcher.manage.query.search import find_catalog_app


class ImageTags(NamedTuple):
    """The tags of one image."""

    app: str | None
    """The app whose image it is; None where an image was named."""
    image: str
    """The image without a tag, in full: ``docker.io/library/busybox``."""
    tag: str
    """The one that the app, or the name, asks for; "" where that is a digest alone."""
    tags: list[str]
    """The highest version first, see `launcher.core.values.tag_order`."""
    more: int
    """How many are not shown."""
    complete: bool
    """Whether the registry has been read to its end; it may have more than 10,000."""


def list_tags(desk: Context, name: str, limit: int) -> ImageTags:
    """Return the tags of the image *name*, or of the app or command of that name, at most *limit* (0: all).

    The one that is asked for is there in any case. A word without a registry, a tag or a slash is an app's name. Raises
    `NotFoundError` for one that no catalog knows, `UsageError` for what is no image, `RegistryError`.
    """
    app, ref = _meant(desk, name)
    found, complete = _read(desk, ref)
    every = highest_first(found)
    shown = [tag for place, tag in enumerate(every) if place < limit or tag == ref.tag] if limit else every
    return ImageTags(app, ref.repo, ref.tag, shown, len(every) - len(shown), complete)


def _read(desk: Context, ref: Reference) -> tuple[list[str], bool]:
    from launcher.manage.remotes.registry_access import told  # noqa: PLC0415  60 ms of urllib3, after the cheap refusals
    from launcher.registry.tag_listing import MOST  # noqa: PLC0415  as above

    found = told(desk, ref, lambda asked: asked.tags(ref.repository))
    return found, len(found) < MOST


def _meant(desk: Context, name: str) -> tuple[str | None, Reference]:
    """Return the app that *name* means, None where it is an image itself, and the image."""
    if not any(mark in name for mark in "/:@"):
        app, image = _of_app(desk, name)
        return app, Reference.parse(image)  # which the catalogs were checked for
    try:
        return None, Reference.parse(name)
    except ValueError as error:
        raise UsageError("", str(error), "name an app, or an image: docker.io/library/busybox") from None


def _of_app(desk: Context, name: str) -> tuple[str, str]:
    """Return the app that *name* is or belongs to, and the image that its catalogs say, else the one deployed."""
    try:
        app = find_catalog_app(desk, name)
    except NotFoundError as error:
        for each in desk.deployed().values():
            if name in (each.app, *(command.name for command in each.commands)):
                return each.app, each.image
        fix = f"{error.fix}; an image has its registry's name: applaunch tags docker.io/library/{name}"
        raise NotFoundError(name, error.what, fix) from None
    command = name if name in app.command_names else app.command_names[0]
    return app.name, app.entry(command).image
