"""Durations and moments: parsing what a person types after --since, and formatting seconds."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
DURATIONS = "90s, 5m, 1h30m, 365d or 2w"
MOMENTS = "2h, 3d, today, yesterday, 2026-11-01 or 2026-11-01T10:00"
YEAR_9999 = 253_370_764_800.0
"""The start of the year 9999 in unix time; `datetime` cannot represent moments after that year."""

_PART = re.compile(r"(\d+(?:\.\d+)?)([smhdw])", re.ASCII)
_WHOLE = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)


def parse_duration(text: str) -> float:
    """Parse a duration such as ``1h30m`` and return its seconds; the ValueError names the accepted forms."""
    word = text.strip().lower()
    if not _WHOLE.fullmatch(word):
        raise ValueError(f"{text!r} is not a duration; write {DURATIONS}")
    return sum(float(number) * SECONDS[unit] for number, unit in _PART.findall(word))


def parse_since(text: str, now: float, zone: tzinfo | None = None) -> float:
    """Parse a moment, or a duration before *now*, and return its unix seconds; the ValueError names the accepted forms.

    A date means midnight of that day. A time without an offset is in *zone*, by default this machine's time zone.
    """
    word = text.strip().lower()
    midnight = datetime.fromtimestamp(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        match word:
            case "now":
                return now
            case "today":
                return midnight.timestamp()
            case "yesterday":
                return (midnight - timedelta(days=1)).timestamp()
            case _ if _WHOLE.fullmatch(word):
                return max(0.0, now - parse_duration(word))
        moment = datetime.fromisoformat(word.upper())
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a time; write {MOMENTS}") from None


def iso(seconds: float) -> str:
    """Format unix *seconds* as in the record: ``2026-11-23T16:00:00Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def describe_seconds(seconds: float) -> str:
    """Format a duration in at most two units: ``0.4s``, ``3m12s``, ``2h05m``, ``3d04h``."""
    if round(seconds, 1) < SECONDS["m"]:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < SECONDS["h"]:
        return f"{whole // 60}m{whole % 60:02}s"
    if whole < SECONDS["d"]:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // 86400}d{whole % 86400 // 3600:02}h"
