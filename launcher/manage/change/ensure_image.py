"""The image of a deployment: found or fetched before any app switches to it, and held."""

from launcher.core.deploy.record import Change, Deployment
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import EngineError, RegistryError
from launcher.manage.change.build_image import ensure_built_image
from launcher.manage.context import Context
from launcher.manage.images.image_host import ImageHost, choose_image_host
from launcher.sandbox.tree_store import read_tree


def needs_image(change: Change) -> bool:
    """Return whether an image must be here before *change* can be applied."""
    before, after = change.before, change.after
    if after is None or (before and before.pin == after.pin):
        return False
    return bool(after.digest or after.image_id or after.recipe)


def fetch_image(context: Context, deployment: Deployment) -> ResolvedImage:
    """Pull or build the image of a *deployment* that is not current yet, unless it is here; return the image.

    Until it is deployed, the image is held as a download. Raises `EngineError` and `RegistryError`; for an earlier
    deployment they name the nearest one whose image is here.
    """
    host = choose_image_host(context)
    pin = host.find(deployment) or _pull_or_build(context, host, deployment)
    if not deployment.recipe:  # the image of a recipe has a name of its own
        host.hold_download(deployment.app, pin.image_id)
    return pin


def switch_image(context: Context, change: Change, fetched: ResolvedImage | None) -> Change:
    """Hold the image that *change* switches to, and return *change* with that image.

    If the image that was *fetched* is gone again, fetch it once more. Raises `EngineError` and `RegistryError`.
    """
    after = change.after
    if after is None or not needs_image(change):
        return change
    host = choose_image_host(context)
    wanted = after.with_image(fetched) if fetched else after
    pin = host.find(wanted) or _pull_or_build(context, host, after)
    if pin != after.pin:
        after = context.record.fill(after.number, pin)._replace(pinned=after.pinned)
    host.hold(after.image_id, after.tag)
    host.release_download(after.app, after.image_id)
    return change._replace(after=after)


def _pull_or_build(context: Context, host: ImageHost, deployment: Deployment) -> ResolvedImage:
    if deployment.recipe:
        return ensure_built_image(context, deployment)
    try:
        return host.pull(deployment.app, deployment.pin.source(deployment.image), deployment.wanted_platform)
    except (EngineError, RegistryError) as error:
        if deployment.image_id and read_tree(context.places.trees, deployment.image_id):
            return deployment.pin  # calls run from its tree, whatever became of the image at the engine
        near = _nearest(context, host, deployment) if deployment.number else 0
        if not near:
            raise
        what = f"deployment {deployment.number} is gone: {error.what}"
        raise type(error)(deployment.app, what, f"applaunch rollback {deployment.app} --to {near}") from None


def _nearest(context: Context, host: ImageHost, wanted: Deployment) -> int:
    """Return the number of the nearest other deployment whose image is here, not the current one; 0 for none."""
    now = context.record.deployed().get(wanted.app)
    past = [each for each in context.record.deployments(wanted.app) if each.image_id]
    here = [each.number for each in past if each.number not in (wanted.number, now and now.number) and host.find(each)]
    return min(here, key=lambda number: abs(number - wanted.number), default=0)
