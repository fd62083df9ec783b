"""What catalogs of others would have an app do, whatever the user's own say of it."""

from collections.abc import Sequence

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.entry import CatalogEntry
from launcher.core.catalog.merge import resolve


def catalog_entries(catalogs: Sequence[Catalog], name: str, image: str) -> list[tuple[CatalogEntry, bool]]:
    """Return the entries of the app *name* as *catalogs*, lowest first, alone have them; none if none of them has it.

    Each comes with whether its image is built here. It runs in *image* where they name none.
    """
    if not any(name in each.apps for each in catalogs):
        return []
    app = resolve(catalogs, name)
    built = "build" in app.keys
    if not built and "image" not in app.keys:
        app = app._replace(keys={**app.keys, "image": image})
    return [(app.entry(command), built) for command in app.command_names]
