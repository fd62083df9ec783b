"""Valid names of apps and commands, and suggestions for mistyped names."""

import re
from collections.abc import Iterable

from launcher.core.values.invalid_value import InvalidValueError

APP_NAME = re.compile(r"[a-z0-9][a-z0-9._+-]{0,63}")
"""A valid app name."""
COMMAND_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
"""A valid command name."""


def check_app_name(text: str) -> str:
    """Return *text* if it is a valid app name (catalog-format.md), else raise `InvalidValueError`."""
    if APP_NAME.fullmatch(text):
        return text
    raise InvalidValueError(f"{text!r} cannot name an app", "use lower case letters, digits and . _ + - (64 at most)")


def check_command_name(text: str) -> str:
    """Return *text* if it is a valid command name (upper case allowed), else raise `InvalidValueError`."""
    if COMMAND_NAME.fullmatch(text):
        return text
    raise InvalidValueError(f"{text!r} cannot name a command", "use letters, digits and . _ + - (64 at most)")


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """Return the fix for an unknown *name*: a suggestion from the *known* names, or *otherwise*."""
    import difflib  # noqa: PLC0415  only needed for an error message: the import takes 5 ms

    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else otherwise
