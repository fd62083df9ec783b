"""The image of a deployment brought to the engine before anything switches to it, and given its own tag."""

from launcher.core.deploy.record import Change, Deployment
from launcher.core.values.deployment_tag import TAG_PREFIX, build_name, next_tag, number_of, record_id
from launcher.core.values.resolved_image import ResolvedImage
from launcher.engine.local_images import ImageFacts
from launcher.errors import EngineError
from launcher.manage.change.build_image import composed
from launcher.manage.change.downloads import discard_download
from launcher.manage.context import Context
from launcher.run.engine_connection import Reached, pulled, tagged


def with_image(desk: Context, change: Change) -> Change:
    """Return *change* once the engine has the image that it switches to; one that is known already is not asked for.

    Raises `EngineError`, which names the nearest deployment whose image is here.
    """
    before, after = change.before, change.after
    if after is None or not (after.digest or after.image_id or after.recipe) or (before and before.pin == after.pin):
        return change
    reached = desk.engine(autostart=desk.shelf(published=False).settings.autostart)
    pin = there(reached, after) or _fetched(desk, reached, after)
    if pin != after.pin:
        after = desk.record.fill(after.number, pin)._replace(pinned=after.pinned)
    tagged(reached, after.image_id, after.tag)
    waiting = next_tag(after.app, desk.record.id())
    if (download := reached.store.inspect(waiting)) and download.id == after.image_id:
        reached.store.remove(waiting)  # or it would hold the image after this deployment is gone
    return change._replace(after=after)


def downloaded(desk: Context, deployment: Deployment) -> ImageFacts | None:
    """Have the engine hold the image of a *deployment* that is not made yet, and return its facts.

    It waits under the tag ``next`` of the app, or `docker image prune` would take it. None where it names no image.
    """
    if not deployment.digest:
        return None
    reached = desk.engine()
    name = deployment.pin.source(deployment.image)
    facts = reached.store.inspect(name)
    if facts is None:
        pin = _fetched(desk, reached, deployment)
        facts = reached.store.inspect(pin.image_id)
    if facts:
        waiting = next_tag(deployment.app, desk.record.id())
        if (before := reached.store.inspect(waiting)) and before.id != facts.id:
            discard_download(desk, reached, waiting)
        reached.store.tag(facts.id, waiting)
    return facts


def there(reached: Reached, deployment: Deployment) -> ResolvedImage | None:
    """Return how the engine knows the image of *deployment*, None where it does not."""
    pin = deployment.pin
    built = build_name(deployment.app, deployment.recipe) if deployment.recipe else ""
    names = (built or pin.reference(deployment.image), pin.image_id, deployment.tag)
    for name in dict.fromkeys(names):
        facts = reached.store.inspect(name) if name else None
        if facts and pin.image_id in ("", facts.id):
            by_digest = name == pin.source(deployment.image) and pin.digest != ""
            return pin._replace(image_id=facts.id, platform=facts.platform, loaded=not by_digest)
    return None


def _fetched(desk: Context, reached: Reached, deployment: Deployment) -> ResolvedImage:
    if deployment.recipe:
        return composed(desk, reached, deployment)
    platform = next((str(entry.get("platform", "")) for entry in deployment.entries.values()), "")
    try:
        pin = pulled(reached, deployment.app, deployment.pin.source(deployment.image), desk.call, platform)
    except EngineError as error:
        near = _nearest(desk, reached, deployment)
        if not near:
            raise
        what = f"deployment {deployment.number} is gone: {error.what}"
        raise EngineError(deployment.app, what, f"applaunch rollback {deployment.app} --to {near}") from None
    return pin


def _nearest(desk: Context, reached: Reached, wanted: Deployment) -> int:
    """Return the number of the deployment next to *wanted* whose image is here, but the current one; 0 for none."""
    own = desk.record.id()
    numbers = {each.number for each in desk.record.deployments(wanted.app)}
    here = {number_of(tag) for tag in reached.store.names(TAG_PREFIX) if record_id(tag) == own} & numbers
    now = desk.record.deployed().get(wanted.app)
    others = here - {0, wanted.number, now.number if now else 0}
    return min(others, key=lambda number: abs(number - wanted.number), default=0)
