"""The door that programs come in by: a name on PATH, looked up, launched, and recorded."""

from __future__ import annotations

import errno
import os
import time

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.run.shim_chain import VARIABLE, chain, refuse_loop
from launcher.core.values.protected_paths import apply_path_settings
from launcher.errors import CannotRunError, UserError
from launcher.fast_stdlib import signal
from launcher.host import process
from launcher.host.find_project import find
from launcher.host.locations import Places, places
from launcher.host.terminal import write_message
from launcher.state import journal
from launcher.state import launch_files as currents

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from launcher.core.values.invocation import Invocation
    from launcher.core.values.resolved_image import ResolvedImage
    from launcher.run.engine_connection import Reached
    from launcher.run.launch import Ended, Through
    from launcher.state.launch_files import LaunchFile

Way: TypeAlias = "Callable[[str, Sequence[str], Places, str], int]"
"""From a command's name, its arguments, where our files are and the caller's home to an exit code: as `called`."""


def main(argv: Sequence[str], way: Way | None = None) -> int:
    """Run the command that *argv* names and return its exit code: the program's own, or 125, 126, 127 with one line.

    Where a *way* is given, it is gone in the place of `called`.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:  # quick.py's
        signal.signal(signal.SIGINT, signal.default_int_handler)
    process.open_standard_descriptors()
    process.keep_owner_permissions()
    home, _ = process.home_and_user()
    where = places(process.own_environment(os.environ), home)
    name = process.command_name(argv[0], where.current)
    try:
        return (way or called)(name, argv[1:], where, home)
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


def called(name: str, args: Sequence[str], where: Places, home: str) -> int:
    """Run the command *name* with *args* and return its exit code; raises `UserError` before it began."""
    refuse_loop(name, os.environ)
    known = looked_up(name, where, home)
    return carried_out(known, entry_of(known), args, where)


def entry_of(known: LaunchFile) -> CatalogEntry:
    """Return the catalog entry that a launch file holds."""
    return CatalogEntry.from_json(known.entry["entry"])


def looked_up(name: str, where: Places, home: str) -> LaunchFile:
    """Return what *name* stands for: its launch file, or what the catalogs say where that is missing or stale."""
    if project := find(home):
        from launcher.run import project_cache  # noqa: PLC0415  only inside of one

        if here := project_cache.looked_up(name, project, where, home):
            return here
    known = currents.read(where.current, name)
    if known is None or currents.is_stale(known) or not _is_ours(known):
        return _compiled(name, known, where, home)
    return known


def _is_ours(known: LaunchFile) -> bool:
    """Tell whether this applaunch can follow the launch file; another version may have written other keys."""
    return known.entry.keys() == _KEYS and known.entry["entry"].keys() <= _FIELDS


_KEYS = frozenset(("entry", "autostart", "arguments", "cover", "show", "idle", "theirs"))
_FIELDS = frozenset(CatalogEntry._fields)


def carried_out(known: LaunchFile, entry: CatalogEntry, args: Sequence[str], where: Places) -> int:
    """Launch *entry*, which is what *known* says or a variation of it, and record the run."""
    call, reached = asked(known, args, where)
    return finished(launched(known, entry, call, reached, where))


def asked(known: LaunchFile, args: Sequence[str], where: Places) -> tuple[Invocation, Reached]:
    """Return the call of *known* with *args*, by this process and in its folder, and the engine that it goes to."""
    from launcher.run.engine_connection import reach  # noqa: PLC0415  after the cheap refusals

    if known.unasked:
        what = f"is not installed, and asks for more than it may be given unasked: {known.unasked}"
        raise CannotRunError(known.command, what, f"applaunch add {known.app}")
    os.environ[VARIABLE] = chain(known.command, os.environ)  # for a credential helper or an ssh that is a shim, too
    call = called_with(known, args, where)
    return call, reach(call, where, autostart=known.entry["autostart"])


def called_with(known: LaunchFile, args: Sequence[str], where: Places) -> Invocation:
    """Return the call of *known* with *args*, by this process and in its folder."""
    call, show = process.read_invocation(known.command, args), known.entry["show"]
    return call._replace(
        secrets=(*apply_path_settings(call.secrets, known.entry["cover"], show), *where.hidden()),
        startup=(*apply_path_settings(call.startup, (), show), *where.read_only()),
        theirs=tuple(known.entry["theirs"]),
        homes=where.homes,
    )


def launched(  # noqa: PLR0913, PLR0917  what `launch` depends on
    known: LaunchFile,
    entry: CatalogEntry,
    call: Invocation,
    reached: Reached,
    where: Places,
    through: Through | None = None,
) -> Ended:
    """Launch *entry*, its engines *through* what `launch` takes, record the run, and return how it ended."""
    from launcher.run.launch import launch  # noqa: PLC0415  after the cheap refusals

    held = known.pin
    began, steady = time.time(), time.monotonic()

    def told(pin: ResolvedImage) -> None:
        nonlocal held
        held = pin
        keep(pin, known, where, reached)

    ended = launch(entry, call, reached, held, told, known.entry["idle"], through)
    run = journal.Run(
        time=began,
        app=entry.app,
        command=known.command,
        digest=held.digest or held.image_id,
        exit_code=ended.exit_code,
        seconds=round(time.monotonic() - steady, 3),
        cwd=call.cwd,
        args=_arguments(known.command, call.args) if known.entry["arguments"] else None,
    )
    journal.append(where.runs, run)
    return ended


def finished(ended: Ended) -> int:
    """Return the exit code of a launch, or die of the signal that ended the program."""
    if ended.signal:
        process.die_by_signal(ended.signal, with_group=ended.typed)
    return ended.exit_code


def keep(pin: ResolvedImage, known: LaunchFile, where: Places, reached: Reached) -> None:
    """Hold all commands of the app on what this launch has found; an app that is not installed is held on nothing.

    A command that is of another image still, or again, since no call of it has noticed an edit, stays as it is.
    """
    from launcher.run.engine_connection import tagged  # noqa: PLC0415  it is loaded

    if known.tag:
        tagged(reached, pin.image_id, known.tag)
    folder = known.folder or where.current
    for command in known.commands:
        before = currents.read(folder, command)
        if before and before.image == known.image:
            _write(before.held_on(pin._replace(pulled=pin.pulled or before.pulled)), folder)


def _compiled(name: str, before: LaunchFile | None, where: Places, home: str) -> LaunchFile:
    """Read the catalogs anew: nothing was compiled for *name*, or something it was made from has changed."""
    from launcher.run.compile_launch_file import compiled, restored  # noqa: PLC0415  reading catalogs costs 20 ms, once for each edit

    before = before or restored(name, where, home)
    now = compiled(name, before, where, home)
    if before is not None:
        _write(now, where.current)
    return now


def _write(current: LaunchFile, folder: str) -> None:
    try:
        currents.write(folder, current)
    except UserError:
        return  # a read-only home costs time at the next call, and nothing else


def _arguments(command: str, args: Sequence[str]) -> tuple[str, ...]:
    from launcher.core.values.redaction import mask_secrets  # noqa: PLC0415  only for who turned it on

    return tuple(mask_secrets(args, command))
