"""What catalogs of others would have an app do, whatever the user's own say of it."""

from collections.abc import Sequence

from launcher.core.call import Invocation
from launcher.core.catalog import Catalog
from launcher.core.layers import resolve
from launcher.core.permissions import Permission, permissions


def wished(catalogs: Sequence[Catalog], name: str, image: str, call: Invocation) -> list[Permission]:
    """Return what *catalogs*, lowest first, alone would grant the app *name*; nothing where none of them has it.

    It runs in *image* where they name none.
    """
    if not any(name in each.apps for each in catalogs):
        return []
    app = resolve(catalogs, name)
    built = "build" in app.keys
    if not built and "image" not in app.keys:
        app = app._replace(keys={**app.keys, "image": image})
    entries = [app.entry(command) for command in app.command_names]
    return [each for entry in entries for each in permissions(entry, call, built=built)]
