"""Adding apps as their catalogs define them, in one transaction."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import zip_longest
from typing import Any, NamedTuple

from launcher.core.catalog.merge import app_names, resolve, unknown_app
from launcher.core.catalog.published_snapshot import source_of
from launcher.core.deploy.record import Action, Deployment
from launcher.core.deploy.transaction_plan import Plan, PlannedApp
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.names import check_app_name
from launcher.core.values.reference import with_tag
from launcher.errors import UsageError
from launcher.host import shims
from launcher.manage.change.carry_out import Applied, Approve, Deployed, carry_out
from launcher.manage.change.choose_source import (
    Choose,
    RequestedApp,
    choose_source,
    parse_requested_app,
    refuse_to_choose,
    restrict_to_source,
)
from launcher.manage.change.name_conflicts import find_conflict, find_shadowed_programs, same_named_programs
from launcher.manage.change.permission_consent import review_permissions
from launcher.manage.change.plan_deployment import PlannedDeployment, is_same, plan_deployment
from launcher.manage.change.user_catalog import Own, with_keys
from launcher.manage.context import Context
from launcher.run.catalog_set import CatalogSet
from launcher.state import launch_files


class AddRequest(NamedTuple):
    """The arguments of `applaunch add`."""

    names: tuple[str, ...]  # of apps: NAME, REMOTE/NAME, NAME@TAG
    keys: Mapping[str, Any] = {}  # for the user's own catalog, as TOML has them
    new_names: tuple[str, ...] = ()  # --as, in the order of the names
    shadows: tuple[str, ...] = ()  # commands that may take the name of a program of this machine


class AppToAdd(NamedTuple):
    """One app to add: which one, from where, under which name, and what the user's own catalog is to say of it."""

    base: str
    source: str  # the layer that it comes from; "" for the user's own
    tag: str
    name: str
    keys: Mapping[str, Any]
    stays: bool = False  # with the catalog that it was installed from

    @property
    def named(self) -> RequestedApp:
        """Return the app and where it is from."""
        return RequestedApp("" if self.stays else self.source, self.base)


def add_apps(
    context: Context, request: AddRequest, approve: Approve = lambda _: True, choose: Choose = refuse_to_choose
) -> Applied:
    """Deploy the apps of *request*, all or none.

    *choose* selects one of several remotes of the same priority. Raises `UserError` before anything is written.
    """
    answers: dict[str, str] = {}

    def ask(app: str, layers: Sequence[str]) -> str:
        answers[app] = choose(app, layers)
        return answers[app]

    def recall(app: str, layers: Sequence[str]) -> str:
        return answers[app] if answers.get(app) in layers else refuse_to_choose(app, layers)

    wishes = _parse_request(request)
    make, make_again = (partial(plan_add, context, wishes, request.shadows, way) for way in (ask, recall))
    return carry_out(context, make, approve, make_again)


def plan_add(
    context: Context, wishes: Sequence[AppToAdd], shadows: Sequence[str], choose: Choose, deployed: Deployed
) -> Plan:
    """Return what adding apps changes of what is *deployed*; their commands may hide the programs *shadows*."""
    catalog_set = context.read_catalogs()
    wishes = [_with_source(context, catalog_set, each, deployed, choose) for each in wishes]
    catalog_set, owns = _with_entries(context, catalog_set, wishes)
    made = [_plan(context, catalog_set, each, deployed) for each in wishes]
    for index, (wish, (one, _)) in enumerate(zip(wishes, made, strict=True)):
        if names := [name for name in find_shadowed_programs(context, deployed.get(one.app), one) if name in shadows]:
            catalog_set, owns[one.app] = _allow_names(context, catalog_set, one, names, owns.get(one.app))
            made[index] = _plan(context, catalog_set, wish, deployed)
    apps = [
        plan_app(context, deployed.get(new.app), PlannedDeployment(new, app), owns.get(new.app)) for new, app in made
    ]
    return Plan(tuple(apps), conflict=find_conflict(context, [each.deployment for each in made], deployed))


def plan_app(
    context: Context,
    before: Deployment | None,
    planned: PlannedDeployment,
    own: Own = None,
    action: Action = "Reinstall",
) -> PlannedApp:
    """Return the plan for one app that a person installs; *action* is the action if it is installed already."""
    after, keys = planned.deployment, planned.app.keys
    is_done = before is not None and is_same(after, before) and _is_in_place(context, before)
    may, requested = review_permissions(context, before, after, by_hand=True)
    better = keys.get("replaced_by")
    deprecated = [keys.get("deprecated"), f"use: applaunch add {better}" if better else None]
    hidden = tuple(
        (program, "comes before it on PATH" if first else "is hidden by it")
        for command in after.commands
        for program, first in same_named_programs(command, context.call.env.get("PATH", ""))
    )
    return PlannedApp(
        after.app,
        before,
        before if is_done else after,
        action if before else "Install",
        "unchanged" if is_done else "change",
        own=own,
        permissions=may,
        requested=requested,
        shadowed=hidden,
        deprecated="; ".join(filter(None, deprecated)),
    )


def _is_in_place(context: Context, deployment: Deployment) -> bool:
    return all(
        shims.is_ours(command.shim) and launch_files.read(context.places.current, command.name)
        for command in deployment.commands
    )


def _parse_request(request: AddRequest) -> list[AppToAdd]:
    """Parse the arguments: ``node@20`` is the app node with the tag 20, named node20 unless --as says otherwise."""
    if len(request.names) > 1 and request.keys:
        raise UsageError("", "options apply to one app only", "add the other apps separately")
    if request.new_names and len(request.new_names) != len(request.names):
        what = f"{len(request.new_names)} names for {len(request.names)} apps"
        raise UsageError("", what, "write --as once for each app, in their order")
    wishes: dict[str, AppToAdd] = {}
    for word, new in dict.fromkeys(zip_longest(request.names, request.new_names)):
        base, _, tag = word.partition("@")
        source, app = parse_requested_app(base)
        name = new or f"{app}{tag.rpartition(':')[2][:12].lower()}"
        if name in wishes:
            raise UsageError("", f"{name!r} is given twice", "choose one of them, or: --as OTHERNAME")
        try:
            wishes[name] = AppToAdd(check_app_name(app), source, tag, check_app_name(name), request.keys)
        except InvalidValueError as wrong:
            raise UsageError("", wrong.what, wrong.fix) from None
    return [*wishes.values()]


def _with_source(
    context: Context, catalog_set: CatalogSet, wish: AppToAdd, before: Mapping[str, Deployment], choose: Choose
) -> AppToAdd:
    """Return *wish* with the layer that it comes from; an installed app stays with its layer."""
    there = before.get(wish.name)
    origin = source_of(there.published, wish.base) if there else ""
    if there and wish.source in ("", origin):
        return wish._replace(source=origin, stays=True)
    return wish._replace(source=choose_source(context, catalog_set, wish.named, choose))


def _plan(
    context: Context, catalog_set: CatalogSet, wish: AppToAdd, before: Mapping[str, Deployment]
) -> PlannedDeployment:
    return plan_deployment(
        context, wish.name, restrict_to_source(catalog_set, wish.named), before.get(wish.name), stays=wish.stays
    )


def _with_entries(
    context: Context, catalog_set: CatalogSet, wishes: Sequence[AppToAdd]
) -> tuple[CatalogSet, dict[str, Own]]:
    """Return the catalogs with all *wishes* in the user's own one, and the changes to that by app."""
    owns: dict[str, Own] = {}
    for wish in wishes:
        keys = dict(wish.keys)
        if not {"image", "build"} & {*keys}:
            if wish.base not in app_names(catalog_set.catalogs):
                raise unknown_app(wish.base, catalog_set.catalogs)
            if wish.tag:
                keys["image"] = _image_with_tag(restrict_to_source(catalog_set, wish.named), wish)
            if wish.name != wish.base:
                keys = {"extends": wish.base, **keys}
        if keys:
            catalog_set, owns[wish.name] = with_keys(context, catalog_set, wish.name, keys)
    return catalog_set, owns


def _allow_names(
    context: Context, catalog_set: CatalogSet, made: Deployment, names: Sequence[str], own: Own
) -> tuple[CatalogSet, Own]:
    """Return the catalogs with *names* allowed in the user's own one, and the change to that, including *own*."""
    had = made.own.get("allow_shadow", ()) if isinstance(made.own, dict) else ()
    catalog_set, more = with_keys(context, catalog_set, made.app, {"allow_shadow": [*had, *names]})
    return catalog_set, (own[0], more[1]) if own and more else more


def _image_with_tag(catalog_set: CatalogSet, wish: AppToAdd) -> str:
    app = resolve(catalog_set.catalogs, wish.base)
    try:
        return with_tag(app.entry(app.command_names[0]).image, wish.tag)
    except ValueError as error:
        raise UsageError("", str(error), f"applaunch tags {wish.base}") from None
