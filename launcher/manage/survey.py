"""What is there: installed apps, the catalogs' apps, and all about one of them."""

import os
from collections.abc import Sequence
from typing import Any, NamedTuple

from launcher.compiled import compiled
from launcher.core.catalog import Catalog
from launcher.core.layers import Resolved, app_names, owner_of, resolve
from launcher.core.permissions import permissions
from launcher.core.record import Deployment
from launcher.core.wrong import Wrong
from launcher.errors import CatalogError, EngineError, NotFound
from launcher.host import shims
from launcher.manage.desk import Desk
from launcher.reached import image_of

ABOUT = (
    *("description", "homepage", "license", "version", "maintainer", "categories"),
    *("deprecated", "replaced_by", "extends"),
)
"""Keys that tell people about an app, in the order they are shown."""


class Listed(NamedTuple):
    """One app, installed or not, as lists show it."""

    name: str
    commands: tuple[str, ...]
    image: str
    description: str
    installed: bool
    layer: str
    digest: str = ""
    created: str = ""


def installed(desk: Desk, *, described: bool) -> list[Listed]:
    """Return the installed apps, by name, *described* as the catalogs do, unless one of those is broken."""
    try:
        layers: Sequence[Catalog] = desk.shelf().catalogs if described else ()
    except CatalogError:
        layers = ()
    return [_listed(layers, name, deployment) for name, deployment in desk.deployed().items()]


def search(desk: Desk, word: str) -> list[Listed]:
    """Return the apps of the catalogs that *word* fits, names first; every one for an empty word."""
    layers = desk.shelf().catalogs
    deployed = desk.deployed()
    found = [_listed(layers, name, deployed.get(name)) for name in app_names(layers)]
    wanted = word.casefold()
    by_name = [each for each in found if any(wanted in name for name in (each.name, *map(str.casefold, each.commands)))]
    by_text = [each for each in found if wanted in each.description.casefold() and each not in by_name]
    return by_name + by_text


def about(desk: Desk, name: str) -> dict[str, Any]:
    """Return everything known of an app or command: keys with their layers, paths, image, permissions.

    Raises `NotFound`. An engine that does not answer leaves the image's size out.
    """
    app = find(desk, name)
    deployment = desk.deployed().get(app.name)
    beneath = desk.shelf().settings.beneath
    entries = {command: app.entry(command, beneath) for command in app.command_names}
    first = next(iter(entries.values()))
    return {
        "name": app.name,
        **{key: app.keys[key] for key in ABOUT if key in app.keys},
        "image": _image(desk, first.image, deployment),
        "commands": {command: entry.to_json() for command, entry in entries.items()},
        "layers": {**dict.fromkeys(beneath, "settings"), **app.origins},
        "permissions": [permission._asdict() for permission in permissions(first, desk.call)],
        "installed": deployment.to_dict() if deployment else None,
        "paths": paths_of(desk, deployment) if deployment else [],
    }


def find(desk: Desk, name: str) -> Resolved:
    """Return the app that *name* is, or whose command it is; an installed one's launch file decides first."""
    layers = desk.shelf().catalogs
    for app, deployment in desk.record.deployed().items():
        if name in [command.name for command in deployment.commands]:
            return resolve(layers, app)
    return resolve(layers, name) if name in app_names(layers) else owner_of(layers, name)


def paths_of(desk: Desk, deployment: Deployment) -> list[str]:
    """Return every path that an installed app owns."""
    own = [command.shim for command in deployment.commands]
    files = [f"{desk.places.current}/{command.name}" for command in deployment.commands]
    return [path for path in (*own, *files) if os.path.lexists(path)]


def which(desk: Desk, name: str) -> dict[str, Any]:
    """Return what runs when *name* is typed: the shim, and other programs of that name; raises `NotFound`."""
    found = shims.programs(name, desk.call.env.get("PATH", ""))
    shim = f"{desk.places.bin}/{name}"
    if not found and not shims.is_ours(shim):
        raise NotFound(name, "no such program on PATH", f"applaunch add {name}")
    known = compiled(name, None, desk.places, desk.call.home) if shims.is_ours(shim) else None
    return {
        "command": name,
        "runs": found[0] if found else None,
        "shim": shim if shims.is_ours(shim) else None,
        "app": known.app if known else None,
        "image": known.image if known else None,
        "others": [path for path in found[1:] if path != shim],
    }


def lint(path: str) -> list[str]:
    """Return what could be better in a catalog that is valid; raises `CatalogError` where it is not."""
    from launcher.host import files  # noqa: PLC0415  only for this command

    text = files.read(path)
    if text is None:
        raise CatalogError(path, "there is no such file")
    catalog = Catalog.parse(text, "user", path)
    catalog.check()
    return [advice for name in catalog.apps for advice in _advice(catalog, name)]


def _advice(catalog: Catalog, name: str) -> list[str]:
    keys = catalog.app(name).keys
    where = f"{catalog.path}: [apps.{name}]"
    said = [f"{where}: no {key}" for key in ("description", "homepage", "license") if key not in keys]
    image = keys.get("image", "")
    if image and "." not in image.partition("/")[0] and ":" not in image.partition("/")[0]:
        said.append(f"{where}: image {image!r} is a short name; write docker.io/{image}")
    if keys.get("network_mode") == "none" and keys.get("ports"):
        said.append(f"{where}: ports without a network do nothing")
    try:
        for command in (app := resolve([catalog], name)).command_names:
            app.entry(command)
    except (NotFound, Wrong) as error:
        said.append(str(error))
    return said


def _listed(layers: Sequence[Catalog], name: str, deployment: Deployment | None) -> Listed:
    try:
        app = resolve(layers, name)
    except (NotFound, CatalogError):
        app = Resolved(name, {}, {}, {})
    names = tuple(command.name for command in deployment.commands) if deployment else app.command_names
    return Listed(
        name=name,
        commands=names,
        image=deployment.image if deployment else app.keys.get("image", ""),
        description=app.keys.get("description", ""),
        installed=deployment is not None,
        layer=app.origins.get("image", "gone from the catalogs"),
        digest=deployment.digest if deployment else "",
        created=deployment.created if deployment else "",
    )


def _image(desk: Desk, image: str, deployment: Deployment | None) -> dict[str, Any]:
    pin = desk.effective(deployment).pin if deployment else None
    facts = None
    try:
        facts = image_of(desk.engine(), pin.reference(image) if pin else image)
    except EngineError as error:
        return {"name": image, "digest": pin.digest if pin else "", "engine": str(error)}
    return {
        "name": image,
        "digest": pin.digest if pin else "",
        "id": facts.id if facts else "",
        "size": facts.size if facts else 0,
        "present": facts is not None,
    }
