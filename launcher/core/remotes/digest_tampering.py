"""Digests that were swapped in a catalog after it was signed: told from its bytes, for nobody vouches for them."""

import re

_DIGEST = re.compile(rb"sha256:[0-9a-f]{64}")


def swapped(good: bytes, came: bytes) -> int:
    """Return the first line in which *came* has another digest than *good*; 0 where more than digests differ."""
    if _DIGEST.sub(b"", good) != _DIGEST.sub(b"", came):
        return 0
    lines = zip(good.splitlines(), came.splitlines(), strict=True)
    return next((number for number, (was, now) in enumerate(lines, 1) if was != now), 0)
