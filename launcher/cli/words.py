"""Options and arguments that several commands share, and what a shell completes for them."""

from typing import Annotated

import typer

from launcher.manage.desk import Desk


def installed_names(incomplete: str) -> list[str]:
    """Complete the names of installed apps."""
    return [name for name in Desk.open().record.deployed() if name.startswith(incomplete)]


def known_names(incomplete: str) -> list[str]:
    """Complete the names of all apps in the catalogs."""
    from launcher.core.layers import app_names  # noqa: PLC0415  only while a shell completes

    return [name for name in app_names(Desk.open().shelf().catalogs) if name.startswith(incomplete)]


Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Known = Annotated[str, typer.Argument(metavar="NAME", autocompletion=known_names, help="An app or a command.")]
Installed = Annotated[str, typer.Argument(metavar="NAME", autocompletion=installed_names, help="An installed app.")]
