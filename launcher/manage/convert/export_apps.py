"""Exporting apps as aliases, docker run lines or a compose file."""

from collections.abc import Sequence
from typing import Any

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.exports.compose_file import build_compose_file
from launcher.core.exports.export_text import Exported, export_command, to_lines
from launcher.core.exports.shell_quote import Shell
from launcher.core.imports.docker.option_values import Caller
from launcher.errors import NotFoundError, printable
from launcher.manage.context import Context
from launcher.manage.query.search import find_catalog_app
from launcher.run.lookup import find_command

FORMATS = ("docker-run", "alias", "compose")
SHELLS: tuple[Shell, ...] = ("sh", "bash", "zsh", "fish")


def export(context: Context, names: Sequence[str], form: str, shell: Shell) -> tuple[list[str], list[Exported]]:
    """Return the lines for the apps *names*, or for all installed apps, and the part of each command.

    Raises `NotFoundError`.
    """
    entries = _entries(context, names)
    if form != "compose":
        found = [export_command(name, entry, shell, is_alias=form == "alias") for name, entry in entries.items()]
        return to_lines(found, shell, is_alias=form == "alias"), found
    file, unsaid = build_compose_file(entries, Caller(context.call.home, context.call.uid, context.call.gid))
    parts = [
        Exported(entries[name].app, name, _yaml({name: table}), unsaid[name])
        for name, table in file["services"].items()
    ]
    comments = [f"# [{part.name}] not said: {printable(what)}" for part in parts for what in part.unsaid]
    return [*comments, *_yaml(file).rstrip("\n").split("\n")], parts


def _entries(context: Context, names: Sequence[str]) -> dict[str, CatalogEntry]:
    """Return the entry of each command, the main command of an app first."""
    deployed = context.record.deployed()
    if not names and not deployed:
        raise NotFoundError("", "no apps are installed", "name an app of the catalogs: applaunch export APP")
    commands = [
        command
        for name in dict.fromkeys(names or deployed)
        for command in (
            [each.name for each in deployed[name].commands] if name in deployed else _commands(context, name)
        )
    ]
    return {name: find_command(name, context.places, context.call.home).entry for name in dict.fromkeys(commands)}


def _commands(context: Context, name: str) -> tuple[str, ...]:
    """Return the commands of the app *name*, or the command of that name alone."""
    app = find_catalog_app(context, name)
    return app.command_names if app.name == name else (name,)


def _yaml(value: Any) -> str:
    import yaml  # noqa: PLC0415  only for a compose file

    said: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=_WIDTH)
    if all(printable(row) == row for row in said.split("\n")):
        return said
    return str(yaml.safe_dump(value, sort_keys=False, width=_WIDTH))  # every letter that is not ASCII as an escape


_WIDTH = 1000  # characters
