"""The commands status and log."""

from typing import Annotated, Any

import typer

from launcher.cli import output
from launcher.cli.options import Installed, Json, installed_names
from launcher.manage.context import Context
from launcher.manage.query.status import DeploymentStatus, list_history, list_status

_MARK = "●"


def status(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[APP]...", autocompletion=installed_names, help="Installed apps (default: all)."),
    ] = None,
    json: Json = False,
) -> None:
    """Show the deployments of apps: the current one, the previous one, and kept ones."""
    context = Context.open()
    found = list_status(context, names or [])
    if json:
        output.print_json([as_object(each) for each in found])
        return
    if not found:
        output.print_line("no apps are installed; find one with: applaunch search")
    for each in found:
        if each.current:
            output.print_line((each.deployment.app, "bold"))
        _show(each)


def log(name: Installed, json: Json = False) -> None:
    """List all deployments of an app, the newest first."""
    context = Context.open()
    found = list_history(context, name)
    if json:
        output.print_json([as_object(each) for each in found])
        return
    rows = [
        (mark(each), str(each.deployment.number), output.format_time(each.deployment.created),
         each.deployment.shown_image,
         output.short_digest(each.deployment.digest or each.deployment.image_id) or "-", " ".join(words(each)))
        for each in found
    ]  # fmt: skip
    output.print_table(("", "Number", "Created", "Image", "Digest", ""), rows, right=("Number",))


def as_object(each: DeploymentStatus) -> dict[str, Any]:
    """Return a deployment and its state as a JSON object."""
    flags = {"current": each.current, "rollback": each.rollback, "kept": each.kept, "present": each.present}
    return {**each.deployment.to_dict(), **flags, "overrides": dict(each.overrides)}


def mark(each: DeploymentStatus) -> str:
    """Return the mark of the current deployment."""
    return _MARK if each.current else ""


def words(each: DeploymentStatus) -> list[str]:
    """Return the states of a deployment in brackets, as rpm-ostree does."""
    flags = {
        "rollback": each.rollback,
        "kept": each.kept,
        "pinned": each.current and each.deployment.pinned,
        "image gone": each.present is False,
    }
    return [f"[{word}]" for word, holds in flags.items() if holds]


def _show(each: DeploymentStatus) -> None:
    deployment = each.deployment
    flags = " ".join(words(each))
    number = f"{mark(each) or ' '} {deployment.number:<4}"
    output.print_line(
        (number, "bold green" if each.current else ""),
        deployment.shown_image,
        (f"  {flags}" if flags else "", "yellow"),
    )
    pairs = [
        ("Digest", deployment.digest or deployment.image_id or "not pulled yet"),
        ("Created", output.format_time(deployment.created)),
        ("Source", deployment.source),
        ("Overrides", ", ".join(f"{key} ({layer})" for key, layer in each.overrides)),
        ("Commands", " ".join(command.name for command in deployment.commands) if each.current else ""),
    ]
    for key, value in pairs:
        if value:
            output.print_line(f"      {key:<10}{value}")
