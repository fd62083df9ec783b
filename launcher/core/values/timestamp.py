"""Points in time as images and engines write them (RFC 3339)."""

from __future__ import annotations

from typing import Any


def parse_timestamp(text: Any) -> float:
    """Return *text* in Unix seconds, 0 if it is no timestamp; nine decimal places are more than Python accepts."""
    import re  # noqa: PLC0415  not needed for a launch
    from datetime import datetime  # noqa: PLC0415  as above

    try:
        return datetime.fromisoformat(re.sub(r"\.\d+", "", str(text))).timestamp()
    except ValueError:
        return 0.0
