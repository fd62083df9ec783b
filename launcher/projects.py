"""A command called inside a project: what its catalog makes of it, where somebody trusts that catalog."""

import hashlib
import os
from binascii import crc32
from contextlib import suppress

from launcher import catalogs
from launcher.compiled import compiled, current_of, restored, unasked
from launcher.core.catalog import Catalog
from launcher.core.layers import Resolved, resolve
from launcher.core.locked import Locked, pin_of, read_lock
from launcher.core.pin import Pin
from launcher.core.project import only_pins
from launcher.core.published import combined
from launcher.core.wrong import Wrong
from launcher.errors import CannotRun, CatalogError, StateError
from launcher.host import files
from launcher.host.places import Places
from launcher.host.project import LOCK, checkout
from launcher.state import current as currents
from launcher.state.current import Current, stamp
from launcher.state.folders import make_private

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm"}


def in_project(name: str, path: str, where: Places, home: str) -> Current:
    """Return what the command *name* stands for in the project whose catalog is at *path*.

    Raises `CannotRun` where that catalog says so and nobody trusts it.
    """
    folder = folder_of(path, where)
    known = currents.read(folder, name)
    if known and not currents.is_stale(known):
        return known
    made = _made(name, path, where, home)._replace(folder=folder)
    with suppress(StateError):  # a home that cannot be written costs time at the next call, and nothing else
        currents.write(folder, made)
    return made


def folder_of(path: str, where: Places) -> str:
    """Return the folder of the launch files of one project."""
    return f"{where.projects}/{crc32(os.fsencode(path)):08x}"


def is_trusted(text: str, path: str, where: Places) -> bool:
    """Tell whether somebody trusts this very *text* of the project's catalog at *path*."""
    return files.read(trust_file(path, where)) == _said(text)


def trust(text: str, path: str, where: Places) -> None:
    """Remember that this text is trusted, for this checkout and its worktrees; raises `HostError`."""
    make_private(where.trust)
    files.write(trust_file(path, where), _said(text), 0o600)


def trusted_text(path: str, where: Places) -> str | None:
    """Return the text that was trusted last, None where none ever was."""
    said = files.read(trust_file(path, where))
    return None if said is None else said.partition("\n")[2]


def trust_file(path: str, where: Places) -> str:
    """Return the file that tells which text of the catalog at *path* is trusted."""
    folder, _, name = path.rpartition("/")
    real = f"{checkout(folder)}/{name}"
    return f"{where.trust}/{hashlib.sha256(os.fsencode(real)).hexdigest()[:32]}"


def project_catalog(path: str, home: str) -> tuple[Catalog, str]:
    """Return a project's catalog and its text; raises `CatalogError`."""
    text = files.read(path) or ""
    return Catalog.parse(text, "project", catalogs.shown(path, home)), text


def lock_of(path: str) -> str:
    """Return where the lock of the project catalog at *path* is."""
    return f"{path.rpartition('/')[0]}/{LOCK}"


def locks(path: str, home: str) -> tuple[Locked, ...]:
    """Return what the lock at *path* says, nothing where there is none; raises `CatalogError` where it is no lock."""
    text = files.read(path)
    try:
        return read_lock(text) if text is not None else ()
    except Wrong as wrong:
        fix = wrong.fix or "applaunch lock --update writes it anew"
        raise CatalogError(catalogs.shown(path, home), wrong.what, fix) from None


def this_platform() -> str:
    """Return the platform of this machine, as an image index writes it."""
    machine = os.uname().machine
    return f"linux/{_ARCHITECTURES.get(machine, machine)}"


def _said(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}\n{text}"


def _made(name: str, path: str, where: Places, home: str) -> Current:
    lock = lock_of(path)
    own = (path, lock, trust_file(path, where), f"{where.current}/{name}")
    before = currents.read(where.current, name) or restored(name, where, home)
    sources = (*stamp(own), *stamp(catalogs.watched(where, published=before is None)))
    project, text = project_catalog(path, home)
    shelf = catalogs.read(where, home, published=before is None)
    others = combined(shelf.catalogs, before.published) if before else shelf.catalogs
    every = tuple(sorted((*others, project), key=lambda each: each.rank))
    app = _owner(name, project, every)
    if app is None:  # the project has nothing to do with it
        return compiled(name, before, where, home)._replace(sources=sources)
    if not only_pins(project, others) and not is_trusted(text, path, where):
        shown = catalogs.shown(path, home)
        raise CannotRun(name, f"{shown} says what it is here, and nobody trusts that file yet", "applaunch trust")
    made = current_of(name, app, shelf)._replace(sources=sources, unasked="" if before else unasked(name, app, every))
    pin = pin_of(locks(lock, home), app.name, made.image, this_platform())
    if pin == Pin() and before and before.image == made.image:
        return made.held_on(before.pin)._replace(tag=before.tag)
    return made.held_on(pin)


def _owner(name: str, project: Catalog, every: tuple[Catalog, ...]) -> Resolved | None:
    for app in project.apps:
        found = resolve(every, app)
        if name in found.command_names:
            return found
    return None
