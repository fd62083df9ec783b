"""Check catalog files: mistakes are errors, and so are keys that may not be published; the rest is advice."""

from collections.abc import Iterator

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.merge import resolve
from launcher.core.catalog.publish_rules import is_qualified, violations
from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import CatalogError, NotFoundError
from launcher.host import files


def lint_catalog(path: str, *, published: bool = False) -> list[str]:
    """Return advice on a valid catalog; raises `CatalogError` for an invalid one.

    With *published*, keys that a published catalog may not have are errors, too.
    """
    text = files.read(path)
    if text is None:
        raise CatalogError(path, "there is no such file")
    catalog = Catalog.parse(text, "user", path)
    catalog.check()
    for trouble in violations(catalog) if published else ():
        raise trouble
    return [*advice(catalog), *(_of_published(catalog) if published else ())]


def advice(catalog: Catalog) -> list[str]:
    """Return the advice on *catalog*, one line for each item."""
    return [said for name in catalog.apps for said in _advice(catalog, name)]


def _of_published(catalog: Catalog) -> Iterator[str]:
    head = catalog.tables.get("catalog", {})
    for key, why in (("name", "people see it"), ("title", "people see it"), ("expires", "an old copy passes for new")):
        if key not in head:
            yield f"{catalog.path}: [catalog]: no {key}: {why}"


def _advice(catalog: Catalog, name: str) -> list[str]:
    keys = catalog.app(name).keys
    where = f"{catalog.path}: [apps.{name}]"
    said = [f"{where}: no {key}" for key in ("description", "homepage", "license") if key not in keys]
    image = keys.get("image", "")
    if image and not is_qualified(image):
        said.append(f"{where}: image {image!r} is a short name; write docker.io/{image}")
    if keys.get("network_mode") == "none" and keys.get("ports"):
        said.append(f"{where}: ports without a network do nothing")
    try:
        app = resolve([catalog], name)
        entries = [app.entry(command) for command in app.command_names]
        if any(entry.project_markers for entry in entries) and not any(entry.mounts_project for entry in entries):
            said.append(f"{where}: project_markers without mount_cwd = 'project' do nothing")
    except (NotFoundError, InvalidValueError) as error:
        said.append(str(error))
    return said
