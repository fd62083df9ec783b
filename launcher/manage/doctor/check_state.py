"""Whether the disk is what the record says: shims, launch files, and transactions that nobody ended."""

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
from launcher.state import launch_files as currents
from launcher.state import write_launch_file
from launcher.state.database import DamagedError
from launcher.state.launch_files import stamp


def check_record(desk: Context) -> Iterator[Finding]:
    """Look at the record itself, and for transactions that nobody is going to end."""
    try:
        past, interrupted = desk.record.transactions(), desk.record.interrupted()
        apps = len(desk.record.deployed())
        desk.record.deployments()
    except DamagedError as trouble:
        yield repairable("record", f"{desk.shown(trouble.where)}: {trouble.what}", partial(rebuild_record, desk))
        return
    for each in interrupted:
        line = shlex.join(each.command_line)
        yield repairable("record", f"transaction {each.id} ({line}) was interrupted", partial(_end, desk, each))
    if not interrupted:
        yield ok("record", f"{count(apps, 'app')}, {count(len(past), 'transaction')}")


def check_shims(desk: Context) -> Iterator[Finding]:
    """Look at the shims: missing, stale, a stranger's, hidden behind another program, or nobody's."""
    deployed = desk.deployed()
    commands = [(deployment, command) for deployment in deployed.values() for command in deployment.commands]
    known = {command.shim for _, command in commands}
    found = [each for deployment, command in commands for each in _about_shim(desk, deployment, command)]
    for folder in sorted({desk.places.bin, *(os.path.dirname(path) for path in known)}):
        strays = [path for path in list_own_shims(folder) if path not in known and not is_unfinished(path)]
        found += [
            repairable("shims", f"{desk.shown(path)}: no app has it", partial(move_aside, desk, path))
            for path in strays
        ]
    yield from found or [ok("shims", f"{len(known)} in {desk.shown(desk.places.bin)}" if known else "no shims yet")]


def check_launch_files(desk: Context) -> Iterator[Finding]:
    """Look at the launch files: missing, damaged, of another deployment, or nobody's."""
    deployed = desk.deployed()
    commands = {command.name: deployment for deployment in deployed.values() for command in deployment.commands}
    found = []
    for name, deployment in commands.items():
        known = currents.read(desk.places.current, name)
        if known is None or known.app != deployment.app:
            how = "damaged" if os.path.lexists(f"{desk.places.current}/{name}") else "missing"
            what = f"the launch file of {name} is {how}"
            found.append(repairable("launch", what, partial(_compile, desk, deployment, name)))
        elif known.deployed.tag != deployment.tag:
            what = f"the launch file of {name} is of another deployment"
            found.append(repairable("launch", what, partial(_compile, desk, deployment, name)))
    strays = [name for name in write_launch_file.names(desk.places.current) if name not in commands]
    found += [
        repairable("launch", f"{name} has a launch file and no app", partial(_forget, desk, name)) for name in strays
    ]
    yield from found or [ok("launch", count(len(commands), "launch file") if commands else "no launch files yet")]


def _about_shim(desk: Context, deployment: Deployment, command: Command) -> Iterator[Finding]:
    path, shown = command.shim, desk.shown(command.shim)
    if not os.path.lexists(path):
        yield repairable("shims", f"{shown} is missing", partial(_write_shim, path))
        return
    if not shims.is_ours(path):
        typed = shown if shlex.quote(path) == path else shlex.quote(path)  # within quotes a ~ is only a ~
        fix = f"mv {typed} {typed}.old && {DOCTOR}"
        yield problem("shims", f"{shown} is not applaunch's, and hides {command.name} of {deployment.app}", fix)
        return
    if shims.is_stale(path):
        yield repairable("shims", f"{shown} is of another Python or applaunch", partial(_write_shim, path))
    path_variable = desk.call.env.get("PATH", "")
    first = next(iter(shims.find_programs(command.name, path_variable)), path)
    if is_on_path(os.path.dirname(path), path_variable) and os.path.realpath(first) != os.path.realpath(path):
        fix = f"put {desk.shown(desk.places.bin)} first on PATH, or applaunch remove {deployment.app}"
        yield problem("shims", f"{first} comes before {shown} on PATH", fix)


def _write_shim(path: str) -> str:
    shims.write(os.path.dirname(path), os.path.basename(path))
    return "written"


def _forget(desk: Context, name: str) -> str:
    if any(name == command.name for each in desk.record.deployed().values() for command in each.commands):
        return "installed meanwhile"
    return move_aside(desk, f"{desk.places.current}/{name}")


def _compile(desk: Context, deployment: Deployment, name: str) -> str:
    """Write the launch file of a command anew, held on what the record holds its app on."""
    sources = stamp(catalog_set.watched(desk.places, published=False))
    made = compile_deployed(name, deployment, desk.read_catalogs(published=False))._replace(sources=sources)
    write_launch_file.write(desk.places.current, made)
    return "written"


def _end(desk: Context, interrupted: Transaction) -> str:
    """Make the disk what the record says of the apps that a transaction touched, and call it failed."""
    for change in interrupted.changes:
        _restore(desk, change)
    desk.record.fail(interrupted.id, desk.now, "interrupted; undone by applaunch doctor")
    return "undone"


def _restore(desk: Context, change: Change) -> None:
    deployed = desk.record.deployed()
    owned = {command.name for each in deployed.values() for command in each.commands}
    for side in (change.before, change.after):
        for command in side.commands if side else ():
            if command.name not in owned:
                shims.remove(command.shim)
                write_launch_file.remove(desk.places.current, command.name)
    if held := deployed.get(change.app):
        for command in held.commands:
            _compile(desk, held, command.name)
            if shims.is_ours(command.shim) or not os.path.lexists(command.shim):
                _write_shim(command.shim)
