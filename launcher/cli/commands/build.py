"""The command build."""

from typing import Annotated

import typer

from launcher.cli import output
from launcher.cli.options import Installed, Json
from launcher.manage.apps import build_app
from launcher.manage.context import Context


def build(
    name: Installed,
    pull: Annotated[bool, typer.Option("--pull", help="Pull the newest base images.")] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Repeat every step.")] = False,
    json: Json = False,
) -> None:
    """Build the image of an app from its recipe, and switch to it if it changed."""
    done = build_app.build(Context.open(), name, pull=pull, no_cache=no_cache)
    made = done.only.deployment
    if json:
        output.print_json({"transaction": done.transaction or None, "deployment": made.to_dict()})
    elif done.transaction:
        output.print_line(("built: ", "bold"), f"{made.app} {made.number}  {output.short_digest(made.image_id)}")
        output.print_line((f"(transaction {done.transaction})", "dim"))
    else:
        output.print_line(f"{made.app} is up to date: {made.number}  {output.short_digest(made.image_id)}")
