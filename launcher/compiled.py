"""What a launch reads: an entry merged over all catalogs, and the settings, in one small file for each command."""

from launcher import catalogs
from launcher.core.layers import Resolved, owner_of, resolve
from launcher.host.places import Places
from launcher.state.current import Current, stamp


def compiled(name: str, before: Current | None, places: Places, home: str) -> Current:
    """Return what *name* stands for now; it stays on the image *before* had, unless the catalog names another.

    Raises `NotFound` where no catalog knows the name, `CatalogError` where one cannot be followed.
    """
    sources = stamp(catalogs.watched(places))
    shelf = catalogs.read(places, home)
    app = resolve(shelf.catalogs, before.app) if before else owner_of(shelf.catalogs, name)
    fresh = current_of(name, app, shelf)._replace(sources=sources)
    if before is None or before.image != fresh.image:
        return fresh
    return fresh.held_on(before.pin)._replace(commands=before.commands)


def current_of(name: str, app: Resolved, shelf: catalogs.Shelf) -> Current:
    """Return the launch file of the command *name* of *app*, held on no image yet."""
    chosen = shelf.settings
    entry = app.entry(name, chosen.beneath)
    return Current(
        app=app.name,
        command=name,
        entry={
            "entry": entry.to_json(),
            "autostart": chosen.autostart,
            "arguments": chosen.arguments,
            "secrets": chosen.secrets,
            "idle": chosen.warm_idle,
        },
        image=entry.image,
        commands=app.command_names,
    )
