"""`deny` in an override: it wins over everything that a catalog allows."""

from __future__ import annotations

from launcher.core.values.environment import is_harmless
from launcher.core.values.interpolate import names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

RIGHTS = ("network", "ports", "localhost", "environment", "capabilities", "groups", "cwd", "arguments", "persist")
"""What can be denied besides paths. Variables can also be denied by name: ``environment:AWS_*``."""


def apply_deny(values: dict[str, Any]) -> dict[str, Any]:
    """Return the run keys *values* of an entry without what its `deny` denies; the plan handles denied paths."""
    denied = values.get("deny", ())
    result = dict(values)
    for right in denied:
        result |= _WITHOUT.get(right, {})
        if right.partition(":")[0] == "environment":
            result["environment"] = _without_variables(result.get("environment", ()), right.partition(":")[2] or "*")
    return result


def denied_variables(denied: Iterable[str]) -> tuple[str, ...]:
    """Return the names of variables in *denied*."""
    return tuple([right.partition(":")[2] for right in denied if right.startswith("environment:")])


_WITHOUT: dict[str, dict[str, Any]] = {
    "network": {"network_mode": "none", "ports": (), "localhost": ()},
    "localhost": {"localhost": ()},
    "ports": {"ports": ()},
    "capabilities": {"cap_add": (), "cap_drop": ("ALL",)},
    "groups": {"group_add": ()},
    "cwd": {"mount_cwd": "none"},
    "arguments": {"path_args": "none"},
    "persist": {"persist": ()},
}


def _without_variables(variables: Iterable[tuple[str, str | None]], pattern: str) -> tuple[tuple[str, str | None], ...]:
    """Return *variables* without those that *pattern* denies completely; the plan handles the others.

    A value with a variable of the caller in it (``"${TOKEN:-}"``) passes that variable under another name.
    """
    return tuple([each for each in variables if not _is_denied(each, pattern)])


def _is_denied(variable: tuple[str, str | None], pattern: str) -> bool:
    name, literal = variable
    return (
        matches(name, pattern) if literal is None else any(_is_name_denied(each, pattern) for each in names_in(literal))
    )


def _is_name_denied(name: str, pattern: str) -> bool:
    """Tell whether *pattern* denies the variable *name*; ``*`` does not deny harmless variables."""
    return matches(name, pattern) and not (pattern == "*" and is_harmless(name))


def denied_names(text: str, denied: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the variables in *text* that are *denied*."""
    patterns = [right.partition(":")[2] or "*" for right in denied if right.partition(":")[0] == "environment"]
    return tuple([name for name in names_in(text) if any(_is_name_denied(name, each) for each in patterns)])


def matches(name: str, pattern: str) -> bool:
    """Tell whether *pattern*, which may end in ``*``, matches *name*, which may be such a pattern itself."""
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
