"""The packages of an image that rpm installed: the rows of its database, read in memory and never from a disk."""

import sqlite3
from collections.abc import Callable

from launcher.core.images.packages import rpm

_STEPS = 100_000
_MOST = 100
"""So many times so many steps of sqlite's machine are enough: a real database of 1,000 packages takes 4,000 in all."""
_HEADER = b"SQLite format 3\0"
_JOURNAL = slice(18, 20)


def rpm_packages(data: bytes) -> dict[str, str]:
    """Return name and version of each package in the bytes of an rpmdb.sqlite; none where it is damaged."""
    if not data.startswith(_HEADER):
        return {}
    alone = bytearray(data)
    alone[_JOURNAL] = b"\1\1"  # rpm writes with a log beside the file, which an image does not have
    database = sqlite3.connect(":memory:")
    try:
        database.deserialize(bytes(alone))
        database.execute("PRAGMA trusted_schema = OFF")
        database.set_progress_handler(_patience(), _STEPS)
        return rpm(row[0] for row in database.execute("SELECT blob FROM Packages") if isinstance(row[0], bytes))
    except sqlite3.Error:
        return {}
    finally:
        database.close()


def _patience() -> Callable[[], bool]:
    steps = iter(range(_MOST))
    return lambda: next(steps, None) is None
