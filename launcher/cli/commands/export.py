"""The command export."""

import sys
from typing import Annotated

import typer

from launcher.cli import output
from launcher.cli.options import Json, known_names
from launcher.errors import UsageError
from launcher.host.process import is_terminal
from launcher.manage.context import Context
from launcher.manage.convert import export_apps


def export(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[APP]...", autocompletion=known_names, help="Apps (default: all installed ones)."),
    ] = None,
    form: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="docker-run, alias or compose.")
    ] = export_apps.FORMATS[0],
    shell: Annotated[
        str, typer.Option("--shell", metavar="SHELL", help="The syntax: sh, bash, zsh or fish.")
    ] = export_apps.SHELLS[0],
    json: Json = False,
) -> None:
    """Print apps as aliases, docker run lines or compose services, with comments on what those cannot express."""
    if form not in export_apps.FORMATS:
        raise UsageError("--format", f"unknown format {form!r}", f"choose from {', '.join(export_apps.FORMATS)}")
    chosen = next((each for each in export_apps.SHELLS if each == shell), None)
    if chosen is None:
        raise UsageError("--shell", f"unknown shell {shell!r}", f"choose from {', '.join(export_apps.SHELLS)}")
    rows, parts = export_apps.export(Context.open(), names or [], form, chosen)
    if json:
        output.print_json(parts)
        return
    if not is_terminal(1):
        sys.stdout.write("".join(f"{row}\n" for row in rows))
        return
    for row in rows:  # a text of a catalog's must not move the cursor, nor begin a line
        output.print_line(row)
