"""The commands alias, prefer, expose and unexpose."""

from typing import Annotated

import typer

from launcher.cli import output
from launcher.cli.options import Installed, Json, Known, installed_names
from launcher.manage.apps.expose import Exposed, add_alias, expose_commands, prefer_app, unexpose_commands
from launcher.manage.context import Context

Commands = Annotated[list[str], typer.Argument(metavar="COMMAND...", autocompletion=installed_names, help="Commands.")]


def alias(
    name: Installed,
    new: Annotated[str, typer.Argument(metavar="NEW", help="The additional name.")],
    json: Json = False,
) -> None:
    """Add another name for a command."""
    _show([add_alias(Context.open(), name, new)], json=json)


def prefer(name: Known, json: Json = False) -> None:
    """Give an app the names it shares with other apps, and remove them from those."""
    _show(prefer_app(Context.open(), name), json=json)


def unexpose(names: Commands, json: Json = False) -> None:
    """Remove commands from PATH; their apps stay installed."""
    _show(unexpose_commands(Context.open(), names), json=json)


def expose(names: Commands, json: Json = False) -> None:
    """Put commands back on PATH."""
    _show(expose_commands(Context.open(), names), json=json)


def _show(found: list[Exposed], *, json: bool) -> None:
    if json:
        output.print_json([{**each._asdict(), "transaction": each.transaction or None} for each in found])
        return
    for each in found:
        number = f"  (transaction {each.transaction})" if each.transaction else ""
        output.print_line((f"{each.app}: ", "bold"), " ".join(each.commands) or "no commands on PATH", (number, "dim"))
