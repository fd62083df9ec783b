"""The catalogs of this machine and this user, lowest first, and the settings: read from where they are kept."""

import os
from typing import NamedTuple

from launcher.core.catalog import Catalog
from launcher.core.settings import Settings
from launcher.errors import HostError
from launcher.host import files
from launcher.host.places import Places, built_in


class Shelf(NamedTuple):
    """All that a launch is compiled from."""

    catalogs: tuple[Catalog, ...]
    settings: Settings


def paths(places: Places) -> tuple[tuple[str, str], ...]:
    """Return layer and path of every catalog file that exists or would count if it did, lowest first."""
    system = [("system", path) for path in _in_folder(places.system)]
    user = [("user", path) for path in _in_folder(places.config)]
    return (("built-in", built_in("catalog.toml")), *system, *user)


def watched(places: Places) -> tuple[str, ...]:
    """Return the paths whose `stat` tells that something was edited: every file, and the folders that hold them."""
    folders = [f"{folder}/catalog.d" for folder in (places.system, places.config)]
    return (*(path for _, path in paths(places)), *folders, places.settings)


def read(places: Places, home: str) -> Shelf:
    """Read every catalog; raises `CatalogError` for one that cannot be followed, `HostError` for one unreadable."""
    found = []
    for layer, path in paths(places):
        text = files.read(path)
        if text is None and layer == "built-in":
            raise HostError(path, "the built-in catalog is missing", "install applaunch again")
        if text is not None:
            found.append(Catalog.parse(text, layer, shown(path, home)))
    settings = files.read(places.settings)
    chosen = Settings() if settings is None else Settings.parse(settings, shown(places.settings, home))
    return Shelf(tuple(found), chosen)


def shown(path: str, home: str) -> str:
    """Return *path* as people write it, ``~`` for their home."""
    return f"~{path[len(home) :]}" if home != "/" and path.startswith(home + "/") else path


def _in_folder(folder: str) -> list[str]:
    """Return catalog.toml and then catalog.d/*.toml, sorted: the later one wins."""
    try:
        names = sorted(name for name in os.listdir(f"{folder}/catalog.d") if name.endswith(".toml"))
    except OSError:
        names = []
    return [f"{folder}/catalog.toml", *(f"{folder}/catalog.d/{name}" for name in names)]
