"""Run one `applaunch` command; print every error as one line and return its exit code."""

import os
import signal
from collections.abc import Sequence
from typing import Any

import typer
from typer.exceptions import Abort, Exit, TyperException

from launcher.cli.command_index import app
from launcher.cli.group import SYNONYMS
from launcher.cli.interruption import Interruption, SignalReceived
from launcher.cli.streams import NAMES, open_standard_streams
from launcher.core.values.names import did_you_mean
from launcher.errors import HostError, UsageError, UserError, printable
from launcher.host import process
from launcher.host.files import file_error
from launcher.host.terminal import write_message

_INTERRUPTED, _EXIT_CODE = "applaunch: interrupted; partial changes were undone", 130
_COMPLETE = "_APPLAUNCH_COMPLETE"  # set by our completion scripts (manage/texts)


def run(args: Sequence[str]) -> int:
    """Run the command that *args* name and return its exit code."""
    open_standard_streams()
    process.keep_owner_permissions()
    command = typer.main.get_command(app)
    interruption = Interruption()
    try:
        with interruption:
            return _run_command(command, args)
    except SignalReceived:
        write_message(_INTERRUPTED)
        if interruption.signal != signal.SIGINT:
            process.die_by_signal(interruption.signal)
    return _EXIT_CODE


def _run_command(command: Any, args: Sequence[str]) -> int:
    try:
        if _COMPLETE in os.environ:
            from typer.completion import completion_init  # type: ignore[attr-defined]  # noqa: PLC0415  typer's own import of it; only a shell that completes needs it

            completion_init()
            result = command.main(list(args), prog_name="applaunch", standalone_mode=False)
        else:
            with command.make_context("applaunch", list(args)) as context:  # `main` would return other exit codes
                result = command.invoke(context)
    except TyperException as error:
        write_message(_usage_line(error))
        return error.exit_code
    except Exit as exit_:
        return exit_.exit_code
    except UserError as error:
        write_message(error.line)
        return UsageError.exit_code if isinstance(error, UsageError) else 1
    except (Abort, EOFError):  # input ended at a prompt
        write_message(_INTERRUPTED)
        return _EXIT_CODE
    except BrokenPipeError:
        process.die_by_signal(signal.SIGPIPE)
    except OSError as error:  # the system refused something: not a bug
        write_message(_os_error(error).line)
        return 1
    return result if isinstance(result, int) else 0


def _os_error(error: OSError) -> HostError:
    """Return the error for a file or stream that the system refused and no command reported."""
    path = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
    if path in NAMES.values():
        return HostError(
            path, f"cannot be written: {(error.strerror or str(error)).lower()}", "redirect the output elsewhere"
        )
    return (
        file_error(path, "cannot be used", error) if path else HostError("applaunch", str(error).lower(), "try again")
    )


def _usage_line(error: TyperException) -> str:
    """Return typer's message as one line, with the closest name for an unknown command."""
    context: Any = getattr(error, "ctx", None)
    path = context.command_path if context else "applaunch"
    message = error.format_message().rstrip(".")
    fix = f"{path} --help"
    if message.startswith("No such command"):
        word = message.partition("'")[2].partition("'")[0]
        commands = context.command.list_commands(context)
        known = [*commands, *(word for word, meant in SYNONYMS.items() if meant in commands)]
        within = _groups_with(word, context)
        fix = f"did you mean {within[0]!r}?" if within else did_you_mean(word, known, f"see {path} --help")
        message = f"unknown command {word!r}"
    where = path.replace("applaunch", "", 1).strip() or "usage"
    return printable(f"applaunch: {where}: {message[:1].lower()}{message[1:]}; {fix}")


def _groups_with(word: str, context: Any) -> list[str]:
    """Return the commands of that name in the groups of a context's command: ``history undo`` for ``undo``."""
    groups = [(name, context.command.get_command(context, name)) for name in context.command.list_commands(context)]
    return [f"{name} {word}" for name, each in groups if word in getattr(each, "commands", ())]
