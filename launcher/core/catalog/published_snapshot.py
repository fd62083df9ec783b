"""What catalogs of others said of an app when it was deployed: kept, so that an edit there changes nothing that runs.

Layers are *published* (built-in, remotes) or local (system, user, project, overrides). A local edit counts at the next
call; a published one when somebody upgrades. Each app comes from one published catalog, and stays with it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.merge import counting

BUNDLE = "bundle"
"""The layer of what came in a bundle: an app from there listens to no other published catalog."""

Published = Sequence[Any]
"""Layer, path and tables of each published catalog, cut down to what an app needs; plain, for JSON."""


def published(catalogs: Iterable[Catalog], name: str) -> tuple[Any, ...]:
    """Return what the published ones of *catalogs* say of the app *name*, and of those that it extends."""
    every = tuple(catalogs)
    names = _family(every, name)
    return tuple([each.layer, each.path, _cut(each, names[at])] for at, each in enumerate(every) if at in names)


def combined(catalogs: Iterable[Catalog], kept: Published) -> tuple[Catalog, ...]:
    """Return the local ones of *catalogs* with what was *kept* in the place of the published ones, lowest first."""
    thawed = [Catalog(str(layer), str(path), "", dict(tables)) for layer, path, tables in kept]
    local = [each for each in catalogs if not each.is_published]
    return tuple(sorted((*thawed, *local), key=lambda each: each.rank))


def sources(catalogs: Iterable[Catalog], name: str) -> tuple[str, ...]:
    """Return the layers of those of *catalogs* that the app *name* may come from, lowest first."""
    return tuple(each.layer for each in catalogs if each.is_source and name in each.apps)


def source_of(kept: Published, name: str) -> str:
    """Return the layer that the app *name* was *kept* from, "" where it is from no published catalog."""
    return next(iter(sources(combined((), kept), name)), "")


def taken_from(catalogs: Iterable[Catalog], layer: str, names: Iterable[str]) -> tuple[Catalog, ...]:
    """Return *catalogs* where the apps *names* come from that of *layer*, whoever else has them."""
    gone = {*names}
    return tuple(
        each if not each.is_source or each.layer == layer or not gone & each.apps.keys() else _without(each, gone)
        for each in catalogs
    )


def settled(catalogs: Iterable[Catalog], kept: Published) -> tuple[Catalog, ...]:
    """Return *catalogs* as an app listens to them of which this was *kept*, lowest first.

    Each app that was kept comes from the catalog that it came from then. What a bundle or a project said then goes on:
    nothing newer of those is at hand.
    """
    found = tuple(catalogs)
    for each in combined((), kept):
        if each.is_source:
            found = taken_from(found, each.layer, each.apps)
        if each.layer == BUNDLE or not each.is_source:
            found = (*(other for other in found if other.layer != each.layer), each)
    return tuple(sorted(found, key=lambda each: each.rank))


def _family(catalogs: Sequence[Catalog], name: str) -> dict[int, set[str]]:
    """Return, by the places of published catalogs, which apps *name* needs of each: itself and those it extends."""
    found: dict[int, set[str]] = {}
    seen: set[tuple[str, int]] = set()
    wanted = [(name, -1)]  # -1: in whichever catalog counts; the user's own may extend what every other file has
    while wanted:
        app, within = wanted.pop()
        if (app, within) in seen:
            continue
        seen.add((app, within))
        for at, each in counting(catalogs, app) if within < 0 else [(within, catalogs[within])]:
            if app not in each.apps:
                continue
            if each.is_published:
                found.setdefault(at, set()).add(app)
            if isinstance(base := _base(each.apps[app]), str):
                wanted.append((base, -1 if each.layer == "user" else at))
    return found


def _base(table: Any) -> Any:
    return table.get("extends") if isinstance(table, dict) else None


def _without(catalog: Catalog, names: set[str]) -> Catalog:
    apps = {name: table for name, table in catalog.apps.items() if name not in names}
    return catalog._replace(tables=catalog.tables | {"apps": apps})


def _cut(catalog: Catalog, names: set[str]) -> dict[str, Any]:
    apps = {name: table for name, table in catalog.apps.items() if name in names}
    defaults = {"defaults": catalog.tables["defaults"]} if "defaults" in catalog.tables else {}
    return {"schema": catalog.tables["schema"], **defaults, "apps": apps}
