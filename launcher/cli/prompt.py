"""A question to whoever sits at the terminal; where nobody does, the answer must have been given before."""

from collections.abc import Sequence

import typer

from launcher.cli import output
from launcher.errors import HostError, printable
from launcher.host.process import is_terminal


def agreed(question: str, *, yes: bool) -> bool:
    """Ask, and tell whether the answer is yes; nothing is asked where *yes* was said before. Raises `HostError`."""
    if yes:
        return True
    if not (is_terminal(0) and is_terminal(1)):
        raise HostError("", "no terminal to ask on", "answer with: -y")
    return typer.confirm(printable(question), default=False)


def chosen(app: str, layers: Sequence[str]) -> str:
    """Ask which of *layers* an app is to come from; raises `UsageError` where nobody is there to say."""
    from launcher.manage.change.choose_source import refuse_to_choose  # noqa: PLC0415  where two remotes have the same claim

    if not (is_terminal(0) and is_terminal(1)):
        refuse_to_choose(app, layers)
    output.line(f"{' and '.join(layers)} both have an app {app!r}, with the same priority")
    while (answer := str(typer.prompt(f"which one ({', '.join(layers)})"))) not in layers:
        output.line(f"{answer!r} is not one of them")
    return answer
