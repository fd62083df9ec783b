"""What is gone after a command: images, and containers that waited for calls."""

from collections.abc import Iterable

from launcher.cli import output
from launcher.manage.apps.gc import RemovedImage
from launcher.manage.apps.remove import RemovedApp
from launcher.manage.context import Context
from launcher.manage.run.warm_pool import Waiting, short


def show_gone(gone: Iterable[RemovedImage]) -> None:
    """Tell what became of images."""
    for image in gone:
        if image.kept:
            output.line(("kept: ", "bold"), f"{image.image} ({image.kept})")
        else:
            output.line(("image removed: ", "bold"), f"{image.image}, freed {output.size(image.freed)}")


def show_cleared(gone: Iterable[Waiting], *, would: bool = False) -> None:
    """Tell which containers no longer wait, or would not."""
    for each in gone:
        output.line(("would remove: " if would else "removed: ", "bold"), f"{named(each)}")


def show_entry(desk: Context, app: RemovedApp) -> None:
    """Show what became of an app's entry in the user's own catalog."""
    table, path = f"[apps.{app.app}]", desk.shown(desk.places.user_catalog)
    if app.entry == "removed":
        output.line(("removed: ", "bold"), f"{table} from {path}")
    elif app.entry == "kept":
        output.line(("kept: ", "bold"), f"{table} in {path}; applaunch catalog forget {app.app}")


def named(each: Waiting) -> str:
    """Return a container as people see it."""
    return f"warm container {short(each.container)} of {each.app}"
