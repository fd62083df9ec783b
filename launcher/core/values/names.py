"""Which names apps and commands may have, and which known name a mistyped one was meant to be."""

import re
from collections.abc import Iterable

from launcher.core.values.invalid_value import Wrong

APP = re.compile(r"[a-z0-9][a-z0-9._+-]{0,63}")
"""What may name an app."""
COMMAND = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
"""What may name a command."""


def app_name(text: str) -> str:
    """Return *text* when it may name an app (catalog-format.md), else raise `Wrong`."""
    if APP.fullmatch(text):
        return text
    raise Wrong(f"{text!r} cannot name an app", "use lower case letters, digits and . _ + - (64 at most)")


def command_name(text: str) -> str:
    """Return *text* when it may name a command (upper case too), else raise `Wrong`."""
    if COMMAND.fullmatch(text):
        return text
    raise Wrong(f"{text!r} cannot name a command", "use letters, digits and . _ + - (64 at most)")


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """Return the fix for an unknown *name*: the closest *known* one as a question, or *otherwise*."""
    import difflib  # noqa: PLC0415  someone is failing: 5 ms do not matter now

    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else otherwise
