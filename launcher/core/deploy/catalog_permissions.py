"""The entries of an app in some catalogs only, for comparing permissions without the user's own changes."""

from collections.abc import Sequence

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.entry import CatalogEntry
from launcher.core.catalog.merge import resolve


def catalog_entries(catalogs: Sequence[Catalog], name: str, image: str) -> list[tuple[CatalogEntry, bool]]:
    """Return the entries of the app *name* merged from *catalogs* only, lowest layer first; [] if they do not have it.

    The second item tells whether the image is built on this machine. *image* is used if the catalogs name none.
    """
    if not any(name in each.apps for each in catalogs):
        return []
    app = resolve(catalogs, name)
    built = "build" in app.keys
    if not built and "image" not in app.keys:
        app = app._replace(keys={**app.keys, "image": image})
    return [(app.entry(command), built) for command in app.command_names]
