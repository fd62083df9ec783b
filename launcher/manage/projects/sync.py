"""Projects: their catalogs trusted, this machine made to match them, and their images locked."""

import difflib
import json
import os
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from launcher.core.catalog.catalog_file import PROJECT, Catalog
from launcher.core.catalog.merge import resolve
from launcher.core.deploy.record import Deployment
from launcher.core.deploy.transaction_plan import PermissionRequest, Plan, PlannedApp
from launcher.core.images.lockfile import LockedApp, locked_image
from launcher.core.policy.permission import Permission
from launcher.errors import HostError, NotFoundError, StateError
from launcher.host import files
from launcher.host.find_project import CATALOG_NAME, LOCK_NAME, find
from launcher.host.ownership import owners
from launcher.manage.change.carry_out import Applied, Deployed, approve_requests, carry_out
from launcher.manage.change.name_conflicts import find_conflict
from launcher.manage.change.permission_consent import Consent, review_permissions
from launcher.manage.change.plan_deployment import is_same, propose_deployment
from launcher.manage.context import Context
from launcher.run import project_cache, project_command
from launcher.run.catalog_set import CatalogSet
from launcher.run.grants import granted_by
from launcher.run.project_command import Project, Trusted
from launcher.state.state_folders import make_private


class Shown(NamedTuple):
    """What somebody who is asked for trust should see."""

    project: Project
    diff: tuple[str, ...]  # against the texts that were trusted last; all of them where none were
    permissions: tuple[tuple[str, Permission], ...]  # by command
    is_trusted: bool
    asked: tuple[PermissionRequest, ...] = ()  # the same, by app


class Place(NamedTuple):
    """Where a project's catalog is."""

    found: str
    """The file that a launch finds: it may be a link."""
    path: str
    """What that leads to, by which it is trusted."""
    doubt: str
    """Why it may be somebody else's work, in words; "" where only the caller can have written it."""
    owners: tuple[int, int]
    """The uids of both."""


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


def place(desk: Context, given: str = "", *, accept: bool = False) -> Place:
    """Return where the catalog *given* (a file or its folder) is, or the one that the current folder is in.

    Raises `NotFoundError` if there is none, `HostError` if others can write its files (*accept* does not).
    """
    found = os.path.abspath(given) if given else find(desk.call.home)
    if found and os.path.isdir(found):
        found = f"{found}/{CATALOG_NAME}"
    if not found or not os.path.isfile(found):
        raise NotFoundError(
            given or CATALOG_NAME, "there is no such project catalog here or above", f"write one: {CATALOG_NAME}"
        )
    found = f"{os.path.realpath(os.path.dirname(found))}/{os.path.basename(found)}"
    why = project_cache.refusal(found, desk.places, desk.call.home)
    if why and not accept:
        raise HostError(desk.shown(found), why, "look at it, and then: applaunch trust --owner")
    return Place(found, os.path.realpath(found), why, owners(found))


def look(desk: Context, path: str) -> Shown:
    """Read the project whose catalog is at *path*, and return what it says and would allow; raises `CatalogError`."""
    project = project_command.read(path, desk.call.home)
    project.locks(desk.call.home)  # one that is damaged is told before anybody trusts it
    before = project_command.trusted(path, desk.places) or Trusted("", None)
    diff = [*_diff(before.text, project.text, CATALOG_NAME), *_diff(before.lock or "", project.lock or "", LOCK_NAME)]
    shelf = shelf_with(desk, project.catalog).catalogs
    granted = []
    wishes: dict[str, tuple[Permission, ...]] = {}
    for name in project.catalog.apps:
        app = resolve(shelf, name)
        for command in tuple(app.commands) or (name,):
            may = granted_by(app.entry(command), desk.call, built="build" in app.keys)
            granted += [(command, each) for each in may]
            wishes[name] = (*wishes.get(name, ()), *may)
    is_trusted = project_command.is_trusted(project, desk.places)
    return Shown(
        project, tuple(diff), tuple(granted), is_trusted, tuple(PermissionRequest(*each) for each in wishes.items())
    )


def _diff(before: str, after: str, name: str) -> Iterator[str]:
    return difflib.unified_diff(_lines(before), _lines(after), f"trusted {name}", f"{name} now", lineterm="", n=2)


def _lines(text: str) -> list[str]:
    """Return the lines that TOML sees: what else Unicode calls a line's end may stand within a string."""
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else []


def trust(desk: Context, project: Project) -> None:
    """Trust *project* as it was read and shown: what its files hold by now does not count."""
    project_command.trust(project, desk.places)


def accept(desk: Context, where: Place) -> None:
    """Let the project count, as long as its catalog belongs to whom it did when it was shown."""
    said = {"path": os.fsencode(where.found).hex(), "owners": where.owners}
    make_private(desk.places.trust)
    files.write(project_cache.owner_file(where.found, desk.places), json.dumps(said), 0o600)


def untrust(desk: Context, where: Place) -> bool:
    """Trust it no more, nor its owner; False where nobody did."""
    records = project_command.trust_file(where.path, desk.places), project_cache.owner_file(where.found, desk.places)
    was = any(map(os.path.exists, records))
    for record in records:
        files.remove(record)
    return was


def sync(desk: Context, project: Project, consent: Consent, *, check: bool, prune: bool) -> Matched:
    """Make this machine match *project*: its apps installed as its catalog has them, held on what its lock says.

    *check* only tells, *prune* removes what it no longer names. Raises `StateError` where nobody trusts it.
    """
    if not project_command.is_trusted(project, desk.places):
        raise StateError(desk.shown(project.path), "is not trusted", "applaunch trust")
    make = partial(plan_sync, desk, project, prune)
    if check:
        return _matched(Applied(make(desk.deployed())))
    return _matched(carry_out(desk, make, approve_requests(consent)))


def plan_sync(desk: Context, project: Project, prune: bool, deployed: Deployed) -> Plan:
    """Return what makes this machine match *project*; *prune* removes what it no longer names."""
    layer, named = layer_of(project.path), project.catalog
    locks = project.locks(desk.call.home)
    whole = shelf_with(desk, named._replace(layer=layer))
    made = [_on_locked_image(locks, propose_deployment(desk, name, whole, deployed.get(name))) for name in named.apps]
    apps = [_plan_app(desk, deployed.get(each.app), each) for each in made]
    gone = [each for each in deployed.values() if prune and each.source == layer and each.app not in named.apps]
    changing = [each.deployment for each in apps if each.outcome == "change"]
    others = {app: each for app, each in deployed.items() if each not in gone}
    removed = [PlannedApp(each.app, each, None, "Remove") for each in gone]
    return Plan((*apps, *removed), conflict=find_conflict(desk, changing, others))


def shelf_with(desk: Context, project: Catalog) -> CatalogSet:
    """Return the catalogs as they count in a project."""
    shelf = desk.read_catalogs()
    return shelf._replace(catalogs=tuple(sorted((*shelf.catalogs, project), key=lambda each: each.rank)))


def layer_of(path: str) -> str:
    """Return the name of the layer that a project's apps come from: its folder's."""
    return f"{PROJECT}{os.path.basename(os.path.dirname(path))}"


def _on_locked_image(locks: Sequence[LockedApp], made: Deployment) -> Deployment:
    pin = locked_image(locks, made.app, made.image, project_command.this_platform())
    return made.with_image(pin) if pin.digest and pin.digest != made.digest else made


def _plan_app(desk: Context, before: Deployment | None, after: Deployment) -> PlannedApp:
    if before and is_same(after, before):
        return PlannedApp(after.app, before, after, "Reinstall", "unchanged")
    may, requested = review_permissions(desk, before, after)
    return PlannedApp(
        after.app, before, after, "Reinstall" if before else "Install", permissions=may, requested=requested
    )


def _matched(done: Applied) -> Matched:
    install, change, remove = (
        tuple(each.app for each in done.plan.changing if each.action == action)
        for action in ("Install", "Reinstall", "Remove")
    )
    return Matched(install, change, remove, done.transaction)
