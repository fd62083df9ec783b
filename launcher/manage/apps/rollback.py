"""Moving an app to another deployment: rollback and rebase; holding it there: pin and keep."""

from collections.abc import Sequence
from functools import partial

from launcher.core.catalog.merge import resolve
from launcher.core.catalog.published_snapshot import with_snapshot
from launcher.core.deploy import undo_plan
from launcher.core.deploy.record import Action, Deployment, find_app
from launcher.core.deploy.retention import rollback_numbers
from launcher.core.deploy.transaction_plan import Plan, PlannedApp
from launcher.core.values.deployment_tag import is_built
from launcher.core.values.reference import Reference, with_tag
from launcher.errors import (
    EngineError,
    NotPublishedError,
    PullNotFoundError,
    RegistryError,
    StateError,
    UsageError,
)
from launcher.manage.change.carry_out import Applied, Deployed, carry_out
from launcher.manage.change.plan_deployment import propose_deployment
from launcher.manage.change.user_catalog import with_keys
from launcher.manage.context import Context


def rollback_app(context: Context, name: str, to: str = "") -> Applied:
    """Return an app to the previous deployment, or to the one that *to* names, and pin it there.

    *to* is a deployment's number or the digest of its image. Raises `StateError` if there is no such deployment.
    """
    return carry_out(context, partial(plan_rollback, context, name, to))


def plan_rollback(context: Context, name: str, to: str, deployed: Deployed) -> Plan:
    """Return the plan that takes an app to an earlier deployment."""
    before = find_app(deployed, name)
    after = (_find_deployment(context, before, to) if to else _previous_deployment(context, before))._replace(
        pinned=True
    )
    is_there = (before.number, before.pinned) == (after.number, after.pinned)
    planned = PlannedApp(before.app, before, after, undo_plan.action(before, after))
    return Plan((planned._replace(after=before, outcome="unchanged") if is_there else planned,))


def pin_apps(context: Context, names: Sequence[str], *, wanted: bool) -> Applied:
    """Pin apps so that no upgrade changes them, or unpin them; one transaction for all."""

    def plan(deployed: Deployed) -> Plan:
        word: Action = "Pin" if wanted else "Unpin"
        chosen = [find_app(deployed, name) for name in dict.fromkeys(names)]
        return Plan(
            tuple(
                PlannedApp(
                    each.app,
                    each,
                    each._replace(pinned=wanted),
                    word,
                    "unchanged" if each.pinned == wanted else "change",
                )
                for each in chosen
            )
        )

    return carry_out(context, plan)


def image_in_catalogs(context: Context, now: Deployment) -> str:
    """Return the image that the catalogs name for an app now; if it is not pinned, its next call runs that."""
    app = resolve(with_snapshot(context.read_catalogs(published=False).catalogs, now.published), now.app)
    return now.image if "build" in app.keys else app.entry(app.command_names[0]).image


def rebase_app(context: Context, name: str, image: str) -> Applied:
    """Switch an app to another tag or image, in the user's own catalog; its other keys stay.

    Raises `UsageError` for an invalid image name, and `RegistryError` if its registry does not have the image.
    """
    known = find_app(context.deployed(), name)
    _refuse_missing(context, known.app, target_image(known.image, image), image)
    return carry_out(context, partial(plan_rebase, context, name, image))


def plan_rebase(context: Context, name: str, image: str, deployed: Deployed) -> Plan:
    """Return the plan that switches an app to another tag or image."""
    before = find_app(deployed, name)
    target = target_image(before.image, image)
    catalog_set, own = with_keys(
        context, context.read_catalogs().heard_by(before.published), before.app, {"image": target}
    )
    after = propose_deployment(context, before.app, catalog_set, before)._replace(pinned=False)
    if after.image != target:
        what = f"another catalog of yours says {after.image}, and wins"
        raise StateError(before.app, what, f"applaunch info {before.app} shows the layers; edit that file")
    if after.image == before.image:
        return Plan((PlannedApp(before.app, before, before, "Rebase", "unchanged"),))
    return Plan((PlannedApp(before.app, before, after, "Rebase", own=own),))


def keep_deployment(context: Context, number: int, *, wanted: bool) -> Deployment:
    """Keep the deployment of that *number*, or stop keeping it; raises `StateError` if there is none."""
    found = next((each for each in context.record.deployments() if each.number == number), None)
    if found is None:
        raise StateError("", f"there is no deployment {number}", "applaunch status shows their numbers")
    context.record.keep(number, wanted=wanted)
    return found


def _previous_deployment(context: Context, now: Deployment) -> Deployment:
    every = {each.number: each for each in context.record.deployments(now.app)}
    if now.parent in every:
        return every[now.parent]
    later = sorted(rollback_numbers(now.app, {now.app: now}, context.record.transactions(now.app)) - {now.parent})
    fix = f"applaunch rollback {now.app} --to {later[-1]}" if later else f"applaunch log {now.app}"
    raise StateError(now.app, f"there is no deployment before {now.number}", fix)


def _find_deployment(context: Context, now: Deployment, to: str) -> Deployment:
    every = context.record.deployments(now.app)
    if to.isascii() and to.isdigit():
        found = [each for each in every if each.number == int(to)]
    else:
        wanted = to if ":" in to else f"sha256:{to}"
        found = [each for each in every if each.digest.startswith(wanted) or each.image_id.startswith(wanted)]
    if not found:
        raise StateError(now.app, f"has no deployment {to!r}", f"applaunch log {now.app}")
    return found[0]


def target_image(now: str, wanted: str) -> str:
    """Return the image that *wanted* names: a tag or digest of *now*, or another image; raises `UsageError`."""
    if _is_tag(wanted) and is_built(now):
        fix = "write another image with its name: docker.io/library/jq:1.8"
        raise UsageError("", "the image of this app is built here and has no tags", fix)
    try:
        return with_tag(now, wanted.lstrip(":@")) if _is_tag(wanted) else Reference.parse(wanted) and wanted
    except ValueError as error:
        fix = "write a tag of its image (1.8), or another image with its name (docker.io/library/jq:1.8)"
        raise UsageError("", str(error), fix) from None


def _is_tag(wanted: str) -> bool:
    """Return whether *wanted* is a tag or a digest alone (``1.8``, ``:1.8``, ``sha256:...``) and no image."""
    return wanted.startswith((":", "@", "sha256:")) or not {"/", ":", "@"} & {*wanted}


def _refuse_missing(context: Context, app: str, image: str, wanted: str) -> None:
    """Raise `RegistryError` if the registry answers that it has no such *image*, and the engine has none either."""
    from launcher.registry.http_errors import AccessDeniedError  # noqa: PLC0415  80 ms of requests, only for this command

    try:
        _find_published(context, image)
    except (NotPublishedError, PullNotFoundError) as error:
        ref = Reference.parse(image)
        if not _is_tag(wanted):
            raise NotPublishedError(error.where, error.what, f"applaunch tags {ref.repo}") from None
        fix = f"applaunch tags {app} lists its tags"
        if ":" not in wanted:
            fix += f", and another image is written with its name: docker.io/library/{wanted}"
        raise NotPublishedError(ref.repo, f"has no tag {ref.tag!r}" if ref.tag else error.what, fix) from None
    except AccessDeniedError:
        raise
    except RegistryError:  # it does not answer: the next call finds out
        return


def _find_published(context: Context, image: str) -> None:
    """Look for *image* in the engine, then ask its registry: through the engine, which has mirrors, or directly.

    Raises `PullNotFoundError`, `NotPublishedError` or another `RegistryError`.
    """
    from launcher.manage.remotes.latest_digest import latest  # noqa: PLC0415  80 ms of requests, only for this command
    from launcher.manage.remotes.registry_access import digest  # noqa: PLC0415  as above

    try:
        connection = context.engine()
        if not connection.store.inspect(image):
            latest(context, connection, Reference.parse(image))
    except PullNotFoundError:
        raise
    except EngineError:  # no engine, or it cannot reach the registry
        digest(context, image)
