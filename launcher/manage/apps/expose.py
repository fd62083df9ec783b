"""Change the names of apps on PATH: add an alias, hide or show a command, or prefer an app."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from launcher.core.catalog.merge import ResolvedApp, candidates, resolve
from launcher.core.catalog.published_snapshot import with_snapshot
from launcher.core.deploy.record import Deployment, find_app
from launcher.core.deploy.transaction_plan import Plan, PlannedApp
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.names import check_command_name
from launcher.errors import NotFoundError, UsageError
from launcher.manage.apps import override
from launcher.manage.apps.add import AddRequest, add_apps
from launcher.manage.change.carry_out import Applied, Deployed, carry_out
from launcher.manage.change.name_conflicts import find_conflict
from launcher.manage.change.plan_deployment import propose_deployment
from launcher.manage.context import Context


class Exposed(NamedTuple):
    """The new names of an app."""

    app: str
    commands: tuple[str, ...]  # now on PATH
    transaction: int  # 0 if nothing changed


def add_alias(context: Context, command: str, new: str) -> Exposed:
    """Add the name *new* for the main command of an app, in the user's catalog.

    Raises `UsageError` if *command* is not the main command of its app, or for an invalid name.
    """
    deployment = find_app(context.deployed(), command)
    app = _resolve_deployment(context, deployment)
    if app.target_of(command) != app.target_of(app.name):
        what = f"{command} is not the main command of {app.name}"
        raise UsageError("", what, f"in your catalog: [apps.{app.name}.commands.{new}]")
    own = deployment.own if isinstance(deployment.own, dict) else {}
    names = [*own.get("aliases", []), _check_name(new)]
    return _result(add_apps(context, AddRequest((app.name,), {"aliases": names})))


def unexpose_commands(context: Context, commands: Sequence[str]) -> list[Exposed]:
    """Remove *commands* from PATH; their apps stay installed, and `applaunch run` still runs them."""
    return [_set_hidden(context, _find_owner(context, name), {name}, hide=True) for name in commands]


def expose_commands(context: Context, commands: Sequence[str]) -> list[Exposed]:
    """Put *commands* back on PATH; raises `NotFoundError` if no installed app has hidden one."""
    return [_set_hidden(context, _find_hider(context, name), {name}, hide=False) for name in commands]


def prefer_app(context: Context, name: str) -> list[Exposed]:
    """Give an app (or the app of a command) the names that it shares with other installed apps, and hide theirs."""
    catalog_set = context.read_catalogs()
    name = next(candidates(catalog_set.catalogs, name), name)
    deployed = context.deployed()
    wanted = set(propose_deployment(context, name, catalog_set, deployed.get(name)).entries)
    others = [each for each in deployed.values() if each.app != name and wanted & {c.name for c in each.commands}]
    done = [_set_hidden(context, each, wanted & {c.name for c in each.commands}, hide=True) for each in others]
    if name in deployed:
        return [*done, _set_hidden(context, context.deployed()[name], wanted, hide=False)]
    return [*done, _result(add_apps(context, AddRequest((name,))))]


def _result(added: Applied) -> Exposed:
    return Exposed(added.only.app, tuple(each.name for each in added.only.deployment.commands), added.transaction)


def _set_hidden(context: Context, before: Deployment, names: set[str], *, hide: bool) -> Exposed:
    before_keys = override.read_keys(context, before.app).get("unexposed", [])
    after = sorted({*before_keys, *names}) if hide else sorted({*before_keys} - names)
    override.set_keys(context, before.app, {"unexposed": after})
    try:
        return _result(carry_out(context, partial(_plan_names, context, before.app)))
    except BaseException:
        override.set_keys(context, before.app, {"unexposed": before_keys})
        raise


def _plan_names(context: Context, name: str, deployed: Deployed) -> Plan:
    """Return a plan that gives the app the names on PATH that its catalogs define now."""
    before = find_app(deployed, name)
    made = propose_deployment(context, before.app, context.read_catalogs(), before)._replace(published=before.published)
    if made.commands == before.commands:
        return Plan((PlannedApp(before.app, before, before, "Reinstall", "unchanged"),))
    planned = PlannedApp(before.app, before, made.with_image(before.pin), "Reinstall")
    return Plan((planned,), conflict=find_conflict(context, [made], deployed))


def _find_owner(context: Context, name: str) -> Deployment:
    for each in context.deployed().values():
        if name in [command.name for command in each.commands]:
            return each
    raise NotFoundError(name, "no installed app has that command on PATH", "list installed apps with: applaunch list")


def _find_hider(context: Context, name: str) -> Deployment:
    for each in context.deployed().values():
        if name in override.read_keys(context, each.app).get("unexposed", []):
            return each
    raise NotFoundError(
        name, "no installed app keeps that command off PATH", "list installed apps with: applaunch list"
    )


def _resolve_deployment(context: Context, deployment: Deployment) -> ResolvedApp:
    return resolve(with_snapshot(context.read_catalogs(published=False).catalogs, deployment.published), deployment.app)


def _check_name(name: str) -> str:
    try:
        return check_command_name(name)
    except InvalidValueError as wrong:
        raise UsageError("", wrong.what, wrong.fix) from None
