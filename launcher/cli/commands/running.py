"""The commands ps and stop."""

from typing import Annotated

import typer

from launcher.cli import output
from launcher.cli.options import Json
from launcher.manage.context import Context
from launcher.manage.run.list_running import RunningProgram, list_running
from launcher.manage.run.stop_running import stop_programs


def ps(json: Json = False) -> None:
    """List the programs that run now, by either runtime."""
    context = Context.open()
    found = [each.shown for each in list_running(context)]
    if json:
        output.print_json(found)
    elif not found:
        output.print_line("no programs are running")
    else:
        rows = [
            (str(each.pid), _name(each), each.runtime, output.format_time(each.since), context.shown(each.folder))
            for each in found
        ]
        output.print_table(("Pid", "Command", "Runtime", "Since", "Folder"), rows, right=("Pid",))


def _running_names(incomplete: str) -> list[str]:
    found = [each.shown for each in list_running(Context.open())]
    names = dict.fromkeys(name for each in found for name in (each.app, each.command, str(each.pid)))
    return [name for name in names if name.startswith(incomplete)]


def stop(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME|PID...", autocompletion=_running_names, help="Apps, commands, or pids as in applaunch ps."
        ),
    ],
    json: Json = False,
) -> None:
    """Stop programs that run now: send the stop signal, and SIGKILL when their stop_grace_period is over."""
    done = stop_programs(Context.open(), names)
    if json:
        output.print_json(done)
        return
    for each in done:
        output.print_line(("stopped: ", "bold"), f"{_name(each)} ({each.pid})")


def _name(each: RunningProgram) -> str:
    return each.command if each.command == each.app else f"{each.app}/{each.command}"
