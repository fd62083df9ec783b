"""Parsers for simple types of values in TOML: strings, numbers, arrays, durations, and choices."""

import json
from collections.abc import Callable
from typing import Any

from launcher.core.values.duration import parse_duration
from launcher.core.values.invalid_value import InvalidValueError

Parser = Callable[[Any], Any]
"""Returns the typed value, or raises `InvalidValueError`."""


def text(value: Any) -> str:
    """Parse a string."""
    if isinstance(value, str):
        return value
    raise InvalidValueError(f"{value!r} is not a string", "put it in quotes")


def without_nul(value: Any) -> Any:
    """Return *value* if no string in it contains a NUL byte, which arguments, paths and variables cannot contain."""
    inside = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in inside:
        without_nul(part)
    if isinstance(value, str) and "\0" in value:
        raise InvalidValueError(f"{value!r} contains a NUL byte", "remove it")
    return value


def flag(value: Any) -> bool:
    """Parse true or false."""
    if isinstance(value, bool):
        return value
    raise InvalidValueError(f"{value!r} is not true or false")


def number(value: Any) -> int:
    """Parse a whole number above zero."""
    if type(value) is int and value > 0:
        return value
    raise InvalidValueError(f"{value!r} is not a whole number above 0")


def words(value: Any) -> tuple[str, ...]:
    """Parse an array of strings; a single string is refused, because no shell splits it into words."""
    if isinstance(value, str):
        raise InvalidValueError(f"{value!r} is one string", f"write an array of words: {json.dumps(value.split())}")
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return tuple(value)
    raise InvalidValueError(f"{value!r} is not an array of strings")


def pairs(value: Any) -> tuple[tuple[str, str], ...]:
    """Parse a table of strings, or an array of ``NAME=value`` (compose's ``labels``)."""
    if isinstance(value, dict):
        return tuple((name, text(content)) for name, content in value.items())
    return tuple((name, content) for name, _, content in (word.partition("=") for word in words(value)))


def duration(value: Any) -> float:
    """Parse a duration such as ``"10s"`` or ``"1m30s"`` and return its seconds."""
    try:
        return parse_duration(text(value))
    except ValueError as error:
        if isinstance(error, InvalidValueError):
            raise
        raise InvalidValueError(str(error)) from None


class Choice:
    """A parser that accepts a fixed set of values, which the JSON Schema of catalogs lists, too."""

    def __init__(self, *allowed: Any) -> None:
        """Keep the *allowed* values."""
        self.allowed = allowed

    def __call__(self, value: Any) -> Any:
        """Return *value* if it is one of them, else raise `InvalidValueError`."""
        if any(value == word and type(value) is type(word) for word in self.allowed):
            return value
        raise InvalidValueError(f"{value!r} is not allowed here", f"choose from {', '.join(map(_toml, self.allowed))}")


def choice(*allowed: Any) -> Parser:
    """Return a parser that accepts the *allowed* values."""
    return Choice(*allowed)


def _toml(word: Any) -> str:
    return str(word).lower() if isinstance(word, bool) else f"'{word}'"
