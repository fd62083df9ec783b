"""Shell completion: printed, or put where the shell finds it."""

import sys
from typing import Annotated

import typer

from launcher.cli import output
from launcher.cli.options import Json
from launcher.manage.context import Context
from launcher.manage.machine import completion as completing


def shells(incomplete: str) -> list[str]:
    """Complete the names of shells."""
    return [shell for shell in completing.SHELLS if shell.startswith(incomplete)]


def completion(
    shell: Annotated[str, typer.Argument(metavar="SHELL", autocompletion=shells, help="bash, zsh or fish.")],
    install: Annotated[bool, typer.Option("--install", help="Write it where the shell looks for it.")] = False,
    json: Json = False,
) -> None:
    """Print the completion script of a shell."""
    text = completing.script(shell)
    desk = Context.open()
    path = completing.install(desk, shell) if install else ""
    if json:
        output.as_json({"shell": shell, "path": path or None, "script": text})
    elif not install:
        sys.stdout.write(text)
    else:
        output.line(("written: ", "bold"), desk.shown(path))
        for line in _NEXT[shell].replace("@FOLDER@", desk.shown(path.rpartition("/")[0])).splitlines():
            output.line(line)


_NEXT = {
    "bash": "new terminals have it, where the package bash-completion is installed",
    "zsh": "new terminals have it, with this line in ~/.zshrc before compinit:\n  fpath=(@FOLDER@ $fpath)",
    "fish": "new terminals have it",
}
"""What there is left to do in each shell."""
