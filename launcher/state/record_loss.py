"""Detects a lost record: it is missing, old or empty, but launch files, shims or a log show that apps exist."""

import os
import sqlite3

from launcher.core.deploy.evidence import Evidence
from launcher.state import rows
from launcher.state.database import lost_error


def refuse_lost(connection: sqlite3.Connection, path: str, known: Evidence) -> None:
    """Raise `DamagedError` if the record at *path* is not the record of the installed apps."""
    highest = dict(connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    if any(highest.values()):
        if unknown := known.contradicting(rows.record(connection), highest.get("deployments") or 0):
            raise lost_error(path, f"the record is an old one or another machine's: it does not know the {unknown}")
        return
    how = "empty" if os.path.exists(path) else "missing"
    if others := known.contradicting_empty():
        raise lost_error(path, f"the record is {how}, but there are {others}")
    if _is_orphaned(path):
        raise lost_error(path, f"the record is {how}, but its log {os.path.basename(path)}-wal is there")


def _is_orphaned(path: str) -> bool:
    """Return whether a log with content is beside a record that is missing or empty."""
    try:
        return os.path.getsize(f"{path}-wal") > 0 and not (os.path.exists(path) and os.path.getsize(path))
    except OSError:
        return False
