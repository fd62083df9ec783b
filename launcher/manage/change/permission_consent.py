"""What a deployment may do, and what of it a person has to approve: the permissions that catalogs of others request."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from launcher.core.catalog.catalog_file import BUILT_IN
from launcher.core.catalog.entry import CatalogEntry
from launcher.core.catalog.published_snapshot import with_snapshot
from launcher.core.deploy.catalog_permissions import catalog_entries
from launcher.core.deploy.record import Deployment
from launcher.core.deploy.transaction_plan import PermissionRequest
from launcher.core.policy.derive_permissions import new_permissions, overlapping
from launcher.core.policy.permission import Permission
from launcher.manage.context import Context
from launcher.run.grants import JudgedEntry
from launcher.run.grants import derive_grants as judge

Consent = Callable[[Sequence[PermissionRequest]], None]
"""Return if all of that is approved; raises `UserError` if it is not."""


class PermissionReview(NamedTuple):
    """What a change allows an app to do."""

    permissions: tuple[Permission, ...]
    """Everything that it may do afterwards."""
    requested: tuple[Permission, ...]
    """What catalogs of others newly request for it."""


def granted_permissions(context: Context, deployment: Deployment) -> tuple[Permission, ...]:
    """Return what all commands of a deployment may do, each permission once."""
    return _each_once(judge(_entries(deployment), context.call))


def review_permissions(
    context: Context, before: Deployment | None, after: Deployment, *, by_hand: bool = False
) -> PermissionReview:
    """Return what *after* may do, and what catalogs of others request for it beyond what *before* might do.

    What the user's own catalogs say was requested by nobody else; nor was what the built-in one says, if a person names
    the app *by hand*: it came with applaunch itself.
    """
    others = [each for each in with_snapshot((), after.published) if not by_hand or each.layer != BUILT_IN]
    sides = (
        _entries(after),
        _entries(before) if before else [],
        [JudgedEntry(*each) for each in catalog_entries(others, after.app, after.image)],
    )
    found = iter(judge([each for side in sides for each in side], context.call))
    now, earlier, theirs = [_each_once([next(found) for _ in side]) for side in sides]
    return PermissionReview(now, tuple(overlapping(new_permissions(now, earlier), theirs)))


def _entries(deployment: Deployment) -> list[JudgedEntry]:
    built = deployment.recipe != ""
    return [JudgedEntry(CatalogEntry.from_json(dict(each)), built) for each in deployment.entries.values()]


def _each_once(found: Iterable[Sequence[Permission]]) -> tuple[Permission, ...]:
    return tuple(dict.fromkeys(permission for each in found for permission in each))
