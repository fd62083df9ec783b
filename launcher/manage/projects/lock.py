"""Locking a project: the images of its catalog by digest, for each platform, in a file beside it."""

from collections.abc import Mapping
from typing import NamedTuple

from launcher.core.catalog.merge import ResolvedApp, resolve
from launcher.core.images.lockfile import LockedApp, LockedImage, checksum, lock_text
from launcher.core.values.reference import Reference
from launcher.errors import RegistryError, UserError
from launcher.host import files
from launcher.host.find_project import lock_path
from launcher.manage.context import Context
from launcher.manage.projects.project_trust import catalogs_in_project
from launcher.manage.remotes.latest_digest import latest
from launcher.manage.remotes.registry_access import told
from launcher.registry.registry_client import Registry
from launcher.run import project_command
from launcher.run.find_image import pull_image
from launcher.run.project_command import Project

_PLATFORMS = ("linux/amd64", "linux/arm64")
"""The usual platforms; each costs one registry request, and some registries limit those."""


class MovedLock(NamedTuple):
    """One app whose lock changes."""

    app: str
    image: str
    before: str  # digest; "" if it was not locked
    after: str  # digest; "" if the project no longer has it


class LockResult(NamedTuple):
    """What `lock` has done, or would do."""

    path: str
    moved: tuple[MovedLock, ...]
    is_work: bool  # whether the file changes


def lock_project(context: Context, path: str, *, update: bool, check: bool) -> LockResult:
    """Write the lock of the catalog at *path*, with the digest of each app's image; *check* writes nothing.

    A lock stays while the name of its image stays, unless *update* is set. Apps that are built have no lock. Raises
    `CatalogError`, and `EngineError` or `RegistryError` for an image that cannot be found.
    """
    project = project_command.read_project(path, context.call.home)
    named = project.catalog.apps
    catalogs = catalogs_in_project(context, project.catalog).catalogs
    file, before = lock_path(path), project.lock
    old = {each.app: each for each in (_readable(project, context) if update else project.locks(context.call.home))}
    known = {} if update else old
    apps = [app for name in named if "build" not in (app := resolve(catalogs, name)).keys]
    new = [_locked(context, app, named[app.name], known.get(app.name)) for app in apps]
    text = lock_text(new)
    is_work = text != (lock_text(()) if before is None else before)
    if is_work and not check:
        files.write(file, text)
        _carry_trust(context, project, text, update=update)
    return LockResult(file, _moved(old, {each.app: each for each in new}), is_work)


def _carry_trust(context: Context, project: Project, lock: str, *, update: bool) -> None:
    """Trust the *lock* just written, if the catalog is trusted and nothing in it comes from a lock that is not."""
    known = project_command.read_trusted_texts(project.path, context.places)
    if known and known.text == project.text and (update or known.lock == project.lock):
        project_command.save_trust(project._replace(lock=lock), context.places)


def _readable(project: Project, context: Context) -> tuple[LockedApp, ...]:
    try:
        return project.locks(context.call.home)
    except UserError:
        return ()


def _locked(context: Context, app: ResolvedApp, table: object, known: LockedApp | None) -> LockedApp:
    image = app.entry(app.command_names[0]).image
    if known and known.ref == image:
        return known._replace(config=checksum(table))
    return LockedApp(app.name, image, checksum(table), _held(context, app.name, Reference.parse(image)))


def _held(context: Context, name: str, ref: Reference) -> Mapping[str, LockedImage]:
    """Return the images of *ref* today: from the registry for all platforms, else from the engine for its own."""
    wanted = dict.fromkeys((*_PLATFORMS, project_command.this_platform()))

    def question(asked: Registry) -> tuple[str, Mapping[str, str]]:
        digest = asked.digest(ref)
        return digest, asked.image_ids(ref.with_digest(digest), wanted)

    try:
        digest, ids = told(context, ref, question)
    except RegistryError:
        reached = context.find_engine()
        if reached is None:
            raise
        digest = latest(context, reached, ref)
        pin = pull_image(reached, name, ref.with_digest(digest).full if digest else ref.full, context.call)
        digest, ids = pin.digest, {pin.platform: pin.image_id}
    return {platform: LockedImage(digest, image_id) for platform, image_id in ids.items()}


def _moved(before: Mapping[str, LockedApp], after: Mapping[str, LockedApp]) -> tuple[MovedLock, ...]:
    found = []
    for app in sorted({*before, *after}):
        one, other = before.get(app), after.get(app)
        digests = _digest(one), _digest(other)
        if digests[0] != digests[1] and (named := other or one):
            found.append(MovedLock(app, named.ref, *digests))
    return tuple(found)


def _digest(lock: LockedApp | None) -> str:
    return next(iter({each.digest for each in lock.platforms.values()}), "") if lock else ""
