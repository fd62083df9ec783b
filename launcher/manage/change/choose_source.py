"""Choosing the published catalog that an app comes from: the requested one, or the highest that has the app."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, NoReturn

from launcher.core.catalog.published_snapshot import select_source, source_layers
from launcher.core.values.names import did_you_mean
from launcher.errors import NotFoundError, UsageError
from launcher.manage.context import Context
from launcher.run.catalog_set import CatalogSet
from launcher.run.remote_catalogs import refuse_new


class RequestedApp(NamedTuple):
    """An app as it was typed: ``team/ffmpeg`` or ``ffmpeg``."""

    source: str
    """The layer that it must come from; empty if any will do."""
    app: str


Choose = Callable[[str, Sequence[str]], str]
"""Given an app and the remotes of equal priority that have it, return one of them."""


def parse_requested_app(text: str) -> RequestedApp:
    """Parse an app as it was typed."""
    source, slash, app = text.rpartition("/")
    return RequestedApp(source if slash else "", app)


def choose_source(context: Context, catalog_set: CatalogSet, wanted: RequestedApp, choose: Choose) -> str:
    """Return the layer that a new app comes from, "" if no published catalog has it.

    Raises `NotFoundError` if the requested source does not have it, `UsageError` if two remotes have the same priority
    and nobody can choose, and `RemoteError` if no new apps may come from that remote.
    """
    if wanted.source:
        restrict_to_source(catalog_set, wanted)
    chosen = wanted.source or _highest(catalog_set, wanted.app, choose)
    remote = next((each for each in catalog_set.remotes if each.name == chosen), None)
    if remote:
        refuse_new(context.places, remote, context.now)
    return chosen


def refuse_to_choose(app: str, layers: Sequence[str]) -> NoReturn:
    """Refuse to choose between *layers*; raises `UsageError`."""
    fix = f"say which: {' or '.join(f'applaunch add {layer}/{app}' for layer in layers)}"
    raise UsageError(app, f"{' and '.join(layers)} have an app of that name, with the same priority", fix)


def restrict_to_source(catalog_set: CatalogSet, wanted: RequestedApp) -> CatalogSet:
    """Return *catalog_set*, with the app restricted to the requested source, if any; raises `NotFoundError`."""
    if not wanted.source:
        return catalog_set
    if wanted.source not in source_layers(catalog_set.catalogs, wanted.app):
        _refuse(catalog_set, wanted)
    return catalog_set._replace(catalogs=select_source(catalog_set.catalogs, wanted.source, (wanted.app,)))


def _highest(catalog_set: CatalogSet, app: str, choose: Choose) -> str:
    if len(equal := catalog_set.tied(app)) > 1:
        return choose(app, equal)
    return next(reversed(source_layers(catalog_set.catalogs, app)), "")


def _refuse(catalog_set: CatalogSet, wanted: RequestedApp) -> NoReturn:
    catalog = next((each for each in catalog_set.catalogs if each.is_published and each.layer == wanted.source), None)
    if catalog:
        fix = did_you_mean(wanted.app, catalog.apps, f"applaunch search {wanted.app}")
        raise NotFoundError(f"{wanted.source}/{wanted.app}", "the catalog has no such app", fix)
    for remote in catalog_set.remotes:
        if remote.name == wanted.source:
            fix = f"applaunch remote modify {remote.name} --enable"
            fix = f"applaunch remote update {remote.name}" if remote.enabled else fix
            raise NotFoundError(f"{wanted.source}/{wanted.app}", "no catalog of that remote is in use", fix)
    fix = did_you_mean(wanted.source, [each.name for each in catalog_set.remotes], "applaunch remote list shows them")
    raise NotFoundError(f"{wanted.source}/{wanted.app}", f"there is no remote {wanted.source!r}", fix)
