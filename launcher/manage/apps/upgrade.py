"""Upgrading apps to the newest images of registries and the newest entries of catalogs."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from launcher.core.deploy.record import Deployment, find_apps
from launcher.core.deploy.transaction_plan import Outcome, Plan, PlannedApp
from launcher.core.values.duration import describe_seconds
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import CatalogError, EngineError, NotFoundError, RegistryError, StateError, UserError
from launcher.manage.change.carry_out import Applied, Approve, Deployed, Draft, apply_draft, make_draft
from launcher.manage.change.ensure_image import fetch_image, needs_image
from launcher.manage.change.name_conflicts import find_conflict, name_requests
from launcher.manage.change.permission_consent import review_permissions
from launcher.manage.change.plan_deployment import propose_deployment
from launcher.manage.context import Context
from launcher.manage.images.image_host import ImageHost, choose_image_host
from launcher.manage.remotes.latest_digest import LatestDigests
from launcher.run.catalog_set import CatalogSet


class UpgradeOptions(NamedTuple):
    """The options of `applaunch upgrade`."""

    names: tuple[str, ...] = ()  # of apps; all if there are none
    keep_going: bool = False  # with the other apps if an image cannot be had
    min_age: float = 0.0  # seconds since an image was made
    download_only: bool = False


DigestOf = Callable[[Deployment], str]
"""Return the digest that the image of a deployment has today; raises `UserError` if it cannot be known."""


def preview_upgrade(context: Context, names: Sequence[str] = ()) -> Plan:
    """Return what an upgrade would do; registries are asked and nothing is pulled. Raises `EngineError`."""
    digests, deployed = LatestDigests(context), context.deployed()
    if deployed:
        digests.connect()  # an engine that does not answer is an error of the command, not of one app
    return plan_upgrade(context, names, digests.ask, deployed)


def upgrade_apps(context: Context, options: UpgradeOptions, approve: Approve) -> Applied:
    """Upgrade apps in one transaction: all images are fetched before any app switches.

    If an image cannot be fetched, all apps stay as they are, unless *options* say to keep going. Raises `StateError`
    for a pinned app that is named.
    """
    digests = LatestDigests(context)
    draft = make_draft(
        context,
        partial(plan_upgrade, context, options.names, digests.ask),
        partial(plan_upgrade, context, options.names, digests.recall),
    )
    plan = draft.plan
    if options.names and (pinned := [each.app for each in plan.apps if each.before and each.before.pinned]):
        raise StateError(pinned[0], "is pinned", f"applaunch unpin {pinned[0]}")
    if not options.keep_going and (failed := [each.error for each in plan.apps if each.error]):
        raise failed[0]
    if not plan.changing or not approve(plan):
        return Applied(plan)
    return _fetch_and_apply(context, draft, options)


def plan_upgrade(context: Context, names: Sequence[str], digest_of: DigestOf, deployed: Deployed) -> Plan:
    """Return the plan that upgrades the apps *names*, or all that are *deployed*."""
    chosen = find_apps(deployed, names)
    catalog_set = context.read_catalogs() if chosen else None
    apps = tuple(_plan_app(context, before, catalog_set, digest_of) for before in chosen if catalog_set)
    moving = [each.deployment for each in apps if each.outcome == "change"]
    return Plan(apps, conflict=find_conflict(context, moving, deployed))


def _plan_app(context: Context, before: Deployment, catalog_set: CatalogSet, digest_of: DigestOf) -> PlannedApp:
    try:
        after = propose_deployment(context, before.app, catalog_set.heard_by(before.published), before)
    except NotFoundError:  # it is in no catalog any more; its tag may have a newer image
        after = before
    except CatalogError as error:
        return PlannedApp(before.app, before, before, "Upgrade").failed(error)
    try:
        latest = digest_of(after)
    except UserError as error:
        return PlannedApp(before.app, before, after, "Upgrade").failed(error)
    if latest and (after.image != before.image or (before.image_id and latest != before.digest)):
        after = after.with_image(ResolvedImage(latest))
    planned = PlannedApp(before.app, before, after._replace(parent=before.number), "Upgrade", latest=latest)
    if planned.is_same_entry and not (before.image_id and latest not in ("", before.digest)):
        return planned._replace(outcome="unchanged")
    may, requested = review_permissions(context, before, after)
    requested = (*requested, *name_requests(context, before, after))
    outcome: Outcome = "pinned" if before.pinned else "held" if requested else "change"
    return planned._replace(outcome=outcome, permissions=may, requested=requested)


def _fetch_and_apply(context: Context, draft: Draft, options: UpgradeOptions) -> Applied:
    """Fetch the images of a plan and apply it, except for apps whose image cannot be had if *options* keep going."""
    wanted = [each.deployment for each in draft.plan.changing if needs_image(each.change)]
    images, failed = _fetch(context, wanted, options) if wanted else ({}, {})
    done = Applied(draft.plan) if options.download_only else apply_draft(context, draft, images, skip=failed)
    apps = (each.failed(failed[each.app]) if each.app in failed else each for each in done.plan.apps)
    return done._replace(plan=done.plan._replace(apps=tuple(apps)))


def _fetch(
    context: Context, wanted: Sequence[Deployment], options: UpgradeOptions
) -> tuple[dict[str, ResolvedImage], dict[str, UserError]]:
    """Return the images of the *wanted* deployments by app, and why an app cannot have one."""
    host = choose_image_host(context)
    images: dict[str, ResolvedImage] = {}
    failed: dict[str, UserError] = {}
    for each in wanted:
        try:
            images[each.app] = fetch_image(context, each)
            if young := _too_young(context, host, each.with_image(images[each.app]), options.min_age):
                failed[each.app] = young
            else:
                host.unpack(each, images[each.app])
        except (EngineError, RegistryError) as error:
            if not options.keep_going:
                raise
            failed[each.app] = error
    return images, failed


def _too_young(context: Context, host: ImageHost, deployment: Deployment, min_age: float) -> EngineError | None:
    """Return why the image of a deployment may not be taken yet, None if it may."""
    age = context.now - host.created(deployment, deployment.pin) if min_age else min_age
    if age >= min_age:
        return None
    limit = describe_seconds(min_age)
    what = f"its newest image was made {describe_seconds(max(age, 0.0))} ago, and --min-age wants {limit}"
    return EngineError(deployment.app, what, "wait, or leave --min-age out")
