"""Installing a bundle without a network: verify it, load its images, and install its apps."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from launcher.core.bundles.bundle_check import image_ids_for, read_bundle
from launcher.core.bundles.bundle_format import Contents, Image
from launcher.core.catalog.published_snapshot import BUNDLE, with_snapshot
from launcher.core.deploy.record import Deployment
from launcher.core.deploy.transaction_plan import Plan
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import CatalogError, StateError
from launcher.host import bundle_archive
from launcher.host.bundle_archive import BundleFile
from launcher.manage.apps.add import plan_app
from launcher.manage.bundles.load_images import EngineLoader
from launcher.manage.bundles.unpack_images import TreeLoader
from launcher.manage.change.carry_out import Applied, Approve, Deployed, apply_draft, make_draft
from launcher.manage.change.name_conflicts import find_conflict
from launcher.manage.change.plan_deployment import PlannedDeployment, plan_deployment
from launcher.manage.context import Context
from launcher.run.catalog_set import CatalogSet


class Inspected(NamedTuple):
    """The contents of a bundle that was verified."""

    path: str
    size: int
    contents: Contents


class Installed(NamedTuple):
    """What `bundle import` has done."""

    done: Applied
    loaded: tuple[str, ...] = ()  # ids of the images that were not here before


def inspect_bundle(context: Context, path: str) -> Inspected:
    """Read a bundle and verify every byte of it; no engine is needed. Raises `HostError`."""
    with bundle_archive.open_bundle(path) as file:
        return Inspected(path, file.size, _verify(context, file))


def install_bundle(context: Context, path: str, approve: Approve) -> Installed:
    """Install the apps of the bundle at *path* on the images that it holds, in one transaction.

    Images are loaded after the whole file was verified, and apps switch after all images were verified. An image that
    is gone is loaded again. On a machine without an engine they are unpacked into trees. Raises `HostError` for a file
    that is no bundle or is damaged, and `EngineError` if the engine refuses an image.
    """
    with bundle_archive.open_bundle(path) as file:
        contents = _verify(context, file)
        reached = context.find_engine(autostart=True)
        loader = EngineLoader(reached) if reached else TreeLoader(context)
        known = {image.id: loader.find_id(image) or image.id for image in contents.images}
        draft = make_draft(context, partial(plan_install, context, contents, loader.platform, known))
        if draft.plan.changing and not approve(draft.plan):
            return Installed(Applied(Plan(())))
        images = _images_of(contents, draft.plan)
        with loader.load(file, {*images.values()}) as missing:
            ids = {app: loader.find_id(image) for app, image in images.items()}
            made = [each.deployment for each in draft.plan.changing]
            done = apply_draft(context, draft, {each.app: each.pin._replace(image_id=ids[each.app]) for each in made})
            for each in done.plan.apps if missing else ():  # also of an app that was installed already
                loader.hold(ids[each.app], each.deployment.tag)
    return Installed(done, tuple(sorted(image.id for image in missing)))


def plan_install(
    context: Context, contents: Contents, platform: str, known: Mapping[str, str], deployed: Deployed
) -> Plan:
    """Return the plan that installs a bundle on an engine of a *platform*.

    *known* has the id under which the engine has each image of the bundle.
    """
    catalog_set = _catalogs_with(context, contents)
    made = {
        lock.app: plan_deployment(context, lock.app, catalog_set, deployed.get(lock.app)) for lock in contents.locks
    }
    wanted = {app: _platform_of(each.deployment, platform) for app, each in made.items()}
    ids = image_ids_for(contents.locks, wanted)
    sizes = {image.id: sum(layer.size for layer in image.layers) for image in contents.images}
    apps = []
    for lock in contents.locks:
        new, app = made[lock.app]
        if new.image != lock.ref:
            what = f"a catalog of yours names another image for it: {new.image}"
            raise CatalogError(lock.app, what, f"take that out: applaunch edit {lock.app}")
        held = lock.platforms[wanted[lock.app]]
        pin = ResolvedImage(held.digest, known[ids[lock.app]], pulled=False, loaded=True, platform=wanted[lock.app])
        planned = PlannedDeployment(new.with_image(pin), app)
        step = plan_app(context, deployed.get(lock.app), planned, action="Upgrade")
        apps.append(step._replace(size=sizes[ids[lock.app]]))
    changing = [each.deployment for each in apps if each.outcome == "change"]
    return Plan(tuple(apps), conflict=_pinned_error(changing) or find_conflict(context, changing, deployed))


def _verify(context: Context, file: BundleFile) -> Contents:
    contents = read_bundle(file.sizes, file.read_small, context.shown(file.path))
    file.verify_blobs()
    return contents


def _catalogs_with(context: Context, contents: Contents) -> CatalogSet:
    """Return the catalogs that the apps follow from now on: the bundle's, below the local ones."""
    catalog_set = context.read_catalogs(published=False)
    catalog = contents.catalog
    return catalog_set._replace(catalogs=with_snapshot(catalog_set.catalogs, [[BUNDLE, catalog.path, catalog.tables]]))


def _images_of(contents: Contents, plan: Plan) -> dict[str, Image]:
    """Return the image that each app of a plan runs, by app."""
    ids = image_ids_for(contents.locks, {each.app: each.deployment.platform for each in plan.apps})
    images = {image.id: image for image in contents.images}
    return {app: images[image_id] for app, image_id in ids.items()}


def _platform_of(deployment: Deployment, default: str) -> str:
    """Return the platform that the entry of an app asks for, or the *default* one."""
    return "/".join(deployment.wanted_platform.split("/")[:2]) or default


def _pinned_error(changing: Sequence[Deployment]) -> StateError | None:
    """Return the error that an app is pinned, None if none is."""
    pinned = next((each.app for each in changing if each.pinned), "")
    return StateError(pinned, "is pinned", f"applaunch unpin {pinned}") if pinned else None
