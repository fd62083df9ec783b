"""One run of `applaunch`: the commands put together, and every trouble told in one line with its exit code."""

import os
import signal
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import Abort, Exit, TyperException

from launcher.core.names import did_you_mean
from launcher.errors import Trouble, Usage, printable
from launcher.host import process
from launcher.host.terminal import say

SYNONYMS = {
    "install": "add",
    "rm": "remove",
    "uninstall": "remove",
    "ls": "list",
    "update": "pull",
}
"""Other tools' words for our commands."""

_INTERRUPTED = 130
_COMPLETE = "_APPLAUNCH_COMPLETE"  # set by our completion scripts (manage/texts)


class Group(TyperGroup):
    """A group that knows the synonyms, and lists its commands in the order they were written."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of that name, or the one it is a synonym of."""
        return super().get_command(ctx, cmd_name) or super().get_command(ctx, SYNONYMS.get(cmd_name, ""))


def run(args: Sequence[str]) -> int:
    """Run the command that *args* name and return its exit code."""
    from launcher.cli.commands import app  # noqa: PLC0415  it imports this module

    process.keep_standard_descriptors()

    command = typer.main.get_command(app)
    if _COMPLETE in os.environ:
        from typer.completion import completion_init  # type: ignore[attr-defined]  # noqa: PLC0415  typer's own import of it; only a shell that completes needs it

        completion_init()
    try:
        result = command.main(list(args), prog_name="applaunch", standalone_mode=False)
    except TyperException as error:
        if error.format_message():  # a group that was called alone has shown its help
            say(_usage_line(error))
        return error.exit_code
    except Exit as ended:
        return ended.exit_code
    except Trouble as trouble:
        say(trouble.line)
        return Usage.exit_code if isinstance(trouble, Usage) else 1
    except (Abort, KeyboardInterrupt):
        say("applaunch: interrupted; nothing half-done is left")
        return _INTERRUPTED
    except BrokenPipeError:
        process.die_of(signal.SIGPIPE)
    return result if isinstance(result, int) else 0


def _usage_line(error: TyperException) -> str:
    """Return typer's words as one line of ours, with the closest name where a command is unknown."""
    context: Any = getattr(error, "ctx", None)
    path = context.command_path if context else "applaunch"
    said = error.format_message().rstrip(".")
    fix = f"{path} --help"
    if said.startswith("No such command"):
        word = said.partition("'")[2].partition("'")[0]
        commands = context.command.commands
        known = [*commands, *(word for word, meant in SYNONYMS.items() if meant in commands)]
        said, fix = f"there is no command {word!r}", did_you_mean(word, known, f"see {path} --help")
    where = path.replace("applaunch", "", 1).strip() or "usage"
    return printable(f"applaunch: {where}: {said[:1].lower()}{said[1:]}; {fix}")


def is_dumb() -> bool:
    """Tell whether stdout takes plain text only."""
    return os.environ.get("TERM") == "dumb" or not process.is_terminal(1)
