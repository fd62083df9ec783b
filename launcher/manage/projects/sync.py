"""Making this machine match a project: its apps installed, on the images of its lock."""

import os
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from launcher.core.catalog.catalog_file import PROJECT
from launcher.core.deploy.record import Deployment
from launcher.core.deploy.transaction_plan import Plan, PlannedApp
from launcher.core.images.lockfile import LockedApp, locked_image
from launcher.errors import StateError
from launcher.manage.change.carry_out import Applied, Deployed, approve_requests, carry_out
from launcher.manage.change.name_conflicts import find_conflict
from launcher.manage.change.permission_consent import Consent, review_permissions
from launcher.manage.change.plan_deployment import is_same, propose_deployment
from launcher.manage.context import Context
from launcher.manage.projects.project_trust import catalogs_in_project
from launcher.run import project_command
from launcher.run.project_command import Project


class SyncResult(NamedTuple):
    """The apps that `sync` changes, or would change."""

    install: tuple[str, ...]
    change: tuple[str, ...]
    remove: tuple[str, ...]
    transaction: int

    @property
    def is_work(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.install or self.change or self.remove)


def sync_project(context: Context, project: Project, consent: Consent, *, check: bool, prune: bool) -> SyncResult:
    """Install the apps of *project* as its catalog defines them, on the images of its lock.

    *check* changes nothing, *prune* removes apps that it no longer has. Raises `StateError` if it is not trusted.
    """
    if not project_command.is_trusted(project, context.places):
        raise StateError(context.shown(project.path), "is not trusted", "applaunch trust")
    make = partial(plan_sync, context, project, prune)
    if check:
        return _matched(Applied(make(context.deployed())))
    return _matched(carry_out(context, make, approve_requests(consent)))


def plan_sync(context: Context, project: Project, prune: bool, deployed: Deployed) -> Plan:
    """Return the plan that makes this machine match *project*; *prune* removes apps that it no longer has."""
    layer, named = project_layer(project.path), project.catalog
    locks = project.locks(context.call.home)
    whole = catalogs_in_project(context, named._replace(layer=layer))
    made = [
        _on_locked_image(locks, propose_deployment(context, name, whole, deployed.get(name))) for name in named.apps
    ]
    apps = [_plan_app(context, deployed.get(each.app), each) for each in made]
    gone = [each for each in deployed.values() if prune and each.source == layer and each.app not in named.apps]
    changing = [each.deployment for each in apps if each.outcome == "change"]
    others = {app: each for app, each in deployed.items() if each not in gone}
    removed = [PlannedApp(each.app, each, None, "Remove") for each in gone]
    return Plan((*apps, *removed), conflict=find_conflict(context, changing, others))


def project_layer(path: str) -> str:
    """Return the name of the layer of a project's apps, after its folder."""
    return f"{PROJECT}{os.path.basename(os.path.dirname(path))}"


def _on_locked_image(locks: Sequence[LockedApp], made: Deployment) -> Deployment:
    pin = locked_image(locks, made.app, made.image, project_command.this_platform())
    return made.with_image(pin) if pin.digest and pin.digest != made.digest else made


def _plan_app(context: Context, before: Deployment | None, after: Deployment) -> PlannedApp:
    if before and is_same(after, before):
        return PlannedApp(after.app, before, after, "Reinstall", "unchanged")
    may, requested = review_permissions(context, before, after)
    return PlannedApp(
        after.app, before, after, "Reinstall" if before else "Install", permissions=may, requested=requested
    )


def _matched(done: Applied) -> SyncResult:
    install, change, remove = (
        tuple(each.app for each in done.plan.changing if each.action == action)
        for action in ("Install", "Reinstall", "Remove")
    )
    return SyncResult(install, change, remove, done.transaction)
