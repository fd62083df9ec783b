"""Compiles commands called inside a project, from its catalog and lock if they are trusted."""

import json
import os
from contextlib import suppress
from typing import NamedTuple

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.merge import ResolvedApp, candidates, resolve
from launcher.core.catalog.project_catalog import adds_nothing, has_deep_keys
from launcher.core.catalog.published_snapshot import with_snapshot
from launcher.core.images.lockfile import LockedApp, locked_image, read_lock
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import CannotRunError, CatalogError, HostError, NotFoundError, StateError
from launcher.host import files, strict_read
from launcher.host import find_project as project_files
from launcher.host.find_project import lock_path
from launcher.host.git_worktree import main_checkout
from launcher.host.locations import Places
from launcher.run import catalog_set
from launcher.run.compile_launch_file import compile_app_command, compile_command, needs_approval, restore_damaged
from launcher.run.project_cache import launch_file_folder, path_digest, write_note
from launcher.state import launch_files, write_launch_file
from launcher.state.launch_files import LaunchFile, stamp_sources
from launcher.state.state_folders import make_private_folders

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm"}


class Project(NamedTuple):
    """The two files of a project, read once: the text that is shown, trusted and used is the same."""

    path: str
    """The path of its catalog, its links resolved."""
    catalog: Catalog
    lock: str | None
    """The text of its lock, None if it has none."""

    @property
    def text(self) -> str:
        """The text of its catalog."""
        return self.catalog.text

    def locks(self, home: str) -> tuple[LockedApp, ...]:
        """Return the entries of its lock, none if it has none; raises `CatalogError` if it is invalid."""
        try:
            return read_lock(self.lock) if self.lock is not None else ()
        except InvalidValueError as wrong:
            fix = wrong.fix or "applaunch lock --update writes it anew"
            raise CatalogError(catalog_set.display_path(lock_path(self.path), home), wrong.what, fix) from None


class TrustedTexts(NamedTuple):
    """The texts of a project's files that the user trusts."""

    text: str
    lock: str | None


def read_project(path: str, home: str) -> Project:
    """Read the project whose catalog is at *path*, each file once; raises `CatalogError`."""
    text, lock = (_read(each, home) for each in (path, lock_path(path)))
    return Project(path, Catalog.parse(text or "", "project", catalog_set.display_path(path, home)), lock)


def is_trusted(project: Project, where: Places) -> bool:
    """Return whether the user trusts these very texts of *project*."""
    return read_trusted_texts(project.path, where) == (project.text, project.lock)


def save_trust(project: Project, where: Places) -> None:
    """Save that these texts are trusted, for this checkout and its worktrees; raises `HostError`."""
    make_private_folders(where.trust)
    said = {"path": _identity(project.path), "catalog": project.text, "lock": project.lock}
    files.write(trust_file(project.path, where), json.dumps(said), 0o600)


def read_trusted_texts(path: str, where: Places) -> TrustedTexts | None:
    """Return the texts that were last trusted for the project catalog at *path*, None if there are none."""
    try:
        said = json.loads(strict_read.read(trust_file(path, where), where.state) or "null")
        return TrustedTexts(said["catalog"], said["lock"]) if said["path"] == _identity(path) else None
    except (HostError, ValueError, TypeError, KeyError, RecursionError):
        return None


def trust_file(path: str, where: Places) -> str:
    """Return the path of the file with the trusted texts of the project at *path*."""
    return f"{where.trust}/{path_digest(_identity(path))}"


def compile_or_ignore(name: str, path: str, where: Places, home: str) -> LaunchFile | None:
    """Compile and keep the launch file of *name* in the project whose catalog is at *path*.

    Return None, and tell a person at a terminal, if that catalog is wrong and another catalog has the command. Raises
    `CannotRunError` if the catalog has a say and nobody trusts it, `CatalogError` if it is wrong.
    """
    try:
        return compile_in_project(name, path, where, home)
    except CatalogError as trouble:
        if not _is_known_elsewhere(name, where, home):
            raise
        write_note(f"{trouble.where}: ignored: {trouble.what}{trouble.fix and '; '}{trouble.fix}")
        return None


def _is_known_elsewhere(name: str, where: Places, home: str) -> bool:
    """Return whether *name* is a command without the project; raises the error of a catalog that is wrong, too."""
    if launch_files.read(where.current, name) or restore_damaged(name, where, home):
        return True
    try:
        compile_command(name, None, where, home)
    except NotFoundError:
        return False
    return True


def compile_in_project(name: str, path: str, where: Places, home: str) -> LaunchFile:
    """Compile and keep the launch file of *name* in the project whose catalog is at *path*; raises as above."""
    folder = launch_file_folder(path, where)
    made = _made(name, path, where, home)._replace(folder=folder)
    with suppress(StateError):  # in a home that cannot be written, it is compiled at each call
        write_launch_file.write(folder, made)
    return made


def this_platform() -> str:
    """Return the platform of this machine, as an image index writes it."""
    machine = os.uname().machine
    return f"linux/{_ARCHITECTURES.get(machine, machine)}"


def _identity(path: str) -> str:
    """Return the path under which the catalog at *path* is trusted: that of the main checkout, for all worktrees."""
    folder, _, name = path.rpartition("/")
    return f"{main_checkout(folder)}/{name}"


def _read(path: str, home: str) -> str | None:
    try:
        text = project_files.read(path)
    except HostError as trouble:
        raise CatalogError(catalog_set.display_path(path, home), trouble.what, trouble.fix) from None
    if text is not None and has_deep_keys(text):
        raise CatalogError(
            catalog_set.display_path(path, home), "has a key of a hundred parts", "no key of a catalog needs that"
        )
    return text


def _made(name: str, path: str, where: Places, home: str) -> LaunchFile:
    own = (path, lock_path(path), trust_file(path, where), f"{where.current}/{name}")
    before = launch_files.read(where.current, name) or restore_damaged(name, where, home)
    sources = (*stamp_sources(own), *stamp_sources(catalog_set.watched_paths(where, published=before is None)))
    project = read_project(path, home)
    all_catalogs = catalog_set.read_catalogs(where, home, published=before is None)
    others = with_snapshot(all_catalogs.catalogs, before.published) if before else all_catalogs.catalogs
    every = tuple(sorted((*others, project.catalog), key=lambda each: each.rank))
    app = _owner(name, project.catalog, every)
    if app is None:  # the project does not define this command
        return compile_command(name, before, where, home)._replace(sources=sources)
    image = app.entry(name).image
    pin = locked_image(project.locks(home), app.name, image, this_platform())
    if not is_trusted(project, where):
        held = before.pin.digest if before else ""
        images = {before.image} if before else _images(others, app.name)
        if pin.digest not in ("", held) or not adds_nothing(project.catalog, app.name, images, held):
            raise _untrusted(name, project, where, home)
        return compile_command(name, before, where, home)._replace(sources=sources)
    made = compile_app_command(name, app, all_catalogs)._replace(
        sources=sources, unasked="" if before else needs_approval(name, app, every)
    )
    if pin == ResolvedImage() and before and before.image == made.image:
        return made.with_image(before.pin)._replace(tag=before.tag)
    return made.with_image(pin)


def _owner(name: str, project: Catalog, every: tuple[Catalog, ...]) -> ResolvedApp | None:
    """Return the app of *project* that the command *name* belongs to; other apps are not read."""
    for app in candidates(every, name):
        if app in project.apps and name in (found := resolve(every, app)).command_names:
            return found
    return None


def _images(others: tuple[Catalog, ...], app: str) -> set[str]:
    """Return the image that *others* name for the *app*, if any."""
    try:
        image = resolve(others, app).keys.get("image", "")
    except (NotFoundError, CatalogError):
        return set()
    return {image} - {""}


def _untrusted(name: str, project: Project, where: Places, home: str) -> CannotRunError:
    shown = catalog_set.display_path(project.path, home)
    known = read_trusted_texts(project.path, where)
    if known and known.text == project.text:
        lock = catalog_set.display_path(lock_path(project.path), home)
        return CannotRunError(name, f"{lock} is not the one that was trusted with {shown}", "applaunch trust")
    return CannotRunError(name, f"{shown} defines it here, and that file is not trusted yet", "applaunch trust")
