"""One run of `applaunch`: the commands put together, and every trouble told in one line with its exit code."""

import os
import signal
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import Abort, Exit, TyperException

from launcher.cli.interruption import Interruption, SignalReceived
from launcher.cli.streams import NAMES, open_all
from launcher.core.values.names import did_you_mean
from launcher.errors import HostError, UsageError, UserError, printable
from launcher.host import process
from launcher.host.files import refused
from launcher.host.terminal import say

SYNONYMS = {
    "install": "add",
    "rm": "remove",
    "uninstall": "remove",
    "ls": "list",
    "update": "upgrade",
}
"""Other tools' words for our commands."""

_LINE = 80  # characters
_INTERRUPTED, _EXIT_CODE = "applaunch: interrupted; nothing half-done is left", 130
_COMPLETE = "_APPLAUNCH_COMPLETE"  # set by our completion scripts (manage/texts)


class Group(TyperGroup):
    """A group that knows the synonyms, and lists its commands in the order they were written."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of that name, or the one it is a synonym of."""
        return super().get_command(ctx, cmd_name) or super().get_command(ctx, SYNONYMS.get(cmd_name, ""))

    def lines(self, ctx: Any) -> list[tuple[str, str]]:
        """Return each command's name with the line about it."""
        known = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        return [(name, command.get_short_help_str(_LINE)) for name, command in known]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands into a help."""
        with formatter.section("Commands"):
            formatter.write_dl(self.lines(ctx))

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Return what a shell may put in the place of *incomplete*."""
        from typer._click.shell_completion import CompletionItem  # noqa: PLC0415  only while a shell completes

        found = [(name, line) for name, line in self.lines(ctx) if name.startswith(incomplete)]
        return [CompletionItem(name, help=line) for name, line in found] or super().shell_complete(ctx, incomplete)


def group(words: str, *, cls: type[Group] = Group) -> typer.Typer:
    """Return a new group of commands, which *words* are about."""
    listing = cls is not Group  # it does something of its own where it is called alone
    return typer.Typer(cls=cls, help=words, no_args_is_help=not listing, rich_markup_mode=None)


def run(args: Sequence[str]) -> int:
    """Run the command that *args* name and return its exit code."""
    from launcher.cli.command_index import app  # noqa: PLC0415  it imports this module

    open_all()
    process.keep_own_rights()
    command = typer.main.get_command(app)
    interruption = Interruption()
    try:
        with interruption:
            return _ended(command, args)
    except SignalReceived:
        say(_INTERRUPTED)
        if interruption.signal != signal.SIGINT:
            process.die_of(interruption.signal)
    return _EXIT_CODE


def _ended(command: Any, args: Sequence[str]) -> int:
    try:
        if _COMPLETE in os.environ:
            from typer.completion import completion_init  # type: ignore[attr-defined]  # noqa: PLC0415  typer's own import of it; only a shell that completes needs it

            completion_init()
            result = command.main(list(args), prog_name="applaunch", standalone_mode=False)
        else:
            with command.make_context("applaunch", list(args)) as context:  # `main` has exit codes of its own
                result = command.invoke(context)
    except TyperException as error:
        if error.format_message():  # a group that was called alone has shown its help
            say(_usage_line(error))
        return error.exit_code
    except Exit as ended:
        return ended.exit_code
    except UserError as trouble:
        say(trouble.line)
        return UsageError.exit_code if isinstance(trouble, UsageError) else 1
    except (Abort, EOFError):  # the end of what was typed at a question
        say(_INTERRUPTED)
        return _EXIT_CODE
    except BrokenPipeError:
        process.die_of(signal.SIGPIPE)
    except OSError as error:  # the system refuses something: no bug of ours, whoever asked
        say(_refused(error).line)
        return 1
    return result if isinstance(result, int) else 0


def _refused(error: OSError) -> HostError:
    """Return the trouble of a file, or of a stream, that the system refused and that no command has words for."""
    path = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
    if path in NAMES.values():
        return HostError(path, f"cannot be written: {(error.strerror or str(error)).lower()}", "write to another place")
    return refused(path, "cannot be used", error) if path else HostError("applaunch", str(error).lower(), "try again")


def _usage_line(error: TyperException) -> str:
    """Return typer's words as one line of ours, with the closest name where a command is unknown."""
    context: Any = getattr(error, "ctx", None)
    path = context.command_path if context else "applaunch"
    said = error.format_message().rstrip(".")
    fix = f"{path} --help"
    if said.startswith("No such command"):
        word = said.partition("'")[2].partition("'")[0]
        commands = context.command.list_commands(context)
        known = [*commands, *(word for word, meant in SYNONYMS.items() if meant in commands)]
        said, fix = f"there is no command {word!r}", did_you_mean(word, known, f"see {path} --help")
    where = path.replace("applaunch", "", 1).strip() or "usage"
    return printable(f"applaunch: {where}: {said[:1].lower()}{said[1:]}; {fix}")
