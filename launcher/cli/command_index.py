"""The commands of `applaunch`, in the order its help lists them; each one's module is loaded when it is called."""

from importlib import import_module
from typing import Annotated, Any, NamedTuple

import typer
from typer.main import get_command_from_info, get_group
from typer.models import CommandInfo

from launcher import __version__
from launcher.cli.group import SYNONYMS, Group


class Entry(NamedTuple):
    """Where a command is, and the line about it in the list of all."""

    place: str  # a module of cli/commands/, and the name in it
    line: str  # how the command's own help begins
    takes_a_program: bool = False  # what follows NAME belongs to the program


SECTIONS = {
    "Apps": {
        "add": Entry("apps:add", "Put apps on PATH"),
        "remove": Entry("apps:remove", "Take apps off PATH, and their images"),
        "list": Entry("apps:list_", "List the installed apps"),
        "search": Entry("apps:search", "Find apps in the catalogs"),
        "info": Entry("apps:info", "Show all about an app"),
        "which": Entry("apps:which", "Tell what runs when NAME is typed"),
        "edit": Entry("apps:edit", "Open your catalog in $EDITOR"),
        "tags": Entry("tags:tags", "List the tags of an app's image"),
    },
    "Programs": {
        "run": Entry("run:run", "Run a program, installed or not", takes_a_program=True),
        "shell": Entry("run:shell", "Open a shell where the program runs", takes_a_program=True),
        "runs": Entry("history:runs", "Show the programs that ran, the newest first"),
        "warm": Entry("warm:warm", "The containers that wait for calls of warm apps"),
    },
    "Deployments": {
        "status": Entry("deployments:status", "Show what is deployed"),
        "outdated": Entry("upgrade:outdated", "List the apps that an upgrade would move"),
        "upgrade": Entry("upgrade:upgrade", "Take the newest images and entries of installed apps"),
        "rollback": Entry("rollback:rollback", "Take an app back to the deployment before this one"),
        "rebase": Entry("rollback:rebase", "Take an app to another tag or image"),
        "pin": Entry("rollback:pin", "Hold apps on what they are"),
        "unpin": Entry("rollback:unpin", "Let upgrades move apps again"),
        "keep": Entry("rollback:keep", "Keep a deployment, whatever gc collects"),
        "unkeep": Entry("rollback:unkeep", "Let gc collect a deployment again"),
        "log": Entry("deployments:log", "Show every deployment that an app ever had"),
        "diff": Entry("diff:diff", "Compare two deployments of an app"),
        "history": Entry("history:history", "What was installed, upgraded and removed, by transactions"),
    },
    "Images": {
        "pull": Entry("image_commands:pull", "Have the images of installed apps here"),
        "build": Entry("build:build", "Build the image of an app from its recipe"),
        "du": Entry("image_commands:du", "Show what the images of installed apps cost on disk"),
        "gc": Entry("image_commands:gc", "Remove the images of deployments that nothing holds"),
    },
    "Permissions and names": {
        "permissions": Entry("permissions:permissions", "Show what apps may do"),
        "override": Entry("override:override", "Change or deny what an app may do"),
        "alias": Entry("expose:alias", "Let an app's command answer to another name, too"),
        "prefer": Entry("expose:prefer", "Give an app the names that other installed apps have"),
        "expose": Entry("expose:expose", "Put commands back on PATH"),
        "unexpose": Entry("expose:unexpose", "Take commands off PATH"),
    },
    "Sharing": {
        "import": Entry("import_command:import_", "Read aliases, docker run lines and other tools' files"),
        "export": Entry("export:export", "Print apps as aliases, docker run lines or compose"),
        "bundle": Entry("bundle:bundle", "Apps and their images in one file, for use with no network"),
        "remote": Entry("remote:remote", "Catalogs of others: a team's, a project's"),
        "catalog": Entry("catalog:catalog", "Catalog files, and publishing them"),
        "trust": Entry("project:trust", "Let a project's catalog say what commands are inside it"),
        "untrust": Entry("project:untrust", "Trust a project's catalog no more"),
        "sync": Entry("project:sync", "Make this machine match a project"),
        "lock": Entry("project:lock", "Write the lock of a project"),
    },
    "This machine": {
        "doctor": Entry("machine:doctor", "Look whether everything is in order"),
        "config": Entry("config:config", "The settings of applaunch itself"),
        "engine": Entry("machine:engine", "The container engine, and a private one for you"),
        "ensurepath": Entry("machine:ensurepath", "Put the folder of the shims on PATH"),
        "completion": Entry("complete:completion", "Print the completion script of a shell"),
    },
}
"""The commands, by the headings of the help."""

COMMANDS = {name: entry for section in SECTIONS.values() for name, entry in section.items()}


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

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands into a help, under its headings."""
        del ctx
        wide = max(map(len, COMMANDS))
        for heading, entries in SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(wide), entry.line) for name, entry in entries.items()])


def _loaded(name: str, entry: Entry) -> Any:
    module, _, own = entry.place.partition(":")
    found: Any = getattr(import_module(f"launcher.cli.commands.{module}"), own)
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
