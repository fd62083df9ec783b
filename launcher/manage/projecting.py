"""Projects: their catalogs trusted, this machine made to match them, and their images locked."""

import difflib
import os
from collections.abc import Sequence
from typing import NamedTuple

from launcher import projects
from launcher.catalogs import Shelf
from launcher.core.catalog import PROJECT, Catalog
from launcher.core.layers import resolve
from launcher.core.locked import pin_of
from launcher.core.permission import Permission
from launcher.core.record import Change, Deployment
from launcher.errors import NotFound, StateError
from launcher.granting import granted_by
from launcher.host import files
from launcher.host.project import NAME, find
from launcher.manage.candidate import candidate, is_same
from launcher.manage.clashing import refuse_clashes
from launcher.manage.consent import Asked, Consent, asked
from launcher.manage.desk import Desk
from launcher.manage.switching import switch


class Shown(NamedTuple):
    """What somebody who is asked for trust should see."""

    path: str
    diff: tuple[str, ...]  # against the text that was trusted last; all of it where none was
    permissions: tuple[tuple[str, Permission], ...]  # by command
    is_trusted: bool
    asked: tuple[Asked, ...] = ()  # the same, by app


class Matched(NamedTuple):
    """What it takes, or took, to make this machine match a project."""

    install: tuple[str, ...]
    change: tuple[str, ...]
    remove: tuple[str, ...]
    transaction: int

    @property
    def is_work(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.install or self.change or self.remove)


def place(desk: Desk, given: str = "") -> str:
    """Return the path of the catalog *given* (a file or its folder), or of the one that the current folder is in.

    Raises `NotFound` where there is none.
    """
    path = os.path.abspath(given) if given else find(desk.call.home)
    if path and os.path.isdir(path):
        path = f"{path}/{NAME}"
    if not path or not os.path.isfile(path):
        raise NotFound(given or NAME, "there is no such project catalog here or above", f"write one: {NAME}")
    return os.path.realpath(path)


def look(desk: Desk, path: str) -> Shown:
    """Return what the catalog at *path* says and would allow; raises `CatalogError`."""
    project, text = projects.project_catalog(path, desk.call.home)
    before = projects.trusted_text(path, desk.places)
    lines = difflib.unified_diff(_lines(before or ""), _lines(text), "trusted", "now", lineterm="", n=2)
    shelf = shelf_with(desk, project).catalogs
    granted = []
    wishes: dict[str, tuple[Permission, ...]] = {}
    for name in project.apps:
        app = resolve(shelf, name)
        for command in tuple(app.commands) or (name,):
            may = granted_by(app.entry(command), desk.call, built="build" in app.keys)
            granted += [(command, each) for each in may]
            wishes[name] = (*wishes.get(name, ()), *may)
    is_trusted = projects.is_trusted(text, path, desk.places)
    return Shown(path, tuple(lines), tuple(granted), is_trusted, tuple(Asked(*each) for each in wishes.items()))


def _lines(text: str) -> list[str]:
    """Return the lines that TOML sees: what else Unicode calls a line's end may stand within a string."""
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else []


def trust(desk: Desk, path: str) -> None:
    """Trust what the catalog at *path* says now."""
    _, text = projects.project_catalog(path, desk.call.home)
    projects.trust(text, path, desk.places)


def untrust(desk: Desk, path: str) -> bool:
    """Trust it no more; False where nobody did."""
    record = projects.trust_file(path, desk.places)
    was = os.path.exists(record)
    files.remove(record)
    return was


def sync(desk: Desk, path: str, consent: Consent, *, check: bool, prune: bool) -> Matched:
    """Make this machine match the catalog at *path*: its apps installed as it has them, held on what its lock says.

    *check* only tells, *prune* removes what it no longer names. Raises `StateError` where nobody trusts it.
    """
    project, text = projects.project_catalog(path, desk.call.home)
    if not projects.is_trusted(text, path, desk.places):
        raise StateError(desk.shown(path), "is not trusted", "applaunch trust")
    layer = layer_of(path)
    with desk.record.alone(desk.command_line):
        before = desk.deployed()
        whole = shelf_with(desk, project._replace(layer=layer))
        made = [_locked(desk, path, candidate(desk, name, whole, before.get(name))) for name in project.apps]
        new = [each for each in made if each.app not in before]
        changed = [each for each in made if each.app in before and not is_same(each, before[each.app])]
        gone = [each for each in before.values() if prune and each.source == layer and each.app not in project.apps]
        told = Matched(_names(new), _names(changed), _names(gone), 0)
        if check or not told.is_work:
            return told
        refuse_clashes(desk, [*new, *changed], {app: each for app, each in before.items() if each not in gone})
        consent([wish for each in (*new, *changed) if (wish := asked(desk, before.get(each.app), each)).permissions])
        changes = [
            *(Change(each.app, "Install", None, each) for each in new),
            *(Change(each.app, "Reinstall", before[each.app], each) for each in changed),
            *(Change(each.app, "Remove", each, None) for each in gone),
        ]
        return told._replace(transaction=switch(desk, changes))


def shelf_with(desk: Desk, project: Catalog) -> Shelf:
    """Return the catalogs as they count in a project."""
    shelf = desk.shelf()
    return shelf._replace(catalogs=tuple(sorted((*shelf.catalogs, project), key=lambda each: each.rank)))


def layer_of(path: str) -> str:
    """Return the name of the layer that a project's apps come from: its folder's."""
    return f"{PROJECT}{os.path.basename(os.path.dirname(path))}"


def _locked(desk: Desk, path: str, made: Deployment) -> Deployment:
    locks = projects.locks(projects.lock_of(path), desk.call.home)
    pin = pin_of(locks, made.app, made.image, projects.this_platform())
    return made.held_on(pin) if pin.digest and pin.digest != made.digest else made


def _names(made: Sequence[Deployment]) -> tuple[str, ...]:
    return tuple(each.app for each in made)
