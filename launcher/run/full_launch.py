"""A launch from the beginning: catalogs, plan, and a run in a sandbox or by an engine."""

from __future__ import annotations

import errno
import os

from launcher.core.run.shim_chain import refuse_loop
from launcher.errors import NotFoundError, UserError
from launcher.fast_stdlib import signal
from launcher.host import process
from launcher.host.locations import Places, places
from launcher.host.terminal import write_message
from launcher.run.load_modules import ENGINE, load_modules
from launcher.run.lookup import find_command
from launcher.run.record_run import Ended
from launcher.run.run_call import run_or_prepare
from launcher.run.sandbox_launch import choose_sandbox

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

Runner: TypeAlias = "Callable[[str, Sequence[str], Places, str], int]"
"""Takes a command's name, its arguments, our files and the caller's home, and returns an exit code."""


def main(argv: Sequence[str], runner: Runner | None = None) -> int:
    """Run the command that *argv* names and return its exit code: the program's own, or 125, 126, 127 with one line.

    If given, *runner* runs it.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:  # since the shim began
        signal.signal(signal.SIGINT, signal.default_int_handler)
    process.open_standard_descriptors()
    process.keep_owner_permissions()
    home, _ = process.home_and_user()
    where = places(process.own_environment(os.environ), home)
    name = process.command_name(argv[0], where.current)
    try:
        if runner:
            return runner(name, argv[1:], where, home)
        refuse_loop(name, os.environ)
        begun = run_or_prepare(find_command(name, where, home), argv[1:], where)
        if isinstance(begun, Ended):
            return end_like(begun)
        load_modules(ENGINE)
        from launcher.run.run_launch import run_launch  # noqa: PLC0415  not in a sandbox

        return end_like(run_launch(begun))
    except NotFoundError as missing:
        from launcher.run.explain_foreign_shim import explain_foreign_shim  # noqa: PLC0415  nothing runs

        write_message(explain_foreign_shim(argv[0], missing).line)
        return missing.exit_code
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


def explain_end(argv: Sequence[str], exit_code: int) -> None:
    """Print the hints that belong to the program that *argv* names, which has ended in a sandbox with *exit_code*."""
    from launcher.run.plan_sandbox import plan_sandbox  # noqa: PLC0415  few calls
    from launcher.run.print_hints import print_hints  # noqa: PLC0415  few calls

    home, _ = process.home_and_user()
    where = places(process.own_environment(os.environ), home)
    try:
        file = find_command(process.command_name(argv[0], where.current), where, home)
        if not isinstance(launch := choose_sandbox(file, argv[1:], where), str):
            print_hints(launch, plan_sandbox(launch).spec, exit_code)
    except UserError:
        return


def end_like(ended: Ended) -> int:
    """Return the exit code of a program that has *ended*, or die of the signal that it died of."""
    if ended.signal:
        process.die_by_signal(ended.signal, with_group=ended.typed)
    return ended.exit_code
