"""Compose's ``${VAR}`` substitution, in the few values that allow it; it never runs a command or a shell."""

from __future__ import annotations

from launcher.core.values.invalid_value import InvalidValueError
from launcher.fast_stdlib import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from re import Match

_DOLLAR = pattern(
    r"\$(?:(?P<escaped>\$)|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:(?P<form>:-|:\?)(?P<rest>[^${}]*))?\}|(?P<bad>))"
)


def substitute(text: str, variables: Mapping[str, str], home: str = "") -> str:
    """Return *text* with ``${VAR}``, ``${VAR:-default}``, ``${VAR:?message}``, ``$$`` and a leading ``~/`` replaced.

    Raises `InvalidValueError` if ``${VAR}`` or ``${VAR:?}`` names an unset variable, and for any other ``$``.
    """
    if home and (text == "~" or text.startswith("~/")):
        text = home.rstrip("/").replace("$", "$$") + text[1:]
    if "$" not in text:
        return text
    return _DOLLAR.sub(lambda found: _value(found, text, variables), text)


def check(text: str) -> str:
    """Return *text* if every ``$`` in it is one of compose's forms, else raise `InvalidValueError`."""
    for found in _DOLLAR.finditer(text):
        if found["bad"] is not None:
            raise _stray(text)
    return text


def variables_in(text: str) -> Iterator[Match[str]]:
    """Yield a match for each ``$`` form in *text*, with the groups ``name``, ``form``, ``rest`` and ``escaped``."""
    return (found for found in _DOLLAR.finditer(text) if found["bad"] is None)


def names_in(text: str) -> list[str]:
    """Return the names of the variables in *text*."""
    return [found["name"] for found in _DOLLAR.finditer(text) if found["name"]] if "$" in text else []


def _value(found: Match[str], text: str, variables: Mapping[str, str]) -> str:
    if found["escaped"]:
        return "$"
    if found["bad"] is not None:
        raise _stray(text)
    if value := variables.get(found["name"], ""):
        return value
    if found["form"] == ":-":
        return found["rest"]
    if found["form"] == ":?":
        raise InvalidValueError(f"{text!r} needs {found['name']}", found["rest"] or f"set {found['name']}")
    if found["name"] in variables:
        return ""
    raise InvalidValueError(
        f"{text!r} needs {found['name']}, which is not set", f"set it, or write ${{{found['name']}:-default}}"
    )


def _stray(text: str) -> InvalidValueError:
    return InvalidValueError(f"{text!r} has a stray '$'", "write ${NAME}, or $$ for a dollar sign")
