"""Upgrades: what catalogs and registries have that is newer than what is deployed, and all of it taken at once."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from launcher.core.deploy.record import Change, Deployment
from launcher.core.policy.permission import Permission
from launcher.core.values.reference import Reference
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import CatalogError, EngineError, NotFoundError, RegistryError, StateError, UserError
from launcher.manage.apps.remove import find
from launcher.manage.change.apply_changes import switch
from launcher.manage.change.ensure_image import downloaded
from launcher.manage.change.name_conflicts import refuse_clashes, taking
from launcher.manage.change.permission_consent import asked
from launcher.manage.change.plan_deployment import candidate
from launcher.manage.context import Context
from launcher.manage.remotes.latest_digest import latest
from launcher.run.engine_connection import EngineConnection


class UpgradeCandidate(NamedTuple):
    """One installed app, and what it would become."""

    before: Deployment
    after: Deployment
    latest: str = ""  # the digest that the registry has today; "" where nobody can tell
    trouble: UserError | None = None  # why that is not known, or cannot be had
    asked: tuple[Permission, ...] = ()  # what it newly asks for; with any it is held until a person agrees

    @property
    def is_newer(self) -> bool:
        """Whether an upgrade would change anything."""
        moved = self.before.image_id != "" and self.latest not in ("", self.before.digest)
        return self.trouble is None and (moved or not self.is_same_entry)

    @property
    def is_same_entry(self) -> bool:
        """Whether its catalogs say what they said when it was deployed."""
        one, other = self.before, self.after
        return _said(one) == _said(other)

    @property
    def change(self) -> Change:
        """The step that takes it there."""
        return Change(self.before.app, "Upgrade", self.before, self.after)


class Wanted(NamedTuple):
    """How an upgrade is to go."""

    names: tuple[str, ...] = ()
    keep_going: bool = False  # past apps whose image cannot be had
    min_age: float = 0.0  # seconds since an image was made
    download_only: bool = False


class Upgraded(NamedTuple):
    """What one `upgrade` has done."""

    offers: list[UpgradeCandidate]  # all that were looked at; a trouble says why one stays as it is
    transaction: int  # 0: nothing moved


Agreed = Callable[[Sequence[UpgradeCandidate]], bool]
"""Is shown what would move, and tells whether it shall."""


def offers(desk: Context, names: Sequence[str] = ()) -> list[UpgradeCandidate]:
    """Return, for the apps *names* or all, what is newer: one question to a registry for each image, and no pull.

    Raises `EngineError` where no engine answers.
    """
    deployed = desk.deployed()
    chosen = [find(deployed, name) for name in dict.fromkeys(names)] if names else [*deployed.values()]
    if not chosen:
        return []
    shelf = desk.shelf()
    reached = desk.engine(autostart=shelf.settings.autostart)
    known: dict[str, str | UserError] = {}
    found = []
    for before in chosen:
        try:
            after = candidate(desk, before.app, shelf.heard_by(before.published), before)
        except NotFoundError:  # gone from the catalogs: its image may have moved all the same
            after = before
        except CatalogError as error:
            found.append(UpgradeCandidate(before, before, trouble=error))
            continue
        if after.image not in known:
            known[after.image] = "" if after.recipe or _is_nowhere(after) else _latest(desk, reached, after.image)
        offer = _offer(before, after, known[after.image])
        wishes = (*asked(desk, before, offer.after).permissions, *taking(desk, before, offer.after))
        found.append(offer._replace(asked=wishes if offer.is_newer else ()))
    return found


def upgrade(desk: Context, wanted: Wanted, agreed: Agreed) -> Upgraded:
    """Take what is newer, in one transaction: all images are here before any app switches.

    One that cannot be had leaves all as they were, unless *wanted* goes on. Raises `StateError` for a pinned app that
    is named, and what `switch` raises.
    """
    with desk.record.alone(desk.command_line):
        found = offers(desk, wanted.names)
        if wanted.names and (pinned := [each.before.app for each in found if each.before.pinned]):
            raise StateError(pinned[0], "is pinned", f"applaunch unpin {pinned[0]}")
        moving = [each for each in found if each.is_newer and not each.before.pinned and not each.asked]
        stuck = [each for each in found if each.trouble]
        if stuck and not wanted.keep_going and stuck[0].trouble:
            raise stuck[0].trouble
        if not moving or not agreed(moving):
            return Upgraded(found, 0)
        if wanted.keep_going or wanted.min_age or wanted.download_only:
            moving = [_downloaded(desk, each, wanted) for each in moving]
            found = [next((one for one in moving if one.before == each.before), each) for each in found]
            moving = [each for each in moving if not each.trouble]
        refuse_clashes(desk, [each.after for each in moving], desk.record.deployed())
        number = 0 if wanted.download_only else switch(desk, [each.change for each in moving])
    return Upgraded(found, number)


def _is_nowhere(each: Deployment) -> bool:
    """Tell whether no registry knows its image: it came in a bundle, and into that from no registry."""
    return each.loaded and not each.digest


def _said(each: Deployment) -> tuple[object, ...]:
    return each.image, each.entry_hash, each.commands, each.recipe


def _offer(before: Deployment, after: Deployment, latest: str | UserError) -> UpgradeCandidate:
    if isinstance(latest, UserError):
        return UpgradeCandidate(before, after, trouble=latest)
    if latest and (after.image != before.image or (before.image_id and latest != before.digest)):
        after = after.held_on(ResolvedImage(latest))
    return UpgradeCandidate(before, after._replace(parent=before.number), latest)


def _latest(desk: Context, reached: EngineConnection, image: str) -> str | UserError:
    try:
        return latest(desk, reached, Reference.parse(image))
    except (EngineError, RegistryError) as error:
        return error


def _downloaded(desk: Context, offer: UpgradeCandidate, wanted: Wanted) -> UpgradeCandidate:
    """Return *offer* with its image here; why it cannot be had, or is too young, is its trouble."""
    try:
        facts = downloaded(desk, offer.after)
    except EngineError as error:
        if not wanted.keep_going:
            raise
        return offer._replace(trouble=error)
    if facts and wanted.min_age and (age := desk.now - facts.created) < wanted.min_age:
        what = f"its newest image was made {_days(age)} ago, and --min-age wants {_days(wanted.min_age)}"
        return offer._replace(trouble=EngineError(offer.before.app, what, "wait, or leave --min-age out"))
    return offer


def _days(seconds: float) -> str:
    from launcher.core.values.duration import describe_seconds  # noqa: PLC0415  only to say it

    return describe_seconds(max(seconds, 0.0))
