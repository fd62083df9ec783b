"""What a catalog that travels may not say: names that mean something else on another machine, and its files."""

import re
from collections.abc import Iterator
from typing import Any

from launcher.core.catalog.catalog_file import Catalog
from launcher.errors import CatalogError

FORBIDDEN = {
    "env_file": "write the variables under 'environment'",
    "allow_shadow": "leave it out: each user allows that",
}
"""Keys of a user's or project's catalog alone, and what to do instead."""
IN_BUILD = ("dockerfile_inline", "context", "args", "target", "platforms", "pull", "no_cache")
"""What a `build` may hold; a context is of git or https, at a commit."""

_CONTEXT = re.compile(r"(?:https://|git@|ssh://)\S+#[0-9a-f]{40}(?::\S*)?")


def refuse_restricted(catalog: Catalog) -> None:
    """Raise `CatalogError` for the first thing in *catalog* that a published one may not say."""
    for trouble in restricted(catalog):
        raise trouble


def restricted(catalog: Catalog) -> Iterator[CatalogError]:
    """Yield everything in *catalog* that a published one may not say; values that are no values are left to `check`."""
    yield from _of_table(catalog, "defaults", catalog.tables.get("defaults", {}))
    for name, table in catalog.apps.items():
        where = f"apps.{name}"
        if isinstance(table, str):
            yield from _image(catalog, where, table)
        elif isinstance(table, dict):
            yield from _of_table(catalog, where, table)
            commands = table.get("commands")
            for command, keys in commands.items() if isinstance(commands, dict) else ():
                if isinstance(keys, dict):
                    yield from _of_table(catalog, f"{where}.commands.{command}", keys)


def is_qualified(image: str) -> bool:
    """Tell whether *image* begins with its registry: the same image on every machine, whatever its engine adds."""
    first, slash, _ = image.partition("/")
    return bool(slash) and ("." in first or ":" in first or first == "localhost")


def _of_table(catalog: Catalog, where: str, table: dict[str, Any]) -> Iterator[CatalogError]:
    for key, value in table.items():
        if key in FORBIDDEN:
            yield _error(catalog, where, f"{key!r} may not stand in a published catalog", FORBIDDEN[key])
        elif key == "image" and isinstance(value, str):
            yield from _image(catalog, where, value)
        elif key == "build" and isinstance(value, (str, dict)):
            yield from _build(catalog, where, {"context": value} if isinstance(value, str) else value)


def _image(catalog: Catalog, where: str, image: str) -> Iterator[CatalogError]:
    if not is_qualified(image):
        what = f"image {image!r} is a short name, which a published catalog may not use"
        yield _error(catalog, where, what, f"write docker.io/{image if '/' in image else f'library/{image}'}")


def _build(catalog: Catalog, where: str, build: dict[str, Any]) -> Iterator[CatalogError]:
    for key in build:
        if key not in IN_BUILD:
            yield _error(catalog, where, f"build.{key} may not stand in a published catalog", f"use {IN_BUILD[0]}")
    context = build.get("context")
    if context is not None and not (isinstance(context, str) and _CONTEXT.fullmatch(context)):
        fix = "write https://HOST/REPOSITORY.git#COMMIT"
        yield _error(catalog, where, f"build.context {context!r} is not a repository at a commit", fix)


def _error(catalog: Catalog, where: str, what: str, fix: str) -> CatalogError:
    return CatalogError(f"{catalog.path}: [{where}]", what, fix)
