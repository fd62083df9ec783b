"""Collect garbage: remove images, warm containers and trash that are no longer needed."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from launcher.core.deploy.record import Deployment
from launcher.core.deploy.retention import collectable, numbers_to_keep
from launcher.core.values.deployment_tag import build_name, next_tag
from launcher.core.values.duration import iso
from launcher.core.values.reference import Reference
from launcher.engine.local_images import in_use_reason
from launcher.manage.apps import trash
from launcher.manage.context import Context
from launcher.manage.images.downloads import discard_download, list_waiting_tags
from launcher.manage.images.removed_image import WAS_HERE_BEFORE, RemovedImage
from launcher.manage.images.retained_trees import remove_trees, remove_unowned_trees
from launcher.manage.run import warm_pool
from launcher.manage.run.warm_pool import WarmStatus
from launcher.run.engine_connection import EngineConnection


class Collected(NamedTuple):
    """What `gc` has removed, or would remove."""

    containers: list[WarmStatus]
    images: list[RemovedImage]
    data: list[str]  # folders in the trash


def collect_garbage(context: Context, *, dry_run: bool, older_than: float = 0.0) -> Collected:
    """Remove unusable warm containers, and the images of deployments that nothing needs.

    *older_than* keeps what was deployed within that many seconds; *dry_run* removes nothing. Raises `EngineError`.
    """
    with context.record.alone(context.command_line):
        context.record.deployed()  # refuse a lost record before anything is removed
        reached = context.find_engine()
        containers = _remove_containers(context, reached, dry_run=dry_run) if reached else []
        every, stays = all_and_retained(context)
        going = collectable(every, {each.number for each in stays}, iso(context.now - older_than) if older_than else "")
        needed = deployments_in_use(context, [each for each in every if each not in going])
        old = [each.path for each in trash.list_trash(context) if context.now - each.moment > (older_than or trash.AGE)]
        for path in () if dry_run else old:
            trash.delete_folder(path)
        images = []
        if reached:
            images += [] if older_than else discard_abandoned_downloads(context, reached, dry_run=dry_run)
            images += remove_images(reached, going, needed, every, dry_run=dry_run)
        images += remove_trees(context, going, needed, dry_run=dry_run)
        images += remove_unowned_trees(context, every, older_than, dry_run=dry_run)
        return Collected(containers, images, old)


def _remove_containers(context: Context, reached: EngineConnection, *, dry_run: bool) -> list[WarmStatus]:
    """Remove the warm containers that nobody can use, and the programs that killed launches left running."""
    unneeded = warm_pool.unneeded(context)
    if dry_run:
        return [each.describe(context.now) for each in unneeded if each.idle.host == reached.endpoint.host]
    warm_pool.end_programs(reached, warm_pool.programs_left(context))
    return warm_pool.remove_entries(lambda: reached, unneeded)[0]


def discard_abandoned_downloads(
    context: Context, reached: EngineConnection, *, dry_run: bool = False
) -> list[RemovedImage]:
    """Remove the images that were downloaded for upgrades of apps that are no longer installed."""
    own = context.record.id()
    waiting = {next_tag(app, own) for app in context.record.deployed()}
    every = [
        discard_download(context, reached, tag, only_tag=tag in waiting, dry_run=dry_run)
        for tag in list_waiting_tags(context, reached)
    ]
    return [RemovedImage(each.image, each.freed, each.kept) for each in every if each]


def all_and_retained(context: Context) -> tuple[list[Deployment], list[Deployment]]:
    """Return all deployments that ever existed, with their images known today, and the retained ones of them."""
    now = context.deployed()
    known = {each.number: each for each in now.values()}
    every = [known.get(each.number, each) for each in context.record.deployments()]
    numbers = numbers_to_keep(now, context.record.transactions(), context.record.kept())
    return every, [each for each in every if each.number in numbers]


def deployments_in_use(context: Context, stays: Iterable[Deployment]) -> list[Deployment]:
    """Return the retained deployments, and those that apps run instead because of edited catalogs."""
    return [*stays, *map(context.effective, context.record.deployed().values())]


def remove_images(
    reached: EngineConnection,
    going: Sequence[Deployment],
    needed: Iterable[Deployment],
    every: Iterable[Deployment],
    *,
    dry_run: bool = False,
) -> list[RemovedImage]:
    """Remove the tags of the deployments *going*, and the images that no *needed* deployment uses.

    *every* deployment counts for whether applaunch pulled an image. Images are never removed by force: one that a
    container uses, or that has another name, stays.
    """
    held = {each.image_id for each in needed}
    ours = {each.image_id for each in (*going, *every) if each.pulled or each.loaded}
    by_image: dict[str, list[Deployment]] = {}
    for each in going:
        by_image.setdefault(each.image_id, []).append(each)
    by_image.pop("", None)  # never pulled
    found = []
    for image, some in by_image.items():
        if image in held:
            _remove_tags(reached, image, () if dry_run else [each.tag for each in some])
        elif gone := _remove_image(reached, image, some, is_ours=image in ours, dry_run=dry_run):
            found.append(gone)
    return found


def _remove_image(
    reached: EngineConnection, image: str, going: Sequence[Deployment], *, is_ours: bool, dry_run: bool
) -> RemovedImage | None:
    """Remove the names of one image, pulled names first; return None if it has none of them."""
    shown, numbers = going[0].shown_image, tuple(sorted({each.number for each in going}))
    pulled_as = dict.fromkeys(name for each in going for name in _names_pulled_as(each)) if is_ours else ()
    names = _names_of_image(reached, image, [*pulled_as, *(each.tag for each in going if each.tag)])
    if not names:
        return None
    if user := reached.store.container_using(image):
        return RemovedImage(shown, kept=in_use_reason(user))
    if dry_run:
        return (
            RemovedImage(shown, reached.store.size(image), "", numbers)
            if is_ours
            else RemovedImage(shown, kept=WAS_HERE_BEFORE)
        )
    gone = [reached.store.remove(name) for name in names]
    if any(each.deleted for each in gone):
        return RemovedImage(shown, sum(each.freed for each in gone), "", numbers)
    reasons = [each.kept for each in gone if each.kept and each.kept != "no such image"]
    return RemovedImage(shown, kept=reasons[0] if reasons else _held_by(reached, image) if is_ours else WAS_HERE_BEFORE)


def _held_by(reached: EngineConnection, image: str) -> str:
    """Return the reason for keeping an image that has a name which is not the app's."""
    facts = reached.store.inspect(image)
    names = (*facts.tags, *facts.digests) if facts else ()
    return f"another name holds it: {names[0]}" if names else "another name holds it"


def _remove_tags(reached: EngineConnection, image: str, names: Sequence[str]) -> None:
    for name in _names_of_image(reached, image, names):
        reached.store.remove(name)


def _names_of_image(reached: EngineConnection, image: str, names: Sequence[str]) -> list[str]:
    """Return those of *names* that belong to this image: a tag may have moved to another one."""
    return [name for name in names if (facts := reached.store.inspect(name)) and facts.id == image]


def _names_pulled_as(deployment: Deployment) -> tuple[str, ...]:
    """Return the names under which an image was pulled or built.

    An image from a bundle came without a name; its names were given by others.
    """
    if deployment.recipe:
        return (build_name(deployment.app, deployment.recipe),)
    if deployment.loaded:
        return ()
    return Reference.parse(deployment.image).full, deployment.pin.source(deployment.image)
