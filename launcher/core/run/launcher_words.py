"""Which command a process launches, told from its command line."""

from collections.abc import Sequence
from typing import NamedTuple


class LaunchedCommand(NamedTuple):
    """The command that a launcher was started for."""

    script: str
    """The path of the shim, as it was called; "" for `applaunch run`."""
    name: str
    """The name of the command; of a shim the name of its file, which may be a link to another one."""


def launched_command(words: Sequence[str]) -> LaunchedCommand | None:
    """Return what a process with the command line *words* launches; None if it is no launcher.

    A shim is started as ``PYTHON -IS SHIM ARGS`` (shims/README.md), which other scripts may be, too: look at the file.
    """
    match words:
        case [_, "-IS", "-c", text, _, _, _, name, *_] if _TIMER in text:
            return LaunchedCommand("", _app_name(name))
        case [_, "-IS", script, *_] if not script.startswith("-"):
            return LaunchedCommand(script, script.rpartition("/")[2])
        case [_, program, "run" | "shell", *rest] if program.rpartition("/")[2] == "applaunch":
            name = _first_argument(rest)
            return LaunchedCommand("", _app_name(name)) if name else None
    return None


_TIMER = "launcher.manage.run.launch_timing"
"""The module of `applaunch run --timings`, which starts a launcher of its own."""
_WITH_VALUE = ("--runtime",)
"""The options of `applaunch run` that take a value."""


def _first_argument(words: Sequence[str]) -> str:
    rest = iter(words)
    for word in rest:
        if word == "--":
            return next(rest, "")
        if not word.startswith("-"):
            return word
        if word in _WITH_VALUE:
            next(rest, "")
    return ""


def _app_name(typed: str) -> str:
    """Return the command in ``NAME@TAG`` or ``REMOTE/NAME``."""
    return typed.partition("@")[0].rpartition("/")[2]
