"""The commands warm list, warm clear and warm start."""

import time
from typing import Annotated

import typer

from launcher.cli import output
from launcher.cli.group import Listing, group
from launcher.cli.options import Json, Known, installed_names
from launcher.cli.removed_view import describe_container, show_removed_containers
from launcher.core.values.duration import describe_seconds
from launcher.host.terminal import write_message
from launcher.manage.context import Context
from launcher.manage.doctor.finding import count
from launcher.manage.run import start_warm, warm_pool
from launcher.manage.run.warm_pool import WarmStatus

warm = group("List, prepare and remove warm containers.", cls=Listing)


@warm.command("list")
def list_(json: Json = False) -> None:
    """List the warm containers, waiting and in use, with the memory of each."""
    found, trouble = warm_pool.list_containers(Context.open())
    if trouble:
        write_message(trouble.line)
    if json:
        output.print_json(found)
    elif not found:
        output.print_line("no warm containers")
    else:
        output.print_table(
            ("App", "Reuse", "State", "Left", "Memory", "Container"), map(_row, found), right=("Left", "Memory")
        )
        memory = [each.memory for each in found if each.memory is not None]
        output.print_line(count(len(found), "container"), f", {output.format_size(sum(memory))}" if memory else "")


@warm.command()
def clear(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[APP]...", autocompletion=installed_names, help="Installed apps (default: all)."),
    ] = None,
    json: Json = False,
) -> None:
    """Remove waiting containers; those in use stay."""
    removed, kept = warm_pool.clear_containers(Context.open(), names or [])
    if json:
        output.print_json({"removed": removed, "kept": kept})
        return
    show_removed_containers(removed)
    for each in kept:
        why = each.state if each.state == "in use" else f"at another engine, {each.engine}"
        output.print_line(("kept: ", "bold"), f"{describe_container(each)} ({why})")
    if not removed and not kept:
        output.print_line("no warm containers")


@warm.command(context_settings={"allow_interspersed_args": False})
def start(
    name: Known,
    args: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ARGS]...", help="Arguments of that call, if they name other folders."),
    ] = None,
    json: Json = False,
) -> None:
    """Prepare a container for the next call of NAME in this folder."""
    idle = start_warm.start(Context.open(), name, args or [])
    left = max(0.0, idle.expires - time.time())
    if json:
        output.print_json({"app": idle.app, "reuse": idle.reuse, "seconds": round(left), "container": idle.container})
        return
    words = f"{idle.app}, {describe_seconds(left)} ({idle.reuse}, {warm_pool.short_id(idle.container)})"
    output.print_line(("waiting: ", "bold"), words)


def _row(each: WarmStatus) -> tuple[str, ...]:
    memory = "-" if each.memory is None else output.format_size(each.memory)
    left = describe_seconds(each.seconds) if each.seconds else "-"
    return each.app, each.reuse, each.state, left, memory, warm_pool.short_id(each.container)
