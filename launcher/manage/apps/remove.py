"""Removing apps: their commands, their warm containers, and their images if nothing else needs them."""

from collections.abc import Sequence
from functools import partial
from typing import Literal, NamedTuple

from launcher.core.deploy.record import Deployment, find_app
from launcher.core.deploy.transaction_plan import Plan, PlannedApp
from launcher.errors import EngineError, NoEngineError
from launcher.host import shims
from launcher.manage.apps import forget, gc, trash
from launcher.manage.change.carry_out import Deployed, apply_draft, make_draft
from launcher.manage.context import Context
from launcher.manage.images.removed_image import WAS_HERE_BEFORE, RemovedImage
from launcher.manage.images.retained_trees import remove_trees
from launcher.manage.run import warm_pool
from launcher.manage.run.warm_pool import WarmStatus
from launcher.sandbox.end_network import end_network
from launcher.sandbox.kept_network import record_path

Entry = Literal["", "removed", "kept"]


class RemovedApp(NamedTuple):
    """One app that was removed."""

    app: str
    shims: tuple[str, ...]
    strangers: tuple[str, ...]  # files in place of its shims that are not ours; they stay
    entry: Entry  # what happened to its table in the user's own catalog.toml; "": there is none


class Removed(NamedTuple):
    """What `remove` has done; without an engine, containers and images stay."""

    apps: list[RemovedApp]
    containers: list[WarmStatus]
    images: list[RemovedImage]
    data: list[str]  # folders of the trash
    transaction: int


def remove_apps(context: Context, names: Sequence[str], *, keep_image: bool, purge: bool = False) -> Removed:
    """Remove the apps *names*, their warm containers and networks, and the images that nothing else needs.

    Remove their entries in the user's own catalog too, if applaunch wrote them and nobody edited them. Their kept homes
    go to the trash, or are deleted if *purge* is set.
    """
    draft = make_draft(context, partial(plan_remove, context, names))
    going = [each.deployment for each in draft.plan.apps]
    told = [_describe(context, each) for each in draft.plan.apps]
    used = [*map(context.effective, going)]
    number = apply_draft(context, draft).transaction
    containers = _remove_containers(context, going)
    for each in going:
        end_network(record_path(context.places.networks, each.app))  # one that a run uses stays until it ends
    images = [] if keep_image else _remove_images(context, {each.app for each in going}, used)
    data = [path for each in going if (path := trash.move_to_trash(context, each.app, purge=purge))]
    return Removed(told, containers, images, data, number)


def plan_remove(context: Context, names: Sequence[str], deployed: Deployed) -> Plan:
    """Return the plan that removes the apps *names* and the entries that applaunch wrote for them."""
    going = [find_app(deployed, name) for name in dict.fromkeys(names)]
    entries = forget.find_unedited(context, [each.app for each in going])
    return Plan(
        tuple(
            PlannedApp(each.app, each, None, "Remove", own=(entries[each.app], None) if each.app in entries else None)
            for each in going
        )
    )


def _describe(context: Context, planned: PlannedApp) -> RemovedApp:
    paths = tuple(command.shim for command in planned.deployment.commands)
    ours = tuple(path for path in paths if shims.is_ours(path))
    strangers = tuple(path for path in paths if path not in ours)
    entry: Entry = "removed" if planned.own else "kept" if forget.has_entry(context, planned.app) else ""
    return RemovedApp(planned.app, ours, strangers, entry)


def _remove_containers(context: Context, going: Sequence[Deployment]) -> list[WarmStatus]:
    """Remove the warm containers of the apps *going*; without an engine, they end by themselves."""
    try:
        return warm_pool.remove_entries(
            context.engine, warm_pool.entries_of_apps(context, [each.app for each in going])
        )[0]
    except EngineError:
        return []


def _remove_images(context: Context, apps: set[str], used: Sequence[Deployment]) -> list[RemovedImage]:
    """Remove the images of all deployments of *apps* except kept ones, and those that they *used* instead."""
    every, stays = gc.all_and_retained(context)
    kept = {each.number for each in stays}
    going = [each for each in (*used, *every) if each.app in apps and each.number not in kept and each.image_id]
    needed = gc.deployments_in_use(context, stays)
    trees = remove_trees(context, going, needed)
    try:
        reached = context.engine()
        return [
            *gc.discard_abandoned_downloads(context, reached),
            *gc.remove_images(reached, going, needed, every),
            *trees,
        ]
    except EngineError as error:
        is_gone = isinstance(error, NoEngineError)  # what this machine has is trees
        unpacked = {each.image for each in trees} if is_gone else set()
        ours = {each.image for each in going if each.pulled}
        why = "no engine answers; later: applaunch gc"
        others = dict.fromkeys(each.image for each in going if each.shown_image not in unpacked)
        return [*(RemovedImage(image, kept=why if image in ours else WAS_HERE_BEFORE) for image in others), *trees]
