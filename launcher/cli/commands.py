"""The commands of `applaunch`, in the order its help lists them; each one's module is loaded when it is called."""

from importlib import import_module
from typing import Annotated, Any, NamedTuple

import typer
from typer.main import get_command_from_info, get_group
from typer.models import CommandInfo

from launcher import __version__
from launcher.cli.door import SYNONYMS, Group


class Entry(NamedTuple):
    """Where a command is, and the line about it in the list of all."""

    place: str  # a module of this package, and the name in it
    line: str  # how the command's own help begins
    takes_a_program: bool = False  # what follows NAME belongs to the program


COMMANDS = {
    "add": Entry("apps:add", "Put apps on PATH"),
    "remove": Entry("apps:remove", "Take apps off PATH, and their images"),
    "list": Entry("apps:list_", "List the installed apps"),
    "search": Entry("apps:search", "Find apps in the catalogs"),
    "info": Entry("apps:info", "Show all about an app"),
    "which": Entry("apps:which", "Tell what runs when NAME is typed"),
    "edit": Entry("apps:edit", "Open your catalog in $EDITOR"),
    "pull": Entry("images:pull", "Get the newest images of installed apps"),
    "gc": Entry("images:gc", "Remove the images that applaunch pulled and no app needs"),
    "runs": Entry("past:runs", "Show the programs that ran, the newest first"),
    "doctor": Entry("machine:doctor", "Look whether everything is in order"),
    "ensurepath": Entry("machine:ensurepath", "Put the folder of the shims on PATH"),
    "completion": Entry("complete:completion", "Print the completion script of a shell"),
    "run": Entry("running:run", "Run a program, installed or not", takes_a_program=True),
    "shell": Entry("running:shell", "Open a shell where the program runs", takes_a_program=True),
    "warm": Entry("warm:warm", "The containers that wait for calls of warm apps"),
    "history": Entry("past:history", "What was installed, upgraded and removed, by transactions"),
    "catalog": Entry("catalog:catalog", "Catalog files"),
    "config": Entry("config:config", "The settings of applaunch itself"),
    "engine": Entry("machine:engine", "The container engine, and a private one for you"),
}


class Root(Group):
    """All of them by name."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return their names, in the order of help."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of that name, or the one it is a synonym of; its module is loaded now."""
        del ctx
        name = cmd_name if cmd_name in COMMANDS else SYNONYMS.get(cmd_name, "")
        if name in COMMANDS and name not in self.commands:
            self.commands[name] = _loaded(name, COMMANDS[name])
        return self.commands.get(name)

    def lines(self, ctx: Any) -> list[tuple[str, str]]:
        """Return every name with the line about it; no module is loaded for that."""
        del ctx
        return [(name, entry.line) for name, entry in COMMANDS.items()]


def _loaded(name: str, entry: Entry) -> Any:
    module, _, own = entry.place.partition(":")
    found: Any = getattr(import_module(f"launcher.cli.{module}"), own)
    if isinstance(found, typer.Typer):
        group = get_group(found)
        group.name = name
        return group
    settings = {"allow_interspersed_args": False} if entry.takes_a_program else {}
    info = CommandInfo(name=name, callback=found, context_settings=settings)
    return get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)


app = typer.Typer(
    name="applaunch",
    cls=Root,
    help="Command names for container images: type a program's name, and its container runs as if it were native.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich's help says the same, and costs 80 ms of imports
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"applaunch {__version__}")
        raise typer.Exit


@app.callback()
def _applaunch(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Command names for container images: type a program's name, and its container runs as if it were native."""
