"""The snapshot of published catalogs that a deployment keeps, so that their changes do not affect installed apps.

Layers are *published* (built-in, remotes) or local (system, user, project, overrides). A local change takes effect at
the next call, a published one at an upgrade. Each app comes from one published catalog, and stays with it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.merge import relevant_catalogs

BUNDLE = "bundle"
"""The layer of apps from a bundle; no other published catalog affects them."""

Snapshot = Sequence[Any]
"""Layer, path and tables of each published catalog, reduced to what one app needs; plain values, for JSON."""


def take_snapshot(catalogs: Iterable[Catalog], name: str) -> tuple[Any, ...]:
    """Return the snapshot of the published *catalogs* for the app *name* and the apps that it extends."""
    every = tuple(catalogs)
    names = _needed_apps(every, name)
    return tuple([each.layer, each.path, _reduce(each, names[at])] for at, each in enumerate(every) if at in names)


def with_snapshot(catalogs: Iterable[Catalog], snapshot: Snapshot) -> tuple[Catalog, ...]:
    """Return the local *catalogs* with *snapshot* in place of the published ones, lowest layer first."""
    published = [Catalog(str(layer), str(path), "", dict(tables)) for layer, path, tables in snapshot]
    local = [each for each in catalogs if not each.is_published]
    return tuple(sorted((*published, *local), key=lambda each: each.rank))


def source_layers(catalogs: Iterable[Catalog], name: str) -> tuple[str, ...]:
    """Return the layers that the app *name* can be installed from, lowest first."""
    return tuple(each.layer for each in catalogs if each.is_source and name in each.apps)


def source_of(snapshot: Snapshot, name: str) -> str:
    """Return the published layer that the app *name* in *snapshot* comes from, "" if there is none."""
    return next(iter(source_layers(with_snapshot((), snapshot), name)), "")


def select_source(catalogs: Iterable[Catalog], layer: str, names: Iterable[str]) -> tuple[Catalog, ...]:
    """Return *catalogs* with the apps *names* removed from every source except *layer*."""
    apps = {*names}
    return tuple(
        each if not each.is_source or each.layer == layer or not apps & each.apps.keys() else _without(each, apps)
        for each in catalogs
    )


def keep_sources(catalogs: Iterable[Catalog], snapshot: Snapshot) -> tuple[Catalog, ...]:
    """Return *catalogs* for an upgrade of the app with this *snapshot*, lowest layer first.

    Each app in the snapshot stays with its source. The snapshot of a bundle or a project is still used, because there
    is no newer version of it.
    """
    found = tuple(catalogs)
    for each in with_snapshot((), snapshot):
        if each.is_source:
            found = select_source(found, each.layer, each.apps)
        if each.layer == BUNDLE or not each.is_source:
            found = (*(other for other in found if other.layer != each.layer), each)
    return tuple(sorted(found, key=lambda each: each.rank))


def _needed_apps(catalogs: Sequence[Catalog], name: str) -> dict[int, set[str]]:
    """Return, by index of the published catalog, the apps that *name* needs: itself and those it extends."""
    found: dict[int, set[str]] = {}
    seen: set[tuple[str, int]] = set()
    pending = [(name, -1)]  # -1: any relevant catalog, because the user's own catalog may extend apps of every file
    while pending:
        app, within = pending.pop()
        if (app, within) in seen:
            continue
        seen.add((app, within))
        for at, each in relevant_catalogs(catalogs, app) if within < 0 else [(within, catalogs[within])]:
            if app not in each.apps:
                continue
            if each.is_published:
                found.setdefault(at, set()).add(app)
            if isinstance(base := _base(each.apps[app]), str):
                pending.append((base, -1 if each.layer == "user" else at))
    return found


def _base(table: Any) -> Any:
    return table.get("extends") if isinstance(table, dict) else None


def _without(catalog: Catalog, names: set[str]) -> Catalog:
    apps = {name: table for name, table in catalog.apps.items() if name not in names}
    return catalog._replace(tables=catalog.tables | {"apps": apps})


def _reduce(catalog: Catalog, names: set[str]) -> dict[str, Any]:
    apps = {name: table for name, table in catalog.apps.items() if name in names}
    defaults = {"defaults": catalog.tables["defaults"]} if "defaults" in catalog.tables else {}
    return {"schema": catalog.tables["schema"], **defaults, "apps": apps}
