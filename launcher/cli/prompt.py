"""Ask questions on the terminal; without one, the answer must be given as an option."""

from collections.abc import Sequence

import typer

from launcher.cli import output
from launcher.errors import HostError, printable
from launcher.host.process import is_terminal


def confirm(question: str, *, yes: bool) -> bool:
    """Ask a yes or no question and return the answer; with *yes* do not ask. Raises `HostError` without a terminal."""
    if yes:
        return True
    if not (is_terminal(0) and is_terminal(1)):
        raise HostError("", "no terminal to ask on", "answer with: -y")
    return typer.confirm(printable(question), default=False)


def ask_for_remote(app: str, layers: Sequence[str]) -> str:
    """Ask which of *layers* to take an app from; raises `UsageError` without a terminal."""
    from launcher.manage.change.choose_source import refuse_to_choose  # noqa: PLC0415  where two remotes have the same claim

    if not (is_terminal(0) and is_terminal(1)):
        refuse_to_choose(app, layers)
    output.print_line(f"{' and '.join(layers)} both have an app {app!r}, with the same priority")
    while (answer := str(typer.prompt(f"which one ({', '.join(layers)})"))) not in layers:
        output.print_line(f"{answer!r} is not one of them")
    return answer
