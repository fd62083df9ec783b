"""List installed apps, search the catalogs, and describe an app."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from launcher.core.catalog.app_summary import AppSummary, summarize_app
from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.entry import CatalogEntry
from launcher.core.catalog.merge import ResolvedApp, app_names, owner_of, resolve
from launcher.core.catalog.published_snapshot import keep_sources, source_layers, source_of, with_snapshot
from launcher.core.deploy.record import Deployment
from launcher.core.policy.permission import Permission
from launcher.core.values.reference import with_tag
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import CatalogError, EngineError, NotFoundError, UsageError
from launcher.host import shims
from launcher.manage.change.choose_source import parse_requested_app, restrict_to_source
from launcher.manage.context import Context
from launcher.manage.query.runtime_report import report_runtime
from launcher.run.compile_launch_file import compile_command
from launcher.run.grants import JudgedEntry, derive_grants
from launcher.sandbox.tree_store import read_tree
from launcher.state import launch_files

ABOUT = (
    *("description", "homepage", "license", "version", "maintainer", "categories"),
    *("deprecated", "replaced_by", "extends"),
)
"""The keys that describe an app, in the order shown."""


class AppListing(NamedTuple):
    """One app, installed or not, as lists show it."""

    name: str
    commands: tuple[str, ...]
    image: str
    description: str
    installed: bool
    layer: str
    digest: str = ""
    created: str = ""


def list_installed(context: Context, *, described: bool) -> list[AppListing]:
    """Return the installed apps by name; *described* adds the catalogs' descriptions, unless a catalog is broken."""
    try:
        layers: Sequence[Catalog] = context.read_catalogs().catalogs if described else ()
    except CatalogError:
        layers = ()
    return [
        _listed(keep_sources(layers, deployment.published), name, deployment)
        for name, deployment in context.deployed().items()
    ]


def search_apps(context: Context, word: str) -> list[AppListing]:
    """Return the apps that match *word*, matching names first; all apps for an empty word.

    An app that is overridden by a higher layer is listed with its remote: ``team/ffmpeg``.
    """
    found = list(_list_all(context.read_catalogs().catalogs, context.deployed()))
    wanted = word.casefold()
    by_name = [each for each in found if any(wanted in name for name in (each.name, *map(str.casefold, each.commands)))]
    names = {each.name for each in by_name}
    by_text = [each for each in found if wanted in each.description.casefold() and each.name not in names]
    return by_name + by_text


def describe_app(context: Context, name: str) -> dict[str, Any]:
    """Return everything known about an app or command: keys with their layers, paths, image, permissions.

    ``NAME@TAG`` means the app with that tag of its image. Raises `NotFoundError`, and `UsageError` for an invalid tag.
    The size of the image is left out if no engine answers.
    """
    base, _, tag = name.partition("@")
    app = app_with_tag(find_catalog_app(context, base), tag) if tag else find_catalog_app(context, base)
    deployment = None if tag else context.deployed().get(app.name)
    defaults = context.read_catalogs().settings.app_defaults
    entries = {command: app.entry(command, defaults) for command in app.command_names}
    first = next(iter(entries.values()))
    image = _image(context, first.image, deployment)
    pin = context.effective(deployment).pin if deployment else ResolvedImage(image_id=image.get("id", ""))
    return {
        "name": app.name,
        **{key: app.keys[key] for key in ABOUT if key in app.keys},
        "image": image,
        "commands": {command: entry.to_json() for command, entry in entries.items()},
        "runtimes": {
            command: report_runtime(context, entry, pin, has_engine="engine" not in image)
            for command, entry in entries.items()
        },
        "layers": {**dict.fromkeys(defaults, "settings"), **app.origins},
        "permissions": [each._asdict() for each in _permissions(context, app, entries.values())],
        "installed": deployment.to_dict() if deployment else None,
        "paths": list_paths(context, deployment) if deployment else [],
    }


def _permissions(context: Context, app: ResolvedApp, entries: Iterable[CatalogEntry]) -> list[Permission]:
    """Return the permissions of all commands of an app, without duplicates."""
    every = derive_grants([JudgedEntry(entry, "build" in app.keys) for entry in entries], context.call)
    return [*dict.fromkeys(each for found in every for each in found)]


def find_catalog_app(context: Context, name: str) -> ResolvedApp:
    """Return the app with the name or command *name*; installed apps take precedence.

    A name such as ``team/ffmpeg`` means the app of that remote.
    """
    loaded = context.read_catalogs()
    wanted = parse_requested_app(name)
    if wanted.source:
        return resolve(restrict_to_source(loaded, wanted).catalogs, wanted.app)
    layers = loaded.catalogs
    for app, deployment in context.record.deployed().items():
        if name in (app, *(command.name for command in deployment.commands)):
            kept = deployment.published
            heard = keep_sources(layers, kept)
            gone = source_of(kept, app) not in ("", *source_layers(heard, app))
            return resolve(with_snapshot(layers, kept) if gone else heard, app)
    return resolve(layers, name) if name in app_names(layers) else owner_of(layers, name)


def app_with_tag(app: ResolvedApp, tag: str) -> ResolvedApp:
    """Return *app* with another *tag* or digest of its image; raises `UsageError`."""
    if "build" in app.keys:
        raise UsageError("", f"the image of {app.name} is built here and has no tags", f"applaunch info {app.name}")
    image = app.entry(app.command_names[0]).image
    try:
        keys = {**app.keys, "image": with_tag(image, tag)}
    except ValueError as error:
        raise UsageError("", str(error), f"applaunch tags {app.name}") from None
    return app._replace(keys=keys, origins={**app.origins, "image": f"@{tag}"})


def list_paths(context: Context, deployment: Deployment) -> list[str]:
    """Return the paths of an installed app's shims and launch files."""
    own = [command.shim for command in deployment.commands]
    files = [f"{context.places.current}/{command.name}" for command in deployment.commands]
    return [path for path in (*own, *files) if os.path.lexists(path)]


def which_program(context: Context, name: str) -> dict[str, Any]:
    """Return what runs if *name* is typed: the shim, and other programs with that name; raises `NotFoundError`."""
    found = shims.find_programs(name, context.call.env.get("PATH", ""))
    shim = f"{context.places.bin}/{name}"
    if not found and not shims.is_ours(shim):
        raise NotFoundError(name, "no such program on PATH", f"applaunch add {name}")
    before = launch_files.read(context.places.current, name)
    known = compile_command(name, before, context.places, context.call.home) if shims.is_ours(shim) else None
    return {
        "command": name,
        "runs": found[0] if found else None,
        "shim": shim if shims.is_ours(shim) else None,
        "app": known.app if known else None,
        "image": known.image if known else None,
        "others": [path for path in found[1:] if path != shim],
    }


def _list_all(layers: Sequence[Catalog], deployed: Mapping[str, Deployment]) -> Iterator[AppListing]:
    for name in app_names(layers):
        deployment = deployed.get(name)
        origin = source_of(deployment.published, name) if deployment else ""
        *lower, top = source_layers(layers, name) or ("",)
        yield _listed(layers, name, deployment if origin in ("", top) else None)
        for layer in lower:
            own = [each for each in layers if not each.is_published or each.layer == layer]
            yield _listed(own, name, deployment if origin == layer else None, f"{layer}/{name}")


def _listed(layers: Sequence[Catalog], name: str, deployment: Deployment | None, shown: str = "") -> AppListing:
    try:
        app = summarize_app(keep_sources(layers, deployment.published) if deployment else layers, name)
    except (NotFoundError, CatalogError):
        app = AppSummary("", "", (name,), "")
    return AppListing(
        name=shown or name,
        commands=tuple(command.name for command in deployment.commands) if deployment else app.commands,
        image=deployment.shown_image if deployment else app.image,
        description=app.description,
        installed=deployment is not None,
        layer=app.layer or "no longer in any catalog",
        digest=deployment.digest if deployment else "",
        created=deployment.created if deployment else "",
    )


def _image(context: Context, image: str, deployment: Deployment | None) -> dict[str, Any]:
    pin = context.effective(deployment).pin if deployment else None
    facts = None
    try:
        reached = context.find_engine()
        if reached is None:
            return _unpacked_image(context, image, pin)
        facts = reached.store.inspect(pin.reference(image) if pin else image)
    except EngineError as error:
        return {"name": image, "digest": pin.digest if pin else "", "engine": str(error)}
    return {
        "name": image,
        "digest": pin.digest if pin else "",
        "id": facts.id if facts else "",
        "size": facts.size if facts else 0,
        "present": facts is not None,
    }


def _unpacked_image(context: Context, image: str, pin: ResolvedImage | None) -> dict[str, Any]:
    """Return what is known about an image on a machine without an engine."""
    tree = read_tree(context.places.trees, pin.image_id) if pin and pin.image_id else None
    return {
        "name": image,
        "digest": pin.digest if pin else "",
        "id": pin.image_id if pin else "",
        "size": tree.size if tree else 0,
        "present": tree is not None,
    }
