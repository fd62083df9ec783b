"""A bundle looked at and taken in: all of it checked, its images loaded, its apps switched to, and no network asked."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from launcher.core.bundles.bundle_check import of_platform, opened
from launcher.core.bundles.bundle_format import Contents, Image
from launcher.core.catalog.published_snapshot import BUNDLE, with_snapshot
from launcher.core.deploy.record import Change, Deployment
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import CatalogError, StateError
from launcher.host import bundle_archive
from launcher.host.bundle_archive import BundleFile
from launcher.manage.apps.add import Added, is_there, told
from launcher.manage.bundles.load_images import id_of, loaded
from launcher.manage.change.apply_changes import switch
from launcher.manage.change.name_conflicts import refuse_clashes
from launcher.manage.change.permission_consent import Consent, asked
from launcher.manage.change.plan_deployment import candidate
from launcher.manage.context import Context
from launcher.run.catalog_set import CatalogSet
from launcher.run.engine_connection import Reached, tagged


class Inspected(NamedTuple):
    """What a bundle holds, every byte of it checked."""

    path: str
    size: int
    contents: Contents


class Imported(NamedTuple):
    """What one `bundle import` has done."""

    apps: list[Added]
    loaded: tuple[str, ...]  # ids of the images that were not here before
    transaction: int  # 0: nothing had to be done, or it was not wanted


class Arriving(NamedTuple):
    """One app of a bundle, and the image of it that this engine wants."""

    deployment: Deployment
    image: Image

    def known_as(self, image_id: str) -> "Arriving":
        """Return this, its image called as the engine does; "" leaves it."""
        pin = self.deployment.pin
        return self._replace(deployment=self.deployment.held_on(pin._replace(image_id=image_id or pin.image_id)))


Agreed = Callable[[Sequence[Deployment]], bool]
"""Is shown what would be installed, and tells whether it shall."""


def inspect(desk: Context, path: str) -> Inspected:
    """Read a bundle, and compare every byte with what it says of itself; no engine is asked. Raises `HostError`."""
    with bundle_archive.open_bundle(path) as file:
        return Inspected(path, file.size, _checked(desk, file))


def arrive(desk: Context, path: str, agreed: Agreed, consent: Consent = lambda _: None) -> Imported:
    """Install the apps of the bundle at *path* on the images that it holds, in one transaction.

    What it newly asks for is left to *consent*, as with every catalog of others.

    Nothing is loaded before all of it is checked, and nothing is switched before all images are what they shall be.
    An image of it that has gone is loaded again. Raises `HostError` for a bundle that is none or damaged, `EngineError`
    where the engine does not take it.
    """
    with bundle_archive.open_bundle(path) as file:
        contents = _checked(desk, file)
        with desk.record.alone(desk.command_line):
            shelf = _shelf_with(desk, contents)
            reached = desk.engine(autostart=shelf.settings.autostart)
            before = desk.deployed()
            apps = [
                each.known_as(id_of(reached, each.image)) for each in _arriving(desk, shelf, reached, contents, before)
            ]
            made = [each.deployment for each in apps]
            new = {each.app for each in made if not is_there(each, before.get(each.app), desk)}
            _refuse(desk, [each for each in made if each.app in new], before)
            if new and not agreed([each for each in made if each.app in new]):
                return Imported([], (), 0)
            consent([asked(desk, before.get(each.app), each, by_hand=True) for each in made if each.app in new])
            with loaded(reached, file, {each.image for each in apps}) as missing:
                made = [each.known_as(id_of(reached, each.image)).deployment for each in apps]
                number = switch(desk, [_change(each, before.get(each.app)) for each in made if each.app in new])
                now = desk.record.deployed()
                for each in made if missing else ():  # one that was here already may have lost its image
                    tagged(reached, each.image_id, now[each.app].tag)
    done = [told(desk, shelf, now[each.app], each.app in new) for each in made]
    return Imported(done, tuple(sorted(image.id for image in missing)), number)


def _checked(desk: Context, file: BundleFile) -> Contents:
    contents = opened(file.sizes, file.document, desk.shown(file.path))
    file.check()
    return contents


def _shelf_with(desk: Context, contents: Contents) -> CatalogSet:
    """Return the catalogs that the apps listen to from now on: what the bundle says, below what is local."""
    shelf = desk.shelf(published=False)
    catalog = contents.catalog
    return shelf._replace(catalogs=with_snapshot(shelf.catalogs, [[BUNDLE, catalog.path, catalog.tables]]))


def _arriving(
    desk: Context, shelf: CatalogSet, reached: Reached, contents: Contents, before: Mapping[str, Deployment]
) -> list[Arriving]:
    made = {lock.app: candidate(desk, lock.app, shelf, before.get(lock.app)) for lock in contents.locks}
    wanted = {app: _platform(each, reached) for app, each in made.items()}
    ids = of_platform(contents.locks, wanted)
    images = {image.id: image for image in contents.images}
    found = []
    for lock in contents.locks:
        if made[lock.app].image != lock.ref:
            what = f"a catalog of yours names another image for it: {made[lock.app].image}"
            raise CatalogError(lock.app, what, f"take that out: applaunch edit {lock.app}")
        held = lock.platforms[wanted[lock.app]]
        pin = ResolvedImage(held.digest, held.image_id, pulled=False, loaded=True, platform=wanted[lock.app])
        found.append(Arriving(made[lock.app].held_on(pin), images[ids[lock.app]]))
    return found


def _platform(deployment: Deployment, reached: Reached) -> str:
    """Return the platform that an app's entry asks for, else the engine's own."""
    said = next((str(entry["platform"]) for entry in deployment.entries.values() if entry.get("platform")), "")
    return "/".join(said.split("/")[:2]) or reached.traits.platform


def _refuse(desk: Context, new: Sequence[Deployment], before: Mapping[str, Deployment]) -> None:
    if pinned := [each.app for each in new if each.pinned]:
        raise StateError(pinned[0], "is pinned", f"applaunch unpin {pinned[0]}")
    refuse_clashes(desk, new, before)


def _change(made: Deployment, before: Deployment | None) -> Change:
    return Change(made.app, "Upgrade" if before else "Install", before, made)
