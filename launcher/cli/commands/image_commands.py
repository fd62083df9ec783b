"""The commands pull, gc and du."""

from typing import Annotated

import typer

from launcher.cli import output
from launcher.cli.options import Json, installed_names
from launcher.cli.removed_view import show_removed_containers
from launcher.core.values.duration import parse_duration
from launcher.errors import UsageError
from launcher.manage.apps.gc import collect_garbage
from launcher.manage.context import Context


def pull(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[APP]...", autocompletion=installed_names, help="Installed apps (default: all)."),
    ] = None,
    json: Json = False,
) -> None:
    """Pull the images of installed apps, so that no call has to wait; upgrade nothing."""
    from launcher.manage.apps.pull import pull_images  # noqa: PLC0415  only for this command

    apps = pull_images(Context.open(), names or [])
    if json:
        output.print_json(apps)
        return
    if not apps:
        output.print_line("no apps are installed")
    for app in apps:
        output.print_line(
            (f"{app.app}: ", "bold"),
            f"{'pulled' if app.is_new else 'present'} {output.short_digest(app.digest)}".rstrip(),
        )


def gc(
    older_than: Annotated[
        str, typer.Option(metavar="TIME", help="Only images of deployments older than this: 30d.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be removed.")] = False,
    json: Json = False,
) -> None:
    """Remove images that no deployment needs, and unused warm containers."""
    containers, gone, data = collect_garbage(Context.open(), dry_run=dry_run, older_than=_seconds(older_than))
    freed = sum(image.freed for image in gone)
    if json:
        output.print_json({"dry_run": dry_run, "freed": freed, "containers": containers, "images": gone, "data": data})
        return
    show_removed_containers(containers, would=dry_run)
    for image in gone:
        if image.kept:
            output.print_line(("kept: ", "bold"), f"{image.image} ({image.kept})")
        else:
            numbers = ", ".join(map(str, image.deployments))
            whose = f"deployment {numbers}" if numbers else _UNOWNED[image.unpacked]
            whose = f"unpacked; {whose}" if image.unpacked and numbers else whose
            words = f"{image.image} ({whose}), {output.format_size(image.freed)}"
            output.print_line(("would remove: " if dry_run else "removed: ", "bold"), words)
    for path in data:
        output.print_line(("would delete: " if dry_run else "deleted: ", "bold"), path)
    if not gone and not containers and not data:
        output.print_line("nothing to remove: all images that applaunch pulled are needed")
    elif gone:
        output.print_line(f"{'would free' if dry_run else 'freed'} {output.format_size(freed)}")


def du(json: Json = False) -> None:
    """Show the disk usage of images: layers and unpacked files; what images share is counted once."""
    from launcher.manage.query import disk_usage  # noqa: PLC0415  only for this command

    found = disk_usage.measure_usage(Context.open())
    if json:
        output.print_json(found)
    elif not found.branches and not found.trees:
        output.print_line("no images of installed apps are present")
    else:
        from launcher.cli.layer_tree_view import show_trees, show_usage  # noqa: PLC0415  as above

        if found.branches:
            show_usage(found)
        if found.trees:
            show_trees(found)


_UNOWNED = {False: "downloaded for an upgrade", True: "unpacked; no app uses it"}


def _seconds(text: str) -> float:
    try:
        return parse_duration(text) if text else 0.0
    except ValueError as error:
        raise UsageError("--older-than", *str(error).split("; ", 1)) from None
