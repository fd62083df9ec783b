"""The permissions of installed apps, and the layer that sets each."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from launcher.core.catalog.merge import ResolvedApp, resolve
from launcher.core.catalog.published_snapshot import with_snapshot
from launcher.core.deploy.record import find_app
from launcher.errors import NotFoundError
from launcher.manage.context import Context
from launcher.manage.query import search
from launcher.run.grants import derive_entry_grants


class AppPermission(NamedTuple):
    """One permission of one command."""

    app: str
    command: str
    risk: str
    words: str
    key: str
    value: Any  # the value in the entry
    layer: str  # "default" if no catalog sets it


def list_permissions(context: Context, names: Sequence[str]) -> list[AppPermission]:
    """Return the permissions of the apps *names*, or of all installed apps; raises `NotFoundError`.

    An app that is not installed is shown as the catalogs define it.
    """
    deployed = context.deployed()
    found: list[AppPermission] = []
    for name in names or deployed:
        try:
            known = find_app(deployed, name)
            app = resolve(with_snapshot(context.read_catalogs(published=False).catalogs, known.published), known.app)
        except NotFoundError:
            app = search.find_catalog_app(context, name)
        found += _of(context, app)
    return found


def _of(context: Context, app: ResolvedApp) -> list[AppPermission]:
    found = []
    for command in tuple(app.commands) or (app.name,):
        entry = app.entry(command)
        for risk, words, key, _ in derive_entry_grants(entry, context.call, built="build" in app.keys):
            value = entry._asdict().get(key)
            found.append(AppPermission(app.name, command, risk, words, key, value, _layer(app, command, key)))
    return found


def _layer(app: ResolvedApp, command: str, key: str) -> str:
    own = key in app.commands.get(command, {})
    return app.origins.get(f"commands.{command}.{key}" if own else key, "default")
