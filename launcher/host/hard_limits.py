"""The caller's own hard limits (getrlimit(2)), by the names that docker gives them."""

from __future__ import annotations

import resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def hard_limits(names: Iterable[str]) -> dict[str, int]:
    """Return the hard limits of the given *names*, such as ``nofile``; -1 is unlimited, unknown names are left out."""
    found = {}
    for name in names:
        number = getattr(resource, f"RLIMIT_{name.upper()}", None)
        if number is not None:
            found[name] = resource.getrlimit(number)[1]
    return found
