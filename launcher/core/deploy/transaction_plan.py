"""The plan of a transaction: the change of each app, and everything that is shown before it is applied."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple, Self

from launcher.core.deploy.record import Action, Change, Deployment
from launcher.core.policy.derive_permissions import highest_risk
from launcher.core.policy.permission import Permission
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import UserError

Outcome = Literal["change", "unchanged", "held", "pinned", "failed"]
"""The outcome for an app: it changes; there is nothing to do; or it is unchanged because it requests permissions that
need approval, because it is pinned, or because of an error."""


class PermissionRequest(NamedTuple):
    """New permissions that a published catalog requests for an app."""

    app: str
    permissions: tuple[Permission, ...]

    @property
    def risk(self) -> str:
        """The highest risk class among them."""
        return highest_risk(self.permissions)


class PlannedApp(NamedTuple):
    """One app of a plan; it has no deployment if only its table in the user's own catalog changes."""

    app: str
    before: Deployment | None
    """The current deployment; None if it is not installed."""
    after: Deployment | None
    """The new deployment; None if it is removed."""
    action: Action
    outcome: Outcome = "change"
    own: tuple[Any, Any] | None = None
    """Its table in the user's own catalog before and after, if that changes."""
    permissions: tuple[Permission, ...] = ()
    """Its permissions after the change."""
    requested: tuple[Permission, ...] = ()
    """New permissions that published catalogs request for it."""
    shadowed: tuple[tuple[str, str], ...] = ()
    """Programs of this machine with the name of one of its commands, and how each relates to the shim."""
    deprecated: str = ""
    """Why it is deprecated, and what replaces it."""
    latest: str = ""
    """The current digest of its image in the registry; "" if it is not known."""
    error: UserError | None = None
    """Why it failed."""
    size: int = 0
    """The packed size of its image in bytes; 0 if it is not known without fetching the image."""

    @property
    def deployment(self) -> Deployment:
        """The new deployment, or the old one if it is removed."""
        found = self.after or self.before
        if found is None:
            raise ValueError(f"{self.app} has no deployment, before or after")
        return found

    @property
    def change(self) -> Change:
        """The change from the current to the new deployment."""
        return Change(self.app, self.action, self.before, self.after, self.own)

    @property
    def is_same_entry(self) -> bool:
        """Whether its entry is the same as when it was deployed."""
        return (
            self.before is not None and self.after is not None and _definition(self.before) == _definition(self.after)
        )

    @property
    def decision(self) -> tuple[object, ...]:
        """Everything that the user approves; facts that a launch adds about an unchanged image are not included."""
        before, after = self.before, self.after
        if before and after and before.pin == after.pin:
            after = after.with_image(ResolvedImage())
        place = before and (before.number, before.pinned)
        return self.action, self.outcome, self.own, self.requested, place, after

    def failed(self, error: UserError) -> Self:
        """Return this app with the outcome "failed" because of *error*."""
        return self._replace(outcome="failed", error=error)


class Plan(NamedTuple):
    """The planned changes of a transaction."""

    apps: tuple[PlannedApp, ...]
    title: str = ""
    """The title in the prompt: ``undo transaction 3 (pin jq)``."""
    conflict: UserError | None = None
    """Why it cannot be applied."""

    @classmethod
    def of_changes(cls, changes: Iterable[Change], title: str = "") -> Self:
        """Return a plan of exactly these *changes*."""
        return cls(
            tuple(PlannedApp(each.app, each.before, each.after, each.action, own=each.own) for each in changes), title
        )

    @property
    def changing(self) -> tuple[PlannedApp, ...]:
        """The apps that change."""
        return tuple(each for each in self.apps if each.outcome == "change")

    @property
    def requests(self) -> tuple[PermissionRequest, ...]:
        """The new permissions that the changing apps request."""
        return tuple(PermissionRequest(each.app, each.requested) for each in self.changing if each.requested)

    def refuse_conflict(self) -> None:
        """Raise the conflict that prevents the plan, if there is one."""
        if self.conflict:
            raise self.conflict

    def differs_at(self, other: "Plan") -> str:
        """Return the first app whose decision differs in *other*; "" if there is none."""
        one, two = ({each.app: each.decision for each in plan.apps} for plan in (self, other))
        return next((app for app in sorted({*one, *two}) if one.get(app) != two.get(app)), "")

    def with_changes(self, done: Mapping[str, Change]) -> Self:
        """Return this plan with the recorded deployments of *done*, by app."""
        apps = (each._replace(after=done[each.app].after) if each.app in done else each for each in self.apps)
        return self._replace(apps=tuple(apps))


def _definition(deployment: Deployment) -> tuple[object, ...]:
    return deployment.image, deployment.entry_hash, deployment.commands, deployment.recipe
