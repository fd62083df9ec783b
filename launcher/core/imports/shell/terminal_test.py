"""Words of a shell that ask for a terminal: ``-it``, and the tests that print it only on a terminal."""

import re
from collections.abc import Iterable

_ON_TERMINAL = r"(?:\[ -t [0-2] \]|\[\[ -t [0-2] \]\]|test -t [0-2]|tty -s)"
_FLAGS = r"(?:-?(?:it|ti|t|i)|--tty|--interactive|-i -t|-t -i|--interactive --tty|--tty --interactive)"
_ECHO = rf"(?:echo|printf)(?: -n| --)* (?P<quote{{}}>['\"]?){_FLAGS}(?P=quote{{}})"
TERMINAL = re.compile(
    rf"(?:{_ON_TERMINAL}(?: && {_ON_TERMINAL})* *&& *{_ECHO.format(1, 1)}(?: *\|\| *(?:true|:|{_ECHO.format(2, 2)}))?"
    rf"|if {_ON_TERMINAL} *; *then {_ECHO.format(3, 3)} *;(?: *else {_ECHO.format(4, 4)} *;)? *fi)"
)
"""A command that prints ``-t`` and the like if there is a terminal."""

FLAG_TEXT = re.compile(_FLAGS)
"""Options for input and a terminal, which applaunch decides itself."""

TEST = "[ -t 0 ] && echo -t"
"""One such command, which stands for all of them."""


def without_flags(texts: Iterable[str]) -> list[str]:
    """Return the words in *texts* without the options for input and a terminal."""
    return [word for text in texts for word in text.split() if not FLAG_TEXT.fullmatch(word)]
