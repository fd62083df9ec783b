"""Parse the words of a run into options with their values, by docker's rules, then the image and the rest."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from launcher.core.imports.docker.docker_flags import DOCKER
from launcher.core.imports.docker.podman_flags import PODMAN
from launcher.core.imports.docker.run_flags import Flag
from launcher.core.imports.shell.terminal_test import TERMINAL
from launcher.core.imports.shell.tokens import Word
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.names import did_you_mean

FLAGS: dict[str, Flag] = {flag.name: flag for flag in (*DOCKER, *PODMAN)}
"""All options by their long names."""

_NAMES = {name: flag for flag in FLAGS.values() for name in (flag.name, *flag.also)}
_SHORT = {flag.short: flag for flag in FLAGS.values() if flag.short}
_TRUE = ("1", "t", "T", "true", "TRUE", "True")
_FALSE = ("0", "f", "F", "false", "FALSE", "False")

MOST = 1000
"""The largest number of options, keys or items for one entry."""


class Option(NamedTuple):
    """One option as written; *flag* is None if it is unknown."""

    flag: Flag | None
    source: str
    value: Word | None = None
    is_on: bool = True  # of a switch
    flaw: str = ""  # why its value makes no sense


def parse_options(words: Sequence[Word]) -> tuple[list[Option], tuple[Word, ...]]:
    """Return the options that *words* begin with, and the rest: the image and what follows.

    Raises `InvalidValueError` if it is unclear whether a word is an option's value.
    """
    found: list[Option] = []
    rest = deque(words)
    while rest:
        if len(found) > MOST:
            raise InvalidValueError(f"it has more than {MOST} options")
        word = rest[0]
        if word.literal == "--":
            return found, tuple(rest)[1:]
        if is_terminal_test(word):
            found.append(Option(FLAGS["tty"], rest.popleft().source))
        elif word.head.startswith("--"):
            found.append(_long(rest))
        elif word.head.startswith("-") and word.literal != "-":
            found += _short(rest)
        elif word.literal is None and not word.head and not _is_image(word):
            held = next((part.source for part in word.parts if " (line " in part.source), word.source)
            raise InvalidValueError(
                f"{held} stands where an option or the image belongs, and what it holds is not known"
            )
        else:
            break
    return found, tuple(rest)


def _is_image(word: Word) -> bool:
    """Return whether *word*, which begins with an expansion, can only be an image: ``$USER/x``, ``${IMAGE:-x}``."""
    name, mark, default = word.parts[0].text.partition(":-")
    is_named = name == "USER" or (bool(mark) and default != "" and not default.startswith("-"))
    return word.parts[0].kind == "variable" and is_named


def is_terminal_test(word: Word) -> bool:
    """Return whether *word* is ``-t`` if there is a terminal, and nothing else."""
    return bool(word.parts) and all(part.kind == "command" and TERMINAL.fullmatch(part.text) for part in word.parts)


def _long(rest: deque[Word]) -> Option:
    """Remove one long option and its value from *rest* and return it."""
    word = rest.popleft()
    name, equals, _ = word.head[2:].partition("=")
    flag = _NAMES.get(name)
    if not equals and word.literal is None:
        raise InvalidValueError(f"{word.source} is an option that a shell would have to expand")
    value = word.after(len(f"--{name}=")) if equals else None
    if flag is None and value is None:
        raise InvalidValueError(f"unknown option --{name}: whether a value follows is not known", _meant(name))
    if flag is None:
        return Option(None, word.source, value, flaw=f"docker and podman know no such option ({_meant(name)})")
    if not flag.takes:
        return _switch(flag, word.source, value)
    if value is None:
        return _with_next(flag, word.source, rest)
    return Option(flag, word.source, value)


def _short(rest: deque[Word]) -> list[Option]:
    """Remove a cluster of short options (``-it``, ``-v/a:/b``, ``-u=1``) from *rest* and return them."""
    word = rest.popleft()
    found: list[Option] = []
    for place, letter in enumerate(word.head[1:], 1):
        flag = _SHORT.get(letter)
        if flag is None:
            raise InvalidValueError(f"unknown option -{letter} in {word.source}: whether a value follows is not known")
        value = word.after(place + 1)
        alone = place == 1
        if flag.takes and not value.parts:
            return [*found, _with_next(flag, word.source if alone else f"-{letter}", rest)]
        is_said = value.head.startswith("=")
        written = word.source if alone else f"-{letter}{''.join(part.source or part.text for part in value.parts)}"
        if flag.takes:
            return [*found, Option(flag, written, value.after(1) if is_said else value)]
        if is_said:
            return [*found, _switch(flag, written, value.after(1))]
        found.append(Option(flag, f"-{letter}"))
    if len(word.parts) > 1 and not is_terminal_test(word._replace(parts=word.parts[1:])):
        raise InvalidValueError(f"{word.source} holds options that a shell would have to expand")
    return found


def _with_next(flag: Flag, source: str, rest: deque[Word]) -> Option:
    if not rest:
        return Option(flag, source, None, flaw="its value is missing")
    value = rest.popleft()
    return Option(flag, f"{source} {value.source}", value)


def _switch(flag: Flag, source: str, value: Word | None) -> Option:
    said = "true" if value is None else value.literal
    if said not in (*_TRUE, *_FALSE):
        return Option(flag, source, value, flaw="is neither true nor false")
    return Option(flag, source, value, is_on=said in _TRUE)


def _meant(name: str) -> str:
    return did_you_mean(name, _NAMES, "docker run --help lists them")
