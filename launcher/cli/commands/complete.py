"""The command completion."""

import sys
from typing import Annotated

import typer

from launcher.cli import output
from launcher.cli.options import Json
from launcher.manage.context import Context
from launcher.manage.machine.completion import SHELLS, completion_script, install_completion


def shells(incomplete: str) -> list[str]:
    """Return the names of shells that start with *incomplete*."""
    return [shell for shell in SHELLS if shell.startswith(incomplete)]


def completion(
    shell: Annotated[str, typer.Argument(metavar="SHELL", autocompletion=shells, help="bash, zsh or fish.")],
    install: Annotated[bool, typer.Option("--install", help="Write it to the folder that the shell reads.")] = False,
    json: Json = False,
) -> None:
    """Print the completion script of a shell."""
    text = completion_script(shell)
    context = Context.open()
    path = install_completion(context, shell) if install else ""
    if json:
        output.print_json({"shell": shell, "path": path or None, "script": text})
    elif not install:
        sys.stdout.write(text)
    else:
        output.print_line(("written: ", "bold"), context.shown(path))
        for line in _NEXT[shell].replace("@FOLDER@", context.shown(path.rpartition("/")[0])).splitlines():
            output.print_line(line)


_NEXT = {
    "bash": "new terminals use it, if the package bash-completion is installed",
    "zsh": "new terminals use it, with this line in ~/.zshrc before compinit:\n  fpath=(@FOLDER@ $fpath)",
    "fish": "new terminals use it",
}
"""The remaining steps for each shell."""
