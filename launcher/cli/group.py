"""Groups of commands: listed in the order they are written, with the synonyms of other tools."""

from typing import Any

import typer
from typer.core import TyperGroup

SYNONYMS = {
    "install": "add",
    "rm": "remove",
    "uninstall": "remove",
    "ls": "list",
    "update": "upgrade",
}
"""Other tools' words for our commands."""

_LINE = 80  # characters


class Group(TyperGroup):
    """A group that knows the synonyms, and lists its commands in the order they were written."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of that name, or the one it is a synonym of."""
        return super().get_command(ctx, cmd_name) or super().get_command(ctx, SYNONYMS.get(cmd_name, ""))

    def lines(self, ctx: Any) -> list[tuple[str, str]]:
        """Return each command's name with the line about it."""
        known = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        return [(name, command.get_short_help_str(_LINE)) for name, command in known]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands into a help."""
        with formatter.section("Commands"):
            formatter.write_dl(self.lines(ctx))

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Return what a shell may put in the place of *incomplete*."""
        from typer._click.shell_completion import CompletionItem  # noqa: PLC0415  only while a shell completes

        found = [(name, line) for name, line in self.lines(ctx) if name.startswith(incomplete)]
        return [CompletionItem(name, help=line) for name, line in found] or super().shell_complete(ctx, incomplete)


def group(words: str, *, cls: type[Group] = Group) -> typer.Typer:
    """Return a new group of commands, which *words* are about."""
    listing = cls is not Group  # it does something of its own where it is called alone
    return typer.Typer(cls=cls, help=words, no_args_is_help=not listing, rich_markup_mode=None)
