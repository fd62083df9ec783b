"""The commands of `applaunch` in the order of its help; a command's module is only imported when it is called."""

from importlib import import_module
from typing import Annotated, Any, NamedTuple

import typer
from typer.main import get_command_from_info, get_group
from typer.models import CommandInfo

from launcher import __version__
from launcher.cli.group import SYNONYMS, Group


class Entry(NamedTuple):
    """The place of a command, and its line in the list of all commands."""

    place: str  # a module of cli/commands/ and a name in it
    line: str  # the start of the command's own help
    takes_a_program: bool = False  # the arguments after NAME go to the program


SECTIONS = {
    "Apps": {
        "add": Entry("apps:add", "Install apps"),
        "remove": Entry("apps:remove", "Uninstall apps and remove their images"),
        "list": Entry("apps:list_", "List the installed apps"),
        "search": Entry("apps:search", "Search the catalogs for apps"),
        "info": Entry("apps:info", "Show details of an app"),
        "which": Entry("apps:which", "Show what runs when you type NAME"),
        "edit": Entry("apps:edit", "Edit your catalog in $EDITOR"),
        "tags": Entry("tags:tags", "List the tags of an app's image"),
    },
    "Programs": {
        "run": Entry("run:run", "Run a program, installed or not", takes_a_program=True),
        "shell": Entry("run:shell", "Open a shell in the container of a program", takes_a_program=True),
        "ps": Entry("running:ps", "List the programs that run now"),
        "stop": Entry("running:stop", "Stop programs that run now"),
        "runs": Entry("history:runs", "List the programs that ran"),
        "warm": Entry("warm:warm", "List, prepare and remove warm containers"),
    },
    "Deployments": {
        "status": Entry("deployments:status", "Show the deployments of apps"),
        "outdated": Entry("upgrade:outdated", "List the apps that have an upgrade"),
        "upgrade": Entry("upgrade:upgrade", "Upgrade apps to their newest image and entry"),
        "rollback": Entry("rollback:rollback", "Switch an app to its previous deployment"),
        "rebase": Entry("rollback:rebase", "Switch an app to another tag or image"),
        "pin": Entry("rollback:pin", "Hold apps at their current deployment"),
        "unpin": Entry("rollback:unpin", "Allow upgrades of apps again"),
        "keep": Entry("rollback:keep", "Protect a deployment from gc"),
        "unkeep": Entry("rollback:unkeep", "Allow gc to remove a deployment again"),
        "log": Entry("deployments:log", "List all deployments of an app"),
        "diff": Entry("diff:diff", "Compare two deployments of an app"),
        "history": Entry("history:history", "List, undo and redo transactions"),
    },
    "Images": {
        "pull": Entry("image_commands:pull", "Pull the images of installed apps"),
        "build": Entry("build:build", "Build the image of an app from its recipe"),
        "du": Entry("image_commands:du", "Show the disk usage of images"),
        "gc": Entry("image_commands:gc", "Remove images that no deployment needs"),
    },
    "Permissions and names": {
        "permissions": Entry("permissions:permissions", "Show the permissions of apps"),
        "override": Entry("override:override", "Change or deny permissions of an app"),
        "alias": Entry("expose:alias", "Add another name for a command"),
        "prefer": Entry("expose:prefer", "Give an app the names it shares with other apps"),
        "expose": Entry("expose:expose", "Put commands back on PATH"),
        "unexpose": Entry("expose:unexpose", "Remove commands from PATH"),
    },
    "Sharing": {
        "import": Entry("import_command:import_", "Convert aliases, docker run lines and other files"),
        "export": Entry("export:export", "Print apps as aliases, docker run lines or compose"),
        "bundle": Entry("bundle:bundle", "Export and import apps with their images"),
        "remote": Entry("remote:remote", "Manage remotes: catalogs of other people"),
        "catalog": Entry("catalog:catalog", "Check, sign and publish catalog files"),
        "trust": Entry("project:trust", "Trust the catalog of a project"),
        "untrust": Entry("project:untrust", "Revoke trust in a project"),
        "sync": Entry("project:sync", "Install the apps of a project"),
        "lock": Entry("project:lock", "Lock the images of a project"),
    },
    "This machine": {
        "doctor": Entry("machine:doctor", "Check for problems, and fix them"),
        "config": Entry("config:config", "Show and change settings"),
        "engine": Entry("machine:engine", "Show, start and stop the container engine"),
        "ensurepath": Entry("machine:ensurepath", "Add the folder of the shims to PATH"),
        "completion": Entry("complete:completion", "Print the completion script of a shell"),
    },
}
"""The commands under the headings of the help."""

COMMANDS = {name: entry for section in SECTIONS.values() for name, entry in section.items()}


class Root(Group):
    """All commands by name."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return their names in the order of the help."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of that name or synonym; import its module."""
        del ctx
        name = cmd_name if cmd_name in COMMANDS else SYNONYMS.get(cmd_name, "")
        if name in COMMANDS and name not in self.commands:
            self.commands[name] = _load_command(name, COMMANDS[name])
        return self.commands.get(name)

    def lines(self, ctx: Any) -> list[tuple[str, str]]:
        """Return every name with its line; import no module."""
        del ctx
        return [(name, entry.line) for name, entry in COMMANDS.items()]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands to the help, under its headings."""
        del ctx
        wide = max(map(len, COMMANDS))
        for heading, entries in SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(wide), entry.line) for name, entry in entries.items()])


def _load_command(name: str, entry: Entry) -> Any:
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
    help="Run programs from container images as if they were installed on this machine.",
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
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Run programs from container images as if they were installed on this machine."""
