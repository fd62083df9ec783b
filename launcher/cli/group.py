"""Groups of commands: synonyms, order of the list, and what a call without a command does."""

from typing import Any

import typer
from typer._click.exceptions import UsageError
from typer._click.shell_completion import CompletionItem
from typer.core import TyperGroup

from launcher.errors import UserError

SYNONYMS = {
    "install": "add",
    "rm": "remove",
    "uninstall": "remove",
    "ls": "list",
    "update": "upgrade",
}
"""Names of other tools for our commands."""

_LONGEST = 200  # characters


class Group(TyperGroup):
    """A group that accepts synonyms and lists its commands in the order of their definition."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Show the help if no command is given, unless a shell completes the line."""
        return super().parse_args(ctx, args if args or ctx.resilient_parsing else ["--help"])

    def invoke(self, ctx: Any) -> Any:
        """Run the given command; use its name as the place of an error that has none."""
        try:
            return super().invoke(ctx)
        except UserError as error:
            error.where = error.where or self._context_of_command(ctx).command_path.removeprefix("applaunch ")
            raise
        except UsageError as error:
            error.ctx = error.ctx or self._context_of_command(ctx)
            raise

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of that name or synonym."""
        return super().get_command(ctx, cmd_name) or super().get_command(ctx, SYNONYMS.get(cmd_name, ""))

    def lines(self, ctx: Any) -> list[tuple[str, str]]:
        """Return the name of each command and its line."""
        known = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        return [(name, command.get_short_help_str(_LONGEST).partition(";")[0].rstrip(".")) for name, command in known]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands to the help."""
        with formatter.section("Commands"):
            formatter.write_dl(self.lines(ctx))

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Return the completions of *incomplete*."""
        found = [(name, line) for name, line in self.lines(ctx) if name.startswith(incomplete)]
        return [CompletionItem(name, help=line) for name, line in found] or super().shell_complete(ctx, incomplete)

    def _context_of_command(self, ctx: Any) -> Any:
        """Return a context of the given command, under its own name even if a synonym was typed."""
        command = self.get_command(ctx, ctx.invoked_subcommand)
        return command.context_class(command, info_name=command.name, parent=ctx)


class Listing(Group):
    """A group that runs its ``list`` if no command is given."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Insert ``list`` if there is no command."""
        alone = not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names)
        if alone and not ctx.resilient_parsing:
            args = ["list", *args]
        return super().parse_args(ctx, args)


def group(words: str, *, cls: type[Group] = Group) -> typer.Typer:
    """Return a new group of commands, described by *words*."""
    return typer.Typer(cls=cls, help=words, rich_markup_mode=None)
