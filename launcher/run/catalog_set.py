"""Reads the catalogs of this machine and user, in the order of their layers, and the settings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, Self

from launcher.core.catalog.catalog_file import BUILT_IN, Catalog
from launcher.core.catalog.published_snapshot import Snapshot, keep_sources, source_layers
from launcher.core.catalog.settings import Settings
from launcher.errors import HostError
from launcher.host import files, strict_read
from launcher.host.locations import Places, package_file

if TYPE_CHECKING:
    from launcher.core.remotes.remote import Remote


class CatalogSet(NamedTuple):
    """All that a launch file is compiled from."""

    catalogs: tuple[Catalog, ...]
    settings: Settings
    remotes: tuple[Remote, ...] = ()
    """The configured remotes, the lowest priority first."""

    def tied(self, app: str) -> tuple[str, ...]:
        """Return the remotes of the highest priority that have the *app*; more than one is a tie."""
        found = {*source_layers(self.catalogs, app)}
        having = [each for each in self.remotes if each.name in found]
        return tuple(each.name for each in having if each.priority == having[-1].priority)

    def heard_by(self, kept: Snapshot) -> Self:
        """Return the catalogs for an upgrade of an app: published ones only from where its deployment *kept* them."""
        return self._replace(catalogs=keep_sources(self.catalogs, kept))


def catalog_paths(places: Places, *, published: bool = True) -> tuple[tuple[str, str], ...]:
    """Return layer and path of every catalog file of this machine, the lowest layer first, whether it exists or not.

    Catalogs of remotes are not included. Without *published*, only the files that an installed app follows
    (`launcher.core.catalog.published_snapshot`).
    """
    others = [(BUILT_IN, package_file("catalog.toml"))] if published else []
    system = [("system", path) for path in _in_folder(places.system)]
    user = [("user", path) for path in _in_folder(places.config)]
    overrides = [("override", path) for path in _tomls(places.overrides)]
    return (*others, *system, *user, *overrides)


def watched_paths(places: Places, *, published: bool = True) -> tuple[str, ...]:
    """Return the paths whose `stat` shows that a catalog or setting was edited: the files and their folders."""
    folders = [*(f"{folder}/catalog.d" for folder in (places.system, places.config)), places.overrides]
    own = (*(path for _, path in catalog_paths(places, published=published)), *folders, places.settings)
    if not published:
        return own
    from launcher.run import remote_catalogs  # noqa: PLC0415  an installed app follows no remote

    return (*own, *remote_catalogs.watched_remote_paths(places))


def read_catalogs(places: Places, home: str, *, published: bool = True) -> CatalogSet:
    """Read the catalogs and settings; raises `CatalogError` for an invalid one, `HostError` for an unreadable one."""
    found = []
    for layer, path in catalog_paths(places, published=published):
        text = read_catalog_text(layer, path, home)
        if text is None and layer == BUILT_IN:
            raise HostError(path, "the built-in catalog is missing", "install applaunch again")
        if text is not None:
            found.append(Catalog.parse(text, layer, display_path(path, home)))
    settings = strict_read.read(places.settings, home)
    chosen = Settings() if settings is None else Settings.parse(settings, display_path(places.settings, home))
    if not published:
        return CatalogSet(tuple(found), chosen)
    from launcher.run import remote_catalogs  # noqa: PLC0415  an installed app follows no remote

    remotes = remote_catalogs.read_remotes(places)
    copies = [remote_catalogs.read_catalog(places, remote.name) for remote in remotes if remote.enabled]
    every = sorted((*found, *filter(None, copies)), key=lambda each: each.rank)
    return CatalogSet(tuple(every), chosen, remotes)


def read_catalog_text(layer: str, path: str, home: str) -> str | None:
    """Return the text of a catalog file, None if there is none.

    Raises `HostError` if it cannot be read, or if it is the user's own and another user could have written it.
    """
    return strict_read.read(path, home) if layer in ("user", "override") else files.read(path)


def display_path(path: str, home: str) -> str:
    """Return *path* with ``~`` for the home."""
    return f"~{path[len(home) :]}" if home != "/" and path.startswith(home + "/") else path


def _in_folder(folder: str) -> list[str]:
    """Return catalog.toml and then catalog.d/*.toml, sorted: the later one wins."""
    return [f"{folder}/catalog.toml", *_tomls(f"{folder}/catalog.d")]


def _tomls(folder: str) -> list[str]:
    """Return the *.toml of a folder, sorted."""
    try:
        return [f"{folder}/{name}" for name in sorted(os.listdir(folder)) if name.endswith(".toml")]
    except OSError:
        return []
