"""The plan of a transaction: what it will do to each app, and everything that a person is shown before it does."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple, Self

from launcher.core.deploy.record import Action, Change, Deployment
from launcher.core.policy.derive_permissions import highest_risk
from launcher.core.policy.permission import Permission
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import UserError

Outcome = Literal["change", "unchanged", "held", "pinned", "failed"]
"""What becomes of an app: it changes; nothing is to be done; it stays because it requests permissions that need
approval, because it is pinned, or because of an error."""


class PermissionRequest(NamedTuple):
    """What a catalog of others newly requests for an app."""

    app: str
    permissions: tuple[Permission, ...]

    @property
    def risk(self) -> str:
        """The riskiest class among them."""
        return highest_risk(self.permissions)


class PlannedApp(NamedTuple):
    """One app of a plan; it has no deployment if only what the user's own catalog says of it changes."""

    app: str
    before: Deployment | None
    """What it is now; None if it is not installed."""
    after: Deployment | None
    """What it will be; None if it is removed."""
    action: Action
    outcome: Outcome = "change"
    own: tuple[Any, Any] | None = None
    """What the user's own catalog says of it now and afterwards, if that changes."""
    permissions: tuple[Permission, ...] = ()
    """Everything that it may do afterwards."""
    requested: tuple[Permission, ...] = ()
    """What catalogs of others newly request for it."""
    shadowed: tuple[tuple[str, str], ...] = ()
    """Programs of this machine that have the name of one of its commands, and how each relates to our shim."""
    deprecated: str = ""
    """Why it should not be used any more, and what replaces it."""
    latest: str = ""
    """The digest that a registry has for its image today; "" if nobody was asked or nobody knows."""
    error: UserError | None = None
    """Why it failed."""
    size: int = 0
    """The packed size of its image in bytes; 0 if it is not known without fetching the image."""

    @property
    def deployment(self) -> Deployment:
        """What it will be, or what it was if it is removed."""
        found = self.after or self.before
        if found is None:
            raise ValueError(f"{self.app} has no deployment, before or after")
        return found

    @property
    def change(self) -> Change:
        """The change that takes it there."""
        return Change(self.app, self.action, self.before, self.after, self.own)

    @property
    def is_same_entry(self) -> bool:
        """Whether its catalogs say what they said when it was deployed."""
        return self.before is not None and self.after is not None and _says(self.before) == _says(self.after)

    @property
    def decision(self) -> tuple[object, ...]:
        """All that a person agreed to; what a launch finds out about an unchanged image is no part of it."""
        before, after = self.before, self.after
        if before and after and before.pin == after.pin:
            after = after.with_image(ResolvedImage())
        place = before and (before.number, before.pinned)
        return self.action, self.outcome, self.own, self.requested, place, after

    def failed(self, error: UserError) -> Self:
        """Return this app as one that stays as it is because of an *error*."""
        return self._replace(outcome="failed", error=error)


class Plan(NamedTuple):
    """What a transaction will do."""

    apps: tuple[PlannedApp, ...]
    title: str = ""
    """What it is for, as a person is asked about it: ``undo transaction 3 (pin jq)``."""
    conflict: UserError | None = None
    """Why it cannot be carried out at all."""

    @classmethod
    def of_changes(cls, changes: Iterable[Change], title: str = "") -> Self:
        """Return the plan that is exactly these *changes*."""
        return cls(
            tuple(PlannedApp(each.app, each.before, each.after, each.action, own=each.own) for each in changes), title
        )

    @property
    def changing(self) -> tuple[PlannedApp, ...]:
        """The apps that change."""
        return tuple(each for each in self.apps if each.outcome == "change")

    @property
    def requests(self) -> tuple[PermissionRequest, ...]:
        """What the apps that change newly request."""
        return tuple(PermissionRequest(each.app, each.requested) for each in self.changing if each.requested)

    def refuse_conflict(self) -> None:
        """Raise why the plan cannot be carried out, if it cannot."""
        if self.conflict:
            raise self.conflict

    def differs_at(self, other: "Plan") -> str:
        """Return the first app about which *other* decides otherwise; "" if both decide the same."""
        one, two = ({each.app: each.decision for each in plan.apps} for plan in (self, other))
        return next((app for app in sorted({*one, *two}) if one.get(app) != two.get(app)), "")

    def with_changes(self, done: Mapping[str, Change]) -> Self:
        """Return this plan with each deployment as it was recorded, by app."""
        apps = (each._replace(after=done[each.app].after) if each.app in done else each for each in self.apps)
        return self._replace(apps=tuple(apps))


def _says(deployment: Deployment) -> tuple[object, ...]:
    return deployment.image, deployment.entry_hash, deployment.commands, deployment.recipe
