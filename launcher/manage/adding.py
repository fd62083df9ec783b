"""Adding apps: the catalog asked (or written), shims and launch files made, one transaction for all."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from launcher import catalogs
from launcher.compiled import current_of
from launcher.core import written
from launcher.core.catalog import Catalog
from launcher.core.layers import Resolved, app_names, resolve, unknown
from launcher.core.moment import iso
from launcher.core.names import app_name
from launcher.core.permissions import Permission, permissions
from launcher.core.pin import Pin
from launcher.core.record import Change, Command, Deployment
from launcher.core.wrong import Wrong
from launcher.errors import HostError, Usage
from launcher.host import files, shims
from launcher.manage.desk import Desk, Undo
from launcher.manage.removing import drop_command
from launcher.state import current as currents
from launcher.state.current import Current, Source, stamp


class Request(NamedTuple):
    """What `applaunch add` was asked for."""

    names: tuple[str, ...]
    keys: Mapping[str, Any] = {}  # of the catalog, as TOML has them
    new_name: str = ""  # --as


class Added(NamedTuple):
    """One app that is on PATH now, and what a person should know of it."""

    deployment: Deployment
    permissions: tuple[Permission, ...]
    shadowed: tuple[tuple[str, str], ...]  # program of another making, and how it stands to our shim
    is_new: bool
    deprecated: str = ""  # why it should not be used any more, and what replaces it


def add(desk: Desk, request: Request) -> tuple[list[Added], int]:
    """Deploy the apps of *request*; returns them and the transaction's number (0: nothing had to be done).

    All or none: what cannot be done is refused before anything is written.
    """
    names = _names(request)
    with desk.record.alone(desk.command_line):
        shelf, text = _shelf_with(desk, request, names)
        sources = stamp(catalogs.watched(desk.places))
        before = desk.deployed()
        apps = [resolve(shelf.catalogs, name) for name in names]
        plans = [_plan(desk, app, shelf, sources, before) for app in apps]
        _refuse_clashes(plans, before)
        new = [plan for plan in plans if not _is_there(plan, before, desk)]
        number = _carry_out(desk, new, before, text) if new or text is not None else 0
    return [_told(desk, plan, plan in new) for plan in plans], number


class _Plan(NamedTuple):
    app: Resolved
    deployment: Deployment
    currents: tuple[Current, ...]


def _names(request: Request) -> list[str]:
    names = list(dict.fromkeys(request.names))
    if len(names) > 1 and (request.new_name or request.keys):
        raise Usage("add", "options change one app at a time", "add the others by themselves")
    for name in (*names, *([request.new_name] if request.new_name else [])):
        try:
            app_name(name)
        except Wrong as wrong:
            raise Usage("add", wrong.what, wrong.fix) from None
    return [request.new_name] if request.new_name else names


def _shelf_with(desk: Desk, request: Request, names: list[str]) -> tuple[catalogs.Shelf, str | None]:
    """Return the catalogs with what *request* says written into the user's own, and its new text (None: unchanged)."""
    shelf = desk.shelf()
    known = set(app_names(shelf.catalogs))
    keys = dict(request.keys)
    if request.new_name and "image" not in keys:
        keys = {"extends": request.names[0], **keys}
    for name in request.names:
        if name not in known and "image" not in keys:
            raise unknown(name, shelf.catalogs)
    if not keys:
        return shelf, None
    path = desk.places.user_catalog
    text = written.with_app(files.read(path) or written.EMPTY, names[0], keys)
    mine = Catalog.parse(text, "user", desk.shown(path))
    others = [catalog for catalog in shelf.catalogs if catalog.path != mine.path]
    at = next((at for at, catalog in enumerate(others) if catalog.layer == "user"), len(others))
    mine.app(names[0])  # a mistake in an option is found here, before it is written
    return shelf._replace(catalogs=(*others[:at], mine, *others[at:])), text


def _plan(
    desk: Desk, app: Resolved, shelf: catalogs.Shelf, sources: tuple[Source, ...], before: Mapping[str, Deployment]
) -> _Plan:
    compiled = tuple(current_of(name, app, shelf)._replace(sources=sources) for name in app.command_names)
    kept = before.get(app.name)
    pin = kept.pin if kept and kept.image == compiled[0].image else Pin()
    deployment = Deployment(
        app=app.name,
        image=compiled[0].image,
        digest=pin.digest,
        image_id=pin.image_id,
        pulled=pin.pulled,
        source=app.origins.get("image", ""),
        entry_hash=_hash([app.entry(name).to_json() for name in app.command_names]),
        commands=tuple(
            Command(current.command, f"{desk.places.bin}/{current.command}", app.target_of(current.command))
            for current in compiled
        ),
        created=iso(desk.now),
    )
    return _Plan(app, deployment, tuple(current.held_on(pin) for current in compiled))


def _refuse_clashes(plans: Sequence[_Plan], before: Mapping[str, Deployment]) -> None:
    """Raise where two apps want one name, or where a stranger's file has it."""
    owners = {command.name: name for name, deployed in before.items() for command in deployed.commands}
    for plan in plans:
        for command in plan.deployment.commands:
            owner = owners.setdefault(command.name, plan.app.name)
            if owner != plan.app.name:
                fix = f"applaunch remove {owner}, or use: --as OTHERNAME"
                raise HostError(plan.app.name, f"the command {command.name!r} belongs to the app {owner!r}", fix)
            shims.check(os.path.dirname(command.shim), command.name)


def _is_there(plan: _Plan, before: Mapping[str, Deployment], desk: Desk) -> bool:
    """Tell whether nothing has to be done for it."""
    deployed = before.get(plan.app.name)
    if deployed is None or deployed._replace(created="") != plan.deployment._replace(created=""):
        return False
    return all(
        shims.is_ours(command.shim) and currents.read(desk.places.current, command.name)
        for command in deployed.commands
    )


def _carry_out(desk: Desk, plans: Sequence[_Plan], before: Mapping[str, Deployment], text: str | None) -> int:
    def work(undo: Undo) -> None:
        if text is not None:
            _write_catalog(desk, text, undo)
        sources = stamp(catalogs.watched(desk.places)) if text is not None else None
        for plan in plans:
            for current in plan.currents:
                _write_current(desk, current._replace(sources=sources) if sources else current, undo)
            for command in plan.deployment.commands:
                _write_shim(command, undo)
            kept = {command.name for command in plan.deployment.commands}
            for command in before[plan.app.name].commands if plan.app.name in before else ():
                if command.name not in kept:
                    drop_command(desk, command, undo)

    return desk.transact([_change(plan, before.get(plan.app.name)) for plan in plans], work)


def _change(plan: _Plan, before: Deployment | None) -> Change:
    return Change(plan.app.name, "Reinstall" if before else "Install", before, plan.deployment)


def _write_catalog(desk: Desk, text: str, undo: Undo) -> None:
    path = desk.places.user_catalog
    before = files.read(path)
    undo.append(partial(files.remove, path) if before is None else partial(files.write, path, before))
    files.write(path, text)


def _write_current(desk: Desk, current: Current, undo: Undo) -> None:
    folder = desk.places.current
    before = currents.read(folder, current.command)
    undo.append(
        partial(currents.write, folder, before) if before else partial(currents.remove, folder, current.command)
    )
    currents.write(folder, current)


def _write_shim(command: Command, undo: Undo) -> None:
    if not os.path.lexists(command.shim):
        undo.append(partial(shims.remove, command.shim))
    shims.write(os.path.dirname(command.shim), command.name)


def _told(desk: Desk, plan: _Plan, is_new: bool) -> Added:
    entry = plan.app.entry(plan.app.command_names[0])
    clashes = tuple(
        (program, "comes before it on PATH" if first else "is hidden by it")
        for command in plan.deployment.commands
        for program, first in others(command, desk.call.env.get("PATH", ""))
    )
    return Added(plan.deployment, permissions(entry, desk.call), clashes, is_new, _deprecated(plan.app))


def _deprecated(app: Resolved) -> str:
    better = app.keys.get("replaced_by")
    said = [app.keys.get("deprecated"), f"use: applaunch add {better}" if better else None]
    return "; ".join(filter(None, said))


def others(command: Command, path: str) -> list[tuple[str, bool]]:
    """Return the programs of that name on *path* which are not our shim, and whether each is found before it."""
    found = shims.programs(command.name, path)
    at = found.index(command.shim) if command.shim in found else len(found)
    return [(program, index < at) for index, program in enumerate(found) if program != command.shim]


def _hash(entries: list[dict[str, Any]]) -> str:
    return hashlib.sha256(json.dumps(entries, sort_keys=True).encode()).hexdigest()
