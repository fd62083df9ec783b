"""What an app newly asks for: found out for each step to another deployment, and left to a person to allow."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from launcher.core.catalog.catalog_file import BUILT_IN
from launcher.core.catalog.entry import CatalogEntry
from launcher.core.catalog.published_snapshot import with_snapshot
from launcher.core.deploy.catalog_permissions import wished
from launcher.core.deploy.record import Deployment
from launcher.core.policy.derive_permissions import highest_risk, new_permissions, overlapping
from launcher.core.policy.permission import Permission
from launcher.manage.context import Context
from launcher.run.grants import Judged
from launcher.run.grants import granted as judge


class Asked(NamedTuple):
    """One app, and the permissions that a catalog of others newly asks for it."""

    app: str
    permissions: tuple[Permission, ...]

    @property
    def risk(self) -> str:
        """The riskiest class among them."""
        return highest_risk(self.permissions)


Consent = Callable[[Sequence[Asked]], None]
"""Returns where all of that is allowed, and raises `UserError` where it is not."""


def granted(desk: Context, deployment: Deployment) -> tuple[Permission, ...]:
    """Return what all commands of a deployment may do, each once."""
    built = deployment.recipe != ""
    return _each_once(desk, [Judged(CatalogEntry.from_json(dict(each)), built) for each in deployment.entries.values()])


def asked(desk: Context, before: Deployment | None, after: Deployment, *, by_hand: bool = False) -> Asked:
    """Return what *after* may do beyond what *before* might, as far as it is catalogs of others that ask for it.

    What the user's own catalogs say was asked for by nobody else; nor is what the built-in one says, where somebody
    names the app *by hand*: it came with applaunch itself.
    """
    new = new_permissions(granted(desk, after), granted(desk, before) if before else ())
    others = [each for each in with_snapshot((), after.published) if not by_hand or each.layer != BUILT_IN]
    theirs = _each_once(desk, [Judged(*each) for each in wished(others, after.app, after.image)])
    return Asked(after.app, tuple(overlapping(new, theirs)))


def _each_once(desk: Context, judged: Sequence[Judged]) -> tuple[Permission, ...]:
    return tuple(dict.fromkeys(each for found in judge(judged, desk.call) for each in found))
