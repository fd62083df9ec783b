"""Trusting a project: finding its catalog, showing what it says and allows, and remembering the decision."""

import difflib
import json
import os
from collections.abc import Iterator
from typing import NamedTuple

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.merge import resolve
from launcher.core.deploy.transaction_plan import PermissionRequest
from launcher.core.policy.permission import Permission
from launcher.errors import HostError, NotFoundError
from launcher.host import files
from launcher.host.find_project import CATALOG_NAME, LOCK_NAME, find
from launcher.host.ownership import owners
from launcher.manage.context import Context
from launcher.run import project_cache, project_command
from launcher.run.catalog_set import CatalogSet
from launcher.run.grants import derive_entry_grants
from launcher.run.project_command import Project, TrustedTexts
from launcher.state.state_folders import make_private_folders


class ProjectReview(NamedTuple):
    """What a person sees before trusting a project."""

    project: Project
    diff: tuple[str, ...]  # from the texts that were trusted last; the whole texts if none were
    permissions: tuple[tuple[str, Permission], ...]  # by command
    is_trusted: bool
    asked: tuple[PermissionRequest, ...] = ()  # the same, by app


class ProjectFile(NamedTuple):
    """The catalog file of a project."""

    found: str
    """The path that a launch finds; it may be a link."""
    path: str
    """The file that it leads to, which is trusted."""
    doubt: str
    """Why others may have written it, in words; "" if only the caller can have."""
    owners: tuple[int, int]
    """The uids of the owners of both."""


def find_project_file(context: Context, given: str = "", *, accept: bool = False) -> ProjectFile:
    """Return the catalog *given* (a file or its folder), or the one of the project that the current folder is in.

    Raises `NotFoundError` if there is none, `HostError` if others can write its files (*accept* does not).
    """
    found = os.path.abspath(given) if given else find(context.call.home)
    if found and os.path.isdir(found):
        found = f"{found}/{CATALOG_NAME}"
    if not found or not os.path.isfile(found):
        raise NotFoundError(
            given or CATALOG_NAME, "there is no such project catalog here or above", f"write one: {CATALOG_NAME}"
        )
    found = f"{os.path.realpath(os.path.dirname(found))}/{os.path.basename(found)}"
    why = project_cache.refusal_reason(found, context.places, context.call.home)
    if why and not accept:
        raise HostError(context.shown(found), why, "look at it, and then: applaunch trust --owner")
    return ProjectFile(found, os.path.realpath(found), why, owners(found))


def review_project(context: Context, path: str) -> ProjectReview:
    """Read the project with the catalog at *path*; return its changes and permissions. Raises `CatalogError`."""
    project = project_command.read_project(path, context.call.home)
    project.locks(context.call.home)  # report a damaged lock before anybody trusts it
    before = project_command.read_trusted_texts(path, context.places) or TrustedTexts("", None)
    diff = [*_diff(before.text, project.text, CATALOG_NAME), *_diff(before.lock or "", project.lock or "", LOCK_NAME)]
    catalog_set = catalogs_in_project(context, project.catalog).catalogs
    granted = []
    wishes: dict[str, tuple[Permission, ...]] = {}
    for name in project.catalog.apps:
        app = resolve(catalog_set, name)
        for command in tuple(app.commands) or (name,):
            may = derive_entry_grants(app.entry(command), context.call, built="build" in app.keys)
            granted += [(command, each) for each in may]
            wishes[name] = (*wishes.get(name, ()), *may)
    is_trusted = project_command.is_trusted(project, context.places)
    return ProjectReview(
        project, tuple(diff), tuple(granted), is_trusted, tuple(PermissionRequest(*each) for each in wishes.items())
    )


def _diff(before: str, after: str, name: str) -> Iterator[str]:
    return difflib.unified_diff(_lines(before), _lines(after), f"trusted {name}", f"{name} now", lineterm="", n=2)


def _lines(text: str) -> list[str]:
    """Return the lines as TOML counts them: other line separators of Unicode may be part of a string."""
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else []


def trust_project(context: Context, project: Project) -> None:
    """Trust *project* as it was read and shown, not as its files are now."""
    project_command.save_trust(project, context.places)


def accept_owner(context: Context, where: ProjectFile) -> None:
    """Accept the owner of a project, as long as its catalog belongs to the same user."""
    said = {"path": os.fsencode(where.found).hex(), "owners": where.owners}
    make_private_folders(context.places.trust)
    files.write(project_cache.owner_file(where.found, context.places), json.dumps(said), 0o600)


def revoke_trust(context: Context, where: ProjectFile) -> bool:
    """Revoke trust in a project and its owner; return False if it was not trusted."""
    records = (
        project_command.trust_file(where.path, context.places),
        project_cache.owner_file(where.found, context.places),
    )
    was = any(map(os.path.exists, records))
    for record in records:
        files.remove(record)
    return was


def catalogs_in_project(context: Context, project: Catalog) -> CatalogSet:
    """Return the catalogs that apply in a project."""
    catalog_set = context.read_catalogs()
    return catalog_set._replace(catalogs=tuple(sorted((*catalog_set.catalogs, project), key=lambda each: each.rank)))
