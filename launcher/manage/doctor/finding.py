"""What an examination finds: one line each, and how it can be mended."""

from collections.abc import Callable
from typing import Literal, NamedTuple

State = Literal["ok", "note", "problem", "fixed"]

DOCTOR = "applaunch doctor --fix"


class Finding(NamedTuple):
    """One thing that was looked at."""

    check: str
    """What was looked at, in one word: ``engine``, ``shims``, ..."""
    what: str
    """What was found, in words."""
    state: State = "ok"
    fix: str = ""
    """What to type; empty where nothing needs to be done."""
    repair: Callable[[], str] | None = None
    """Mends it and tells what was done; raises `UserError` where it cannot."""


def ok(check: str, what: str) -> Finding:
    """Return that all is well."""
    return Finding(check, what)


def note(check: str, what: str, fix: str) -> Finding:
    """Return what a person may want to know, and may leave as it is."""
    return Finding(check, what, "note", fix)


def problem(check: str, what: str, fix: str) -> Finding:
    """Return a trouble that only a person can repair."""
    return Finding(check, what, "problem", fix)


def repairable(check: str, what: str, repair: Callable[[], str]) -> Finding:
    """Return a trouble that `doctor --fix` mends."""
    return Finding(check, what, "problem", DOCTOR, repair)


def count(number: int, noun: str) -> str:
    """Return *number* things of a *noun*, and the noun in its right form."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
