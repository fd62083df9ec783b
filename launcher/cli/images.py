"""Images come and go: pull, gc."""

from typing import Annotated

import typer

from launcher.cli import show
from launcher.cli.gone import show_cleared
from launcher.cli.words import Json, installed_names
from launcher.manage import pulling, removing
from launcher.manage.desk import Desk
from launcher.manage.pulling import PulledApp


def pull(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", autocompletion=installed_names, help="Installed apps; all by default."),
    ] = None,
    json: Json = False,
) -> None:
    """Get the newest images of installed apps (also: update)."""
    apps, number = pulling.pull(Desk.open(), names or [])
    if json:
        show.as_json({"transaction": number or None, "apps": [app._asdict() for app in apps]})
        return
    if not apps:
        show.line("nothing is installed; applaunch add NAME installs an app")
    for app in apps:
        show.line((f"{app.app}: ", "bold"), _moved(app))
    if number:
        show.line((f"(transaction {number})", "dim"))


def gc(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would go.")] = False,
    json: Json = False,
) -> None:
    """Remove the images that applaunch pulled and no app needs, and the containers that wait in vain."""
    containers, gone = removing.garbage(Desk.open(), dry_run=dry_run)
    freed = sum(image.freed for image in gone)
    if json:
        show.as_json({"dry_run": dry_run, "freed": freed, "containers": containers, "images": gone})
        return
    show_cleared(containers, would=dry_run)
    for image in gone:
        if image.kept:
            show.line(("kept: ", "bold"), f"{image.image} ({image.kept})")
        else:
            show.line(
                ("would remove: " if dry_run else "removed: ", "bold"), f"{image.image}, {show.size(image.freed)}"
            )
    if not gone and not containers:
        show.line("nothing to remove: every image that applaunch pulled is needed")
    elif gone:
        show.line(f"{'would free' if dry_run else 'freed'} {show.size(freed)}")


def _moved(app: PulledApp) -> str:
    before, after = show.short(app.before), show.short(app.after)
    if not before:
        return f"pulled {after}".rstrip()
    return "up to date" if before == after else f"{before} -> {after}"
