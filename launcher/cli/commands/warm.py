"""Containers that wait for a call: warm list, warm clear, warm start."""

import time
from typing import Annotated

import typer

from launcher.cli import output
from launcher.cli.group import Listing, group
from launcher.cli.options import Json, Known, installed_names
from launcher.cli.removed_view import named, show_cleared
from launcher.core.values.duration import describe_seconds
from launcher.host.terminal import write_message
from launcher.manage.context import Context
from launcher.manage.doctor.finding import count
from launcher.manage.run import start_warm, warm_pool
from launcher.manage.run.warm_pool import Waiting

warm = group("The containers that wait for calls of warm apps.", cls=Listing)


@warm.command("list")
def list_(json: Json = False) -> None:
    """List the containers that wait for a call, or are in use, and the memory of each."""
    found, trouble = warm_pool.listed(Context.open())
    if trouble:
        write_message(trouble.line)
    if json:
        output.as_json(found)
    elif not found:
        output.line("no container waits for a call")
    else:
        output.table(
            ("App", "Reuse", "State", "Left", "Memory", "Container"), map(_row, found), right=("Left", "Memory")
        )
        told = [each.memory for each in found if each.memory is not None]
        output.line(count(len(found), "container"), f", {output.size(sum(told))}" if told else "")


@warm.command()
def clear(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[APP]...", autocompletion=installed_names, help="Installed apps; all by default."),
    ] = None,
    json: Json = False,
) -> None:
    """Remove the containers that wait; those in use stay."""
    gone, stays = warm_pool.clear(Context.open(), names or [])
    if json:
        output.as_json({"removed": gone, "kept": stays})
        return
    show_cleared(gone)
    for each in stays:
        why = each.state if each.state == "in use" else f"at another engine, {each.engine}"
        output.line(("kept: ", "bold"), f"{named(each)} ({why})")
    if not gone and not stays:
        output.line("no container waits for a call")


@warm.command(context_settings={"allow_interspersed_args": False})
def start(
    name: Known,
    args: Annotated[list[str] | None, typer.Argument(metavar="[ARGS]...", help="The program's own arguments.")] = None,
    json: Json = False,
) -> None:
    """Let a container wait for the next call of NAME in this folder, with arguments that need the same mounts."""
    idle = start_warm.start(Context.open(), name, args or [])
    left = max(0.0, idle.expires - time.time())
    if json:
        output.as_json({"app": idle.app, "reuse": idle.reuse, "seconds": round(left), "container": idle.container})
        return
    words = f"{idle.app}, {describe_seconds(left)} ({idle.reuse}, {warm_pool.short(idle.container)})"
    output.line(("waiting: ", "bold"), words)


def _row(each: Waiting) -> tuple[str, ...]:
    memory = "-" if each.memory is None else output.size(each.memory)
    left = describe_seconds(each.seconds) if each.seconds else "-"
    return each.app, each.reuse, each.state, left, memory, warm_pool.short(each.container)
