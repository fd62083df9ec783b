"""The findings of doctor, one line each, and how to fix them."""

from collections.abc import Callable
from typing import Literal, NamedTuple

State = Literal["ok", "note", "problem", "fixed"]

DOCTOR = "applaunch doctor --fix"


class Finding(NamedTuple):
    """The result of one check."""

    check: str
    """The name of the check: ``engine``, ``shims``, ..."""
    what: str
    """What was found."""
    state: State = "ok"
    fix: str = ""
    """What to type, or "" if nothing needs to be done."""
    repair: Callable[[], str] | None = None
    """Fix it and return what was done; raises `UserError`."""


def ok(check: str, what: str) -> Finding:
    """Return a finding without a problem."""
    return Finding(check, what)


def note(check: str, what: str, fix: str) -> Finding:
    """Return a finding that may be left as it is."""
    return Finding(check, what, "note", fix)


def problem(check: str, what: str, fix: str) -> Finding:
    """Return a problem that only the user can fix."""
    return Finding(check, what, "problem", fix)


def repairable(check: str, what: str, repair: Callable[[], str]) -> Finding:
    """Return a problem that `doctor --fix` fixes."""
    return Finding(check, what, "problem", DOCTOR, repair)


def count(number: int, noun: str) -> str:
    """Return *number* with the singular or plural of *noun*."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
