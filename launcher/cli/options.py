"""Options and arguments that several commands share, and their shell completion."""

from typing import Annotated

import typer

from launcher.core.catalog.key_parsers import RUNTIMES
from launcher.core.catalog.merge import app_names
from launcher.manage.context import Context


def installed_names(incomplete: str) -> list[str]:
    """Return the installed apps whose names start with *incomplete*."""
    return [name for name in Context.open().record.deployed() if name.startswith(incomplete)]


def known_names(incomplete: str) -> list[str]:
    """Return the apps of the catalogs whose names start with *incomplete*; after ``team/`` those of that remote."""
    catalogs = Context.open().read_catalogs().catalogs
    layer, slash, _ = incomplete.rpartition("/")
    if slash:
        names = [
            f"{layer}/{name}" for each in catalogs if each.is_published and each.layer == layer for name in each.apps
        ]
    else:
        names = app_names(catalogs)
    return [name for name in names if name.startswith(incomplete)]


def own_names(incomplete: str) -> list[str]:
    """Return the apps of the user's own catalog.toml whose names start with *incomplete*."""
    context = Context.open()
    shown = context.shown(context.places.user_catalog)
    own = [each for each in context.read_catalogs().catalogs if each.path == shown]
    return [name for each in own for name in each.apps if name.startswith(incomplete)]


def _runtimes(incomplete: str) -> list[str]:
    return [word for word in RUNTIMES if word.startswith(incomplete)]


Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("-y", "--yes", help="Do not ask.")]
Critical = Annotated[
    list[str] | None,
    typer.Option("--allow-critical", metavar="APP", help="Allow critical permissions of this app; repeatable."),
]
Runtime = Annotated[
    str, typer.Option(metavar="WAY", autocompletion=_runtimes, help="How it runs: auto, engine or bubblewrap.")
]
Known = Annotated[str, typer.Argument(metavar="NAME", autocompletion=known_names, help="An app or a command.")]
KnownWithTag = Annotated[
    str,
    typer.Argument(metavar="NAME", autocompletion=known_names, help="An app or a command, NAME@TAG or REMOTE/NAME."),
]
Installed = Annotated[
    str, typer.Argument(metavar="NAME", autocompletion=installed_names, help="An installed app or its command.")
]
