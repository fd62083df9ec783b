"""The entry point of programs: the name of a command on PATH becomes its program's exit code."""

from __future__ import annotations

import errno
import os

from launcher.core.run.shim_chain import refuse_loop
from launcher.errors import UserError
from launcher.fast_stdlib import signal
from launcher.host import process
from launcher.host.locations import Places, places
from launcher.host.terminal import write_message
from launcher.run.lookup import find_command
from launcher.run.record_run import Ended
from launcher.run.run_call import run_or_prepare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

Runner: TypeAlias = "Callable[[str, Sequence[str], Places, str], int]"
"""Takes a command's name, its arguments, our files and the caller's home, and returns an exit code: `run_command`."""


def main(argv: Sequence[str], runner: Runner | None = None) -> int:
    """Run the command that *argv* names and return its exit code: the program's own, or 125, 126, 127 with one line.

    If given, *runner* is called instead of `run_command`.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:  # since `bundle.load`
        signal.signal(signal.SIGINT, signal.default_int_handler)
    process.open_standard_descriptors()
    process.keep_owner_permissions()
    home, _ = process.home_and_user()
    where = places(process.own_environment(os.environ), home)
    name = process.command_name(argv[0], where.current)
    try:
        return (runner or run_command)(name, argv[1:], where, home)
    except UserError as trouble:
        write_message(trouble.line)
        return trouble.exit_code
    except BrokenPipeError:
        process.die_by_signal(signal.SIGPIPE)
    except OSError as error:
        if error.errno not in _TOO_MANY:
            raise
        write_message("applaunch: files: too many open files; ulimit -n 64")
    except KeyboardInterrupt:
        process.die_by_signal(signal.SIGINT)
    return UserError.exit_code


_TOO_MANY = (errno.EMFILE, errno.ENFILE)


def run_command(name: str, args: Sequence[str], where: Places, home: str) -> int:
    """Run the command *name* with *args* and return its exit code; raises `UserError` if it did not start."""
    refuse_loop(name, os.environ)
    begun = run_or_prepare(find_command(name, where, home), args, where)
    if isinstance(begun, Ended):
        return end_like(begun)
    from launcher.run.run_launch import run_launch  # noqa: PLC0415  not in a sandbox

    return end_like(run_launch(begun))


def end_like(ended: Ended) -> int:
    """Return the exit code of a program that has *ended*, or die of the signal that it died of."""
    if ended.signal:
        process.die_by_signal(ended.signal, with_group=ended.typed)
    return ended.exit_code
