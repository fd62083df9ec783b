"""The descriptors above 2 that the caller has passed on to this process."""

from __future__ import annotations

import os

from launcher.fast_stdlib import suppress

_STDERR = 2


def passed_descriptors() -> frozenset[int]:
    """Return the numbers of the caller's descriptors; those that this process has opened are not inheritable."""
    found = set()
    with suppress(OSError):
        for name in os.listdir("/dev/fd"):
            with suppress(OSError, ValueError):  # that of the listing itself is closed by now
                number = int(name)
                if number > _STDERR and os.get_inheritable(number):
                    found.add(number)
    return frozenset(found)
