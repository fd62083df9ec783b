"""The commands run and shell, with the exit codes of a launch."""

from collections.abc import Callable
from typing import Annotated

import typer

from launcher.cli.options import KnownWithTag, Runtime
from launcher.errors import UsageError, UserError
from launcher.host.terminal import write_message
from launcher.manage.run import run_command


def run(  # noqa: PLR0913, PLR0917  one parameter for each option
    name: KnownWithTag,
    args: Annotated[list[str] | None, typer.Argument(metavar="[ARGS]...", help="Arguments of the program.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the docker run line; run nothing.")] = False,
    runtime: Runtime = "",
    timings: Annotated[bool, typer.Option("--timings", help="Print the phases of the launch on stderr.")] = False,
    json: Annotated[bool, typer.Option("--json", help="With --dry-run or --timings: print JSON.")] = False,
) -> None:
    """Run a program, installed or not."""
    if dry_run and timings:
        raise UsageError("", "--dry-run and --timings exclude each other", "applaunch run --timings NAME")
    if timings:
        run_command.run_timed(name, args or [], runtime, as_json=json)
    if dry_run:
        _show_command_line(name, args or [], runtime, as_json=json)
        return
    if json:
        raise UsageError("", "--json needs --dry-run or --timings", "applaunch run --dry-run --json NAME")
    _exit_with("run", lambda: run_command.run(name, args or [], runtime))


def _show_command_line(name: str, args: list[str], runtime: str, *, as_json: bool) -> None:
    from launcher.cli import output  # noqa: PLC0415  a run shows nothing
    from launcher.core.exports.shell_quote import quote  # noqa: PLC0415  as above
    from launcher.manage.run.show_launch import FILTER_DESCRIPTOR, show_launch  # noqa: PLC0415  as above

    spec, words, filter_path, note = show_launch(name, args, runtime)
    if as_json:
        output.print_json(spec)
    else:
        line = " ".join(quote(word, "bash") for word in words)
        output.print_line(f"{line} {FILTER_DESCRIPTOR}<{quote(filter_path, 'bash')}" if filter_path else line)
        if note:
            write_message(f"applaunch: {name}: note: {note}")


def shell(name: KnownWithTag) -> None:
    """Open a shell in the container of a program, with its mounts, user and environment."""
    _exit_with("shell", lambda: run_command.run_shell(name))


def _exit_with(command: str, work: Callable[[], int]) -> None:
    try:
        raise typer.Exit(work())
    except UserError as error:
        error.where = error.where or command
        write_message(error.line)
        raise typer.Exit(error.exit_code) from None
