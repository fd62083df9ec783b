"""A project's catalog: whether it needs somebody's trust."""

from collections.abc import Sequence
from typing import Any

from launcher.core.catalog import Catalog
from launcher.core.layers import resolve
from launcher.core.reference import repo_of
from launcher.errors import CatalogError, NotFound


def only_pins(project: Catalog, others: Sequence[Catalog]) -> bool:
    """Tell whether *project* does no more than name another tag or digest of images that *others* name, too."""
    if project.tables.get("defaults"):
        return False
    return all(_only_pins(app, table, others) for app, table in project.apps.items())


def _only_pins(app: str, table: Any, others: Sequence[Catalog]) -> bool:
    image = table if isinstance(table, str) else table.get("image") if isinstance(table, dict) else None
    if not isinstance(image, str) or (isinstance(table, dict) and set(table) != {"image"}):
        return False
    try:
        known = resolve(others, app).keys.get("image", "")
    except (NotFound, CatalogError):
        return False
    return bool(known) and repo_of(known) == repo_of(image)
