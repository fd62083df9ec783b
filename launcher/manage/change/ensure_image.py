"""The image of a deployment: found or fetched before any app switches to it, and tagged."""

from launcher.core.deploy.record import Change, Deployment
from launcher.core.values.deployment_tag import TAG_PREFIX, build_name, next_tag, number_of, record_id
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import EngineError
from launcher.manage.change.build_image import ensure_built_image
from launcher.manage.change.downloads import discard_download
from launcher.manage.context import Context
from launcher.run.engine_connection import EngineConnection
from launcher.run.find_image import pull_image, tag_image


def needs_image(change: Change) -> bool:
    """Return whether the engine must have an image before *change* can be applied."""
    before, after = change.before, change.after
    if after is None or (before and before.pin == after.pin):
        return False
    return bool(after.digest or after.image_id or after.recipe)


def fetch_image(context: Context, deployment: Deployment) -> ResolvedImage:
    """Pull or build the image of a *deployment* that is not current yet, unless the engine has it; return the image.

    Until it is deployed, the image has the tag ``next`` of the app, so that `docker image prune` does not remove it.
    Raises `EngineError`; for an earlier deployment it names the nearest one whose image the engine has.
    """
    reached = _engine(context)
    pin = find_image(reached, deployment) or _pull_or_build(context, reached, deployment)
    if not deployment.recipe:  # the image of a recipe has a name of its own
        waiting = next_tag(deployment.app, context.record.id())
        if (before := reached.store.inspect(waiting)) and before.id != pin.image_id:
            discard_download(context, reached, waiting)
        tag_image(reached, pin.image_id, waiting)
    return pin


def switch_image(context: Context, change: Change, fetched: ResolvedImage | None) -> Change:
    """Tag the image that *change* switches to, and return *change* with that image.

    If the image that was *fetched* is gone again, fetch it once more. Raises `EngineError`.
    """
    after = change.after
    if after is None or not needs_image(change):
        return change
    reached = _engine(context)
    wanted = after.with_image(fetched) if fetched else after
    pin = find_image(reached, wanted) or _pull_or_build(context, reached, after)
    if pin != after.pin:
        after = context.record.fill(after.number, pin)._replace(pinned=after.pinned)
    tag_image(reached, after.image_id, after.tag)
    waiting = next_tag(after.app, context.record.id())
    if (download := reached.store.inspect(waiting)) and download.id == after.image_id:
        reached.store.remove(waiting)  # or it would hold the image after this deployment is gone
    return change._replace(after=after)


def find_image(reached: EngineConnection, deployment: Deployment) -> ResolvedImage | None:
    """Return the image of *deployment* as the engine knows it, None if it does not have it."""
    pin = deployment.pin
    built = build_name(deployment.app, deployment.recipe) if deployment.recipe else ""
    names = (built or pin.reference(deployment.image), pin.image_id, deployment.tag)
    for name in dict.fromkeys(names):
        facts = reached.store.inspect(name) if name else None
        if facts and pin.image_id in ("", facts.id):
            by_digest = name == pin.source(deployment.image) and pin.digest != ""
            return pin._replace(image_id=facts.id, platform=facts.platform, loaded=not by_digest)
    return None


def creation_time(context: Context, image: ResolvedImage) -> float:
    """Return when an image was created, in Unix seconds; 0 if the engine does not have it."""
    facts = _engine(context).store.inspect(image.image_id)
    return facts.created if facts else 0.0


def _engine(context: Context) -> EngineConnection:
    return context.engine(autostart=context.read_catalogs(published=False).settings.autostart)


def _pull_or_build(context: Context, reached: EngineConnection, deployment: Deployment) -> ResolvedImage:
    if deployment.recipe:
        return ensure_built_image(context, reached, deployment)
    platform = next((str(entry.get("platform", "")) for entry in deployment.entries.values()), "")
    try:
        pin = pull_image(reached, deployment.app, deployment.pin.source(deployment.image), context.call, platform)
    except EngineError as error:
        near = _nearest(context, reached, deployment) if deployment.number else 0
        if not near:
            raise
        what = f"deployment {deployment.number} is gone: {error.what}"
        raise EngineError(deployment.app, what, f"applaunch rollback {deployment.app} --to {near}") from None
    return pin


def _nearest(context: Context, reached: EngineConnection, wanted: Deployment) -> int:
    """Return the number of the nearest other deployment whose image the engine has, not the current one; 0 for none."""
    own = context.record.id()
    numbers = {each.number for each in context.record.deployments(wanted.app)}
    here = {number_of(tag) for tag in reached.store.names(TAG_PREFIX) if record_id(tag) == own} & numbers
    now = context.record.deployed().get(wanted.app)
    others = here - {0, wanted.number, now.number if now else 0}
    return min(others, key=lambda number: abs(number - wanted.number), default=0)
