"""Restrictions on published catalogs: no keys, names and files that mean something else on another machine."""

import re
from collections.abc import Iterator
from typing import Any

from launcher.core.catalog.catalog_file import Catalog
from launcher.errors import CatalogError

FORBIDDEN = {
    "env_file": "write the variables under 'environment'",
    "allow_shadow": "leave it out: each user decides that",
}
"""Keys that are only allowed in a user's or a project's catalog, and what to do instead."""
BUILD_KEYS = ("dockerfile_inline", "context", "args", "target", "platforms", "pull", "no_cache")
"""The keys that `build` may have; a context must be a git or https URL with a commit."""

_CONTEXT = re.compile(r"(?:https://|git@|ssh://)\S+#[0-9a-f]{40}(?::\S*)?")


def refuse_violations(catalog: Catalog) -> None:
    """Raise `CatalogError` for the first thing in *catalog* that is not allowed in a published catalog."""
    for error in violations(catalog):
        raise error


def violations(catalog: Catalog) -> Iterator[CatalogError]:
    """Yield an error for everything that is not allowed in a published catalog; `check` finds invalid values."""
    yield from _table_violations(catalog, "defaults", catalog.tables.get("defaults", {}))
    for name, table in catalog.apps.items():
        where = f"apps.{name}"
        if isinstance(table, str):
            yield from _image_violations(catalog, where, table)
        elif isinstance(table, dict):
            yield from _table_violations(catalog, where, table)
            commands = table.get("commands")
            for command, keys in commands.items() if isinstance(commands, dict) else ():
                if isinstance(keys, dict):
                    yield from _table_violations(catalog, f"{where}.commands.{command}", keys)


def is_qualified(image: str) -> bool:
    """Tell whether *image* begins with a registry, so that it means the same image on every machine and engine."""
    first, slash, _ = image.partition("/")
    return bool(slash) and ("." in first or ":" in first or first == "localhost")


def _table_violations(catalog: Catalog, where: str, table: dict[str, Any]) -> Iterator[CatalogError]:
    for key, value in table.items():
        if key in FORBIDDEN:
            yield _error(catalog, where, f"{key!r} is not allowed in a published catalog", FORBIDDEN[key])
        elif key == "runtime" and value == "bubblewrap":
            what = "runtime = 'bubblewrap' is not allowed in a published catalog"
            yield _error(catalog, where, what, "leave it out: each user decides that")
        elif key == "image" and isinstance(value, str):
            yield from _image_violations(catalog, where, value)
        elif key == "build" and isinstance(value, (str, dict)):
            yield from _build_violations(catalog, where, {"context": value} if isinstance(value, str) else value)


def _image_violations(catalog: Catalog, where: str, image: str) -> Iterator[CatalogError]:
    if not is_qualified(image):
        what = f"image {image!r} is a short name, which is not allowed in a published catalog"
        yield _error(catalog, where, what, f"write docker.io/{image if '/' in image else f'library/{image}'}")


def _build_violations(catalog: Catalog, where: str, build: dict[str, Any]) -> Iterator[CatalogError]:
    for key in build:
        if key not in BUILD_KEYS:
            yield _error(catalog, where, f"build.{key} is not allowed in a published catalog", f"use {BUILD_KEYS[0]}")
    context = build.get("context")
    if context is not None and not (isinstance(context, str) and _CONTEXT.fullmatch(context)):
        fix = "write https://HOST/REPOSITORY.git#COMMIT"
        yield _error(catalog, where, f"build.context {context!r} is not a repository at a commit", fix)


def _error(catalog: Catalog, where: str, what: str, fix: str) -> CatalogError:
    return CatalogError(f"{catalog.path}: [{where}]", what, fix)
