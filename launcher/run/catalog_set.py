"""The catalogs of this machine and this user, lowest first, and the settings: read from where they are kept."""

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
    """All that a launch is compiled from."""

    catalogs: tuple[Catalog, ...]
    settings: Settings
    remotes: tuple[Remote, ...] = ()
    """Those whose catalogs are among them or could be, the lowest priority first."""

    def tied(self, app: str) -> tuple[str, ...]:
        """Return the remotes of the highest priority that have the *app*; more than one is a tie."""
        found = {*source_layers(self.catalogs, app)}
        having = [each for each in self.remotes if each.name in found]
        return tuple(each.name for each in having if each.priority == having[-1].priority)

    def heard_by(self, kept: Snapshot) -> Self:
        """Return what an app listens to when it is upgraded, whose deployment *kept* that of published catalogs."""
        return self._replace(catalogs=keep_sources(self.catalogs, kept))


def catalog_paths(places: Places, *, published: bool = True) -> tuple[tuple[str, str], ...]:
    """Return layer and path of every catalog file of this machine that exists or would count if it did, lowest first.

    Those of remotes are not among them. Without the *published* ones it is what an installed app still listens to
    (`launcher.core.catalog.published_snapshot`).
    """
    others = [(BUILT_IN, package_file("catalog.toml"))] if published else []
    system = [("system", path) for path in _in_folder(places.system)]
    user = [("user", path) for path in _in_folder(places.config)]
    overrides = [("override", path) for path in _tomls(places.overrides)]
    return (*others, *system, *user, *overrides)


def watched_paths(places: Places, *, published: bool = True) -> tuple[str, ...]:
    """Return the paths whose `stat` tells that something was edited: every file, and the folders that hold them."""
    folders = [*(f"{folder}/catalog.d" for folder in (places.system, places.config)), places.overrides]
    own = (*(path for _, path in catalog_paths(places, published=published)), *folders, places.settings)
    if not published:
        return own
    from launcher.run import remote_catalogs  # noqa: PLC0415  an installed app listens to no remote

    return (*own, *remote_catalogs.watched_remote_paths(places))


def read_catalogs(places: Places, home: str, *, published: bool = True) -> CatalogSet:
    """Read every catalog; raises `CatalogError` for one that cannot be followed, `HostError` for one unreadable."""
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
    from launcher.run import remote_catalogs  # noqa: PLC0415  as above

    remotes = remote_catalogs.read_remotes(places)
    copies = [remote_catalogs.read_catalog(places, remote.name) for remote in remotes if remote.enabled]
    every = sorted((*found, *filter(None, copies)), key=lambda each: each.rank)
    return CatalogSet(tuple(every), chosen, remotes)


def read_catalog_text(layer: str, path: str, home: str) -> str | None:
    """Return the text of a catalog file, None where there is none.

    Raises `HostError` where it cannot be read, or is the user's own and another user could have written it.
    """
    return strict_read.read(path, home) if layer in ("user", "override") else files.read(path)


def display_path(path: str, home: str) -> str:
    """Return *path* as people write it, ``~`` for their home."""
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
