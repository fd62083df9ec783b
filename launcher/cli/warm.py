"""Containers that wait for a call: warm list, warm clear, warm start."""

import time
from typing import Annotated

import typer

from launcher.cli import show
from launcher.cli.door import Group
from launcher.cli.words import Json, Known
from launcher.core.moment import describe_seconds
from launcher.manage import readying
from launcher.manage.desk import Desk

warm = typer.Typer(cls=Group, no_args_is_help=True, help="The containers that wait for calls of warm apps.")


@warm.command(context_settings={"allow_interspersed_args": False})
def start(
    name: Known,
    args: Annotated[list[str] | None, typer.Argument(metavar="[ARGS]...", help="The program's own arguments.")] = None,
    json: Json = False,
) -> None:
    """Let a container wait for the next call of NAME in this folder, with arguments that need the same mounts."""
    desk = Desk.open()
    idle = readying.start(desk, name, args or [])
    left = max(0.0, idle.expires - time.time())
    if json:
        show.as_json({"app": idle.app, "reuse": idle.reuse, "seconds": round(left), "container": idle.container})
        return
    words = f"{idle.app}, {describe_seconds(left)} ({idle.reuse}, {show.short(idle.container)})"
    show.line(("waiting: ", "bold"), words)
