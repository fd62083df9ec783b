"""`deny` in an override: it wins over everything that a catalog allows."""

from __future__ import annotations

from launcher.core.values.environment import is_harmless
from launcher.core.values.interpolate import names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

RIGHTS = ("network", "ports", "environment", "capabilities", "groups", "cwd", "arguments", "persist")
"""What can be denied beside paths; variables also by their names: ``environment:AWS_*``."""


def restricted(values: dict[str, Any]) -> dict[str, Any]:
    """Return the run keys *values* of an entry without what their own `deny` takes away; paths are left to the plan."""
    denied = values.get("deny", ())
    result = dict(values)
    for right in denied:
        result |= _WITHOUT.get(right, {})
        if right.partition(":")[0] == "environment":
            result["environment"] = _without_variables(result.get("environment", ()), right.partition(":")[2] or "*")
    return result


def variables(denied: Iterable[str]) -> tuple[str, ...]:
    """Return the names of variables among what is *denied*."""
    return tuple([right.partition(":")[2] for right in denied if right.startswith("environment:")])


_WITHOUT: dict[str, dict[str, Any]] = {
    "network": {"network_mode": "none", "ports": ()},
    "ports": {"ports": ()},
    "capabilities": {"cap_add": (), "cap_drop": ("ALL",)},
    "groups": {"group_add": ()},
    "cwd": {"mount_cwd": "none"},
    "arguments": {"path_args": "none"},
    "persist": {"persist": ()},
}


def _without_variables(variables: Iterable[tuple[str, str | None]], pattern: str) -> tuple[tuple[str, str | None], ...]:
    """Return *variables* without those of the caller that *pattern* stands for whole; the plan sees to the others.

    A value that names one of the caller's (``"${TOKEN:-}"``) is that one under another name.
    """
    return tuple([each for each in variables if not _is_denied(each, pattern)])


def _is_denied(variable: tuple[str, str | None], pattern: str) -> bool:
    name, literal = variable
    return meet(name, pattern) if literal is None else any(_may_not_name(each, pattern) for each in names_in(literal))


def _may_not_name(name: str, pattern: str) -> bool:
    """Tell whether *pattern* denies the variable *name*; all of them leaves those that hold no secret."""
    return meet(name, pattern) and not (pattern == "*" and is_harmless(name))


def denied_names(text: str, denied: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the variables in *text* that are among what is *denied*."""
    patterns = [right.partition(":")[2] or "*" for right in denied if right.partition(":")[0] == "environment"]
    return tuple([name for name in names_in(text) if any(_may_not_name(name, each) for each in patterns)])


def meet(name: str, pattern: str) -> bool:
    """Tell whether a *pattern*, perhaps with a ``*`` at its end, stands for all that *name* does."""
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
