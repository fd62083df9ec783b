"""Plan, approve, fetch, then lock, check and apply: how every change of what is deployed is carried out.

Registries and persons are asked while other writers are free to work. Inside the writer's lock the plan is checked: if
what it was made from has changed, it is made again, and refused unless it decides the same.
"""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from launcher.core.deploy.record import Deployment
from launcher.core.deploy.transaction_plan import Plan, PlannedApp
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import StateError
from launcher.manage.change.apply_changes import apply_changes
from launcher.manage.change.ensure_image import fetch_image, needs_image
from launcher.manage.change.permission_consent import Consent
from launcher.manage.context import Context
from launcher.run.catalog_set import watched_paths
from launcher.state.launch_files import Source, stamp_sources

Deployed = Mapping[str, Deployment]
"""What is deployed, by app."""

Approve = Callable[[Plan], bool]
"""Show a plan to a person and return whether to carry it out; raises `UserError` if it may not be."""

MakePlan = Callable[[Deployed], Plan]
"""Make a plan for what is deployed."""


class Basis(NamedTuple):
    """What a plan was made from."""

    deployed: Deployed
    catalogs: tuple[Source, ...]


class Draft(NamedTuple):
    """A plan that is not applied yet, and how to make it again without asking registries or persons."""

    plan: Plan
    basis: Basis
    make_again: MakePlan


class Applied(NamedTuple):
    """The result of a plan."""

    plan: Plan
    """The plan, in which every new deployment has its number."""
    transaction: int = 0
    """The number of the transaction; 0 if nothing was changed."""

    @property
    def only(self) -> PlannedApp:
        """The app of a plan for one app."""
        (planned,) = self.plan.apps
        return planned


def carry_out(
    context: Context, make: MakePlan, approve: Approve = lambda _: True, make_again: MakePlan | None = None
) -> Applied:
    """Make a plan, have it approved, and apply it as one transaction; raises `UserError`.

    If given, *make_again* is called instead of *make* to check the plan.
    """
    draft = make_draft(context, make, make_again)
    if not draft.plan.changing or not approve(draft.plan):
        return Applied(draft.plan)
    wanted = [each.deployment for each in draft.plan.changing if needs_image(each.change)]
    return apply_draft(context, draft, {each.app: fetch_image(context, each) for each in wanted})


def approve_requests(consent: Consent) -> Approve:
    """Return an `Approve` that leaves requested permissions to *consent*, and approves everything else."""

    def approve(plan: Plan) -> bool:
        consent(plan.requests)
        return True

    return approve


def make_draft(context: Context, make: MakePlan, make_again: MakePlan | None = None) -> Draft:
    """Make a plan; raises its conflict if it has one.

    If given, *make_again* is called instead of *make* to check the plan.
    """
    basis = Basis(context.deployed(), _stamp(context))
    plan = make(basis.deployed)
    plan.refuse_conflict()
    return Draft(plan, basis, make_again or make)


def apply_draft(
    context: Context, draft: Draft, images: Mapping[str, ResolvedImage] | None = None, *, skip: Collection[str] = ()
) -> Applied:
    """Apply a plan as one transaction, except for the apps to *skip*.

    *images* tells, by app, how the engine knows the images that were fetched. Raises `StateError` if the plan does not
    hold any more.
    """
    with context.record.alone(context.command_line):
        plan = _check(context, draft)
        number, done = apply_changes(context, [each.change for each in plan.changing if each.app not in skip], images)
    return Applied(plan.with_changes({change.app: change for change in done}), number)


def _check(context: Context, draft: Draft) -> Plan:
    """Return the plan as it is now; raises `StateError` if it decides otherwise than the one that was approved."""
    basis = Basis(context.settle(), _stamp(context))
    if basis == draft.basis:
        return draft.plan
    plan = draft.make_again(basis.deployed)
    plan.refuse_conflict()
    if app := draft.plan.differs_at(plan):
        raise StateError(app, "it was changed while this command was at work", "run it again")
    return plan


def _stamp(context: Context) -> tuple[Source, ...]:
    return stamp_sources(watched_paths(context.places))
