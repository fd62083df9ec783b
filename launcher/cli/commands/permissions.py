"""The command permissions."""

from typing import Annotated

import typer

from launcher.cli import output
from launcher.cli.ask_consent import STYLES
from launcher.cli.options import Json, known_names
from launcher.core.policy.key_risks import RISKS
from launcher.manage.context import Context
from launcher.manage.query import app_permissions


def permissions(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[APP]...", autocompletion=known_names, help="Apps (default: all installed ones)."),
    ] = None,
    json: Json = False,
) -> None:
    """Show the permissions of apps: class, description, the key that grants each, and its layer."""
    found = app_permissions.list_permissions(Context.open(), names or [])
    if json:
        output.print_json(found)
        return
    if not found:
        output.print_line("no apps are installed")
        return
    rows = [
        (each.command, (each.risk, STYLES[each.risk]), each.words, each.key, each.layer)
        for each in sorted(found, key=lambda each: (each.app, each.command, -RISKS.index(each.risk)))
    ]
    output.print_table(("Command", "Risk", "May", "Key", "Layer"), rows)
