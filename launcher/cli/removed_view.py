"""Show what a command removed: images, warm containers, catalog entries."""

from collections.abc import Iterable

from launcher.cli import output
from launcher.manage.apps.remove import RemovedApp
from launcher.manage.context import Context
from launcher.manage.images.removed_image import RemovedImage
from launcher.manage.run.warm_pool import WarmStatus, short_id


def show_removed_images(gone: Iterable[RemovedImage]) -> None:
    """Show which images were removed and which were kept."""
    for image in gone:
        if image.kept:
            output.print_line(("kept: ", "bold"), f"{image.image} ({image.kept})")
        else:
            words = "unpacked image removed: " if image.unpacked else "image removed: "
            output.print_line((words, "bold"), f"{image.image}, freed {output.format_size(image.freed)}")


def show_removed_containers(gone: Iterable[WarmStatus], *, would: bool = False) -> None:
    """Show which warm containers were removed, or would be."""
    for each in gone:
        output.print_line(("would remove: " if would else "removed: ", "bold"), f"{describe_container(each)}")


def show_entry(context: Context, app: RemovedApp) -> None:
    """Show whether the app's entry in the user's own catalog was removed or kept."""
    table, path = f"[apps.{app.app}]", context.shown(context.places.user_catalog)
    if app.entry == "removed":
        output.print_line(("removed: ", "bold"), f"{table} from {path}")
    elif app.entry == "kept":
        output.print_line(("kept: ", "bold"), f"{table} in {path}; applaunch catalog forget {app.app}")


def describe_container(each: WarmStatus) -> str:
    """Return the description of a container."""
    return f"warm container {short_id(each.container)} of {each.app}"
