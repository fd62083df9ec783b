"""Check that the disk agrees with the record: shims, launch files, and interrupted transactions."""

import os
import shlex
from collections.abc import Iterator
from functools import partial

from launcher.core.deploy.record import Change, Command, Deployment, Transaction
from launcher.host import shims
from launcher.manage.context import Context
from launcher.manage.doctor.check_leftovers import is_unfinished
from launcher.manage.doctor.finding import DOCTOR, Finding, count, ok, problem, repairable
from launcher.manage.doctor.rebuild_record import rebuild_record
from launcher.manage.doctor.set_aside import move_aside
from launcher.manage.gather_evidence import list_own_shims
from launcher.manage.machine.path_setup import is_on_path
from launcher.run import catalog_set
from launcher.run.compile_launch_file import compile_deployed
from launcher.state import launch_files, write_launch_file
from launcher.state.database import DamagedError
from launcher.state.launch_files import stamp_sources


def check_record(context: Context) -> Iterator[Finding]:
    """Check that the record can be read, and for interrupted transactions."""
    try:
        past, interrupted = context.record.transactions(), context.record.interrupted()
        apps = len(context.record.deployed())
        context.record.deployments()
    except DamagedError as error:
        yield repairable("record", f"{context.shown(error.where)}: {error.what}", partial(rebuild_record, context))
        return
    for each in interrupted:
        line = shlex.join(each.command_line)
        yield repairable("record", f"transaction {each.id} ({line}) was interrupted", partial(_end, context, each))
    if not interrupted:
        yield ok("record", f"{count(apps, 'app')}, {count(len(past), 'transaction')}")


def check_shims(context: Context) -> Iterator[Finding]:
    """Check the shims: missing, stale, foreign, hidden by another program, or without an app."""
    deployed = context.deployed()
    commands = [(deployment, command) for deployment in deployed.values() for command in deployment.commands]
    known = {command.shim for _, command in commands}
    found = [each for deployment, command in commands for each in _check_shim(context, deployment, command)]
    for folder in sorted({context.places.bin, *(os.path.dirname(path) for path in known)}):
        unowned = [path for path in list_own_shims(folder) if path not in known and not is_unfinished(path)]
        found += [
            repairable("shims", f"{context.shown(path)}: it belongs to no app", partial(move_aside, context, path))
            for path in unowned
        ]
    yield from found or [
        ok("shims", f"{len(known)} in {context.shown(context.places.bin)}" if known else "no shims yet")
    ]


def check_launch_files(context: Context) -> Iterator[Finding]:
    """Check the launch files: missing, damaged, of another deployment, or without an app."""
    deployed = context.deployed()
    commands = {command.name: deployment for deployment in deployed.values() for command in deployment.commands}
    found = []
    for name, deployment in commands.items():
        known = launch_files.read(context.places.current, name)
        if known is None or known.app != deployment.app:
            how = "damaged" if os.path.lexists(f"{context.places.current}/{name}") else "missing"
            what = f"the launch file of {name} is {how}"
            found.append(repairable("launch", what, partial(_compile, context, deployment, name)))
        elif known.deployed.tag != deployment.tag:
            what = f"the launch file of {name} is of another deployment"
            found.append(repairable("launch", what, partial(_compile, context, deployment, name)))
    unowned = [name for name in write_launch_file.list_commands(context.places.current) if name not in commands]
    found += [
        repairable("launch", f"the launch file {name} belongs to no app", partial(_forget, context, name))
        for name in unowned
    ]
    yield from found or [ok("launch", count(len(commands), "launch file") if commands else "no launch files yet")]


def _check_shim(context: Context, deployment: Deployment, command: Command) -> Iterator[Finding]:
    path, shown = command.shim, context.shown(command.shim)
    if not os.path.lexists(path):
        yield repairable("shims", f"{shown} is missing", partial(_write_shim, path))
        return
    if not shims.is_ours(path):
        typed = shown if shlex.quote(path) == path else shlex.quote(path)  # a quoted ~ is not expanded
        fix = f"mv {typed} {typed}.old && {DOCTOR}"
        yield problem("shims", f"{shown} is not an applaunch shim and hides {command.name} of {deployment.app}", fix)
        return
    if shims.is_stale(path):
        yield repairable("shims", f"{shown} was written for another Python or applaunch", partial(_write_shim, path))
    path_variable = context.call.env.get("PATH", "")
    first = next(iter(shims.find_programs(command.name, path_variable)), path)
    if is_on_path(os.path.dirname(path), path_variable) and os.path.realpath(first) != os.path.realpath(path):
        fix = f"put {context.shown(context.places.bin)} first on PATH, or applaunch remove {deployment.app}"
        yield problem("shims", f"{first} is before {shown} on PATH", fix)


def _write_shim(path: str) -> str:
    shims.write(os.path.dirname(path), os.path.basename(path))
    return "written"


def _forget(context: Context, name: str) -> str:
    if any(name == command.name for each in context.record.deployed().values() for command in each.commands):
        return "it was installed in the meantime"
    return move_aside(context, f"{context.places.current}/{name}")


def _compile(context: Context, deployment: Deployment, name: str) -> str:
    """Write the launch file of a command again, for the image in the record."""
    sources = stamp_sources(catalog_set.watched_paths(context.places, published=False))
    made = compile_deployed(name, deployment, context.read_catalogs(published=False))._replace(sources=sources)
    write_launch_file.write(context.places.current, made)
    return "written"


def _end(context: Context, interrupted: Transaction) -> str:
    """Restore the disk to the record for all apps in a transaction, and mark the transaction as failed."""
    for change in interrupted.changes:
        _restore(context, change)
    context.record.fail(interrupted.id, context.now, "interrupted; undone by applaunch doctor")
    return "undone"


def _restore(context: Context, change: Change) -> None:
    deployed = context.record.deployed()
    owned = {command.name for each in deployed.values() for command in each.commands}
    for side in (change.before, change.after):
        for command in side.commands if side else ():
            if command.name not in owned:
                shims.remove(command.shim)
                write_launch_file.remove(context.places.current, command.name)
    if held := deployed.get(change.app):
        for command in held.commands:
            _compile(context, held, command.name)
            if shims.is_ours(command.shim) or not os.path.lexists(command.shim):
                _write_shim(command.shim)
