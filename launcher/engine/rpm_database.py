"""Read the packages in an image's rpm database, in memory only."""

import sqlite3
from collections.abc import Callable

from launcher.core.images.packages import parse_rpm

_STEPS = 100_000
_MAX_CALLS = 100
"""The limit on calls of the progress handler, every `_STEPS` steps; 1,000 real packages need 4,000 steps in all."""
_HEADER = b"SQLite format 3\0"
_JOURNAL = slice(18, 20)


def rpm_packages(data: bytes) -> dict[str, str]:
    """Return name and version of each package in the bytes of an rpmdb.sqlite; nothing if it is damaged."""
    if not data.startswith(_HEADER):
        return {}
    image = bytearray(data)
    image[_JOURNAL] = b"\1\1"  # rpm uses WAL mode, which needs a second file
    database = sqlite3.connect(":memory:")
    try:
        database.deserialize(bytes(image))
        database.execute("PRAGMA trusted_schema = OFF")
        database.set_progress_handler(_step_limit(), _STEPS)
        return parse_rpm(row[0] for row in database.execute("SELECT blob FROM Packages") if isinstance(row[0], bytes))
    except sqlite3.Error:
        return {}
    finally:
        database.close()


def _step_limit() -> Callable[[], bool]:
    steps = iter(range(_MAX_CALLS))
    return lambda: next(steps, None) is None
