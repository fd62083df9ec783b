"""Images that were fetched for a change that is not applied yet: each has the tag ``next`` of its app."""

from typing import NamedTuple

from launcher.core.values.deployment_tag import TAG_PREFIX, number_of, record_id
from launcher.engine.local_images import in_use_reason
from launcher.manage.context import Context
from launcher.run.engine_connection import EngineConnection


class Discarded(NamedTuple):
    """One such image: the bytes that were freed, or why it was kept."""

    image: str
    freed: int = 0
    kept: str = ""


def list_waiting_tags(context: Context, reached: EngineConnection) -> list[str]:
    """Return the tags of this user's downloads that wait for an upgrade."""
    own = context.record.id()
    return [tag for tag in reached.store.names(TAG_PREFIX) if record_id(tag) == own and not number_of(tag)]


def discard_download(
    context: Context, reached: EngineConnection, tag: str, *, only_tag: bool = False, dry_run: bool = False
) -> Discarded | None:
    """Remove the image that waits under *tag*; None if it is not there, or if only its tag went.

    Only the tag goes if a deployment has the image or somebody gave it another tag. With *only_tag* any other image
    stays as it is.
    """
    facts = reached.store.inspect(tag)
    if facts is None:
        return None
    if facts.id in _deployed_images(context) or {*facts.tags} != {tag}:
        if not dry_run:
            reached.store.remove(tag)
        return None
    if only_tag:
        return None
    shown = next(iter(facts.digests), tag)
    if user := reached.store.container_using(facts.id):
        return Discarded(shown, kept=in_use_reason(user))
    if dry_run:
        return Discarded(shown, reached.store.size(facts.id))
    gone = [reached.store.remove(name) for name in (*facts.digests, tag)]
    return Discarded(shown, sum(each.freed for each in gone))


def _deployed_images(context: Context) -> set[str]:
    """Return the ids of the images that a deployment has, or that an app runs instead of its deployment's."""
    now = context.deployed().values()
    return {each.image_id for each in (*context.record.deployments(), *now, *map(context.effective, now))}
