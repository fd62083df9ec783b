"""A damaged record put aside and a new one in its place, in one step: never does it look as if nothing were there.

What a launch file or an engine tells of deployments comes in as values; this module only writes it down.
"""

import json
import os
import re
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from launcher.core.moment import iso
from launcher.core.record import Change, Deployment
from launcher.core.secrets import masked
from launcher.state import ledger, rows
from launcher.state.database import left_of, writing
from launcher.state.folders import unwritable


class Left(NamedTuple):
    """What a damaged record still tells, as far as that goes."""

    record: str = ""  # what tells it from those of other users of an engine
    deployment: int = 0  # the highest number that one was ever given
    transaction: int = 0
    kept: frozenset[int] = frozenset()  # the numbers of deployments that are never collected


class Restored(NamedTuple):
    """What a new record begins with."""

    deployments: Sequence[Deployment]
    """All that are known, each with the number that it had; those without one are only in *changes*."""
    changes: Sequence[Change]
    """What makes of them what is deployed now."""
    left: Left
    """No later deployment or transaction is given a number up to the highest in here; tags are this record's."""


def left(path: str) -> Left:
    """Return what the damaged record at *path* still tells; what a scribble makes of a number is not believed."""
    highest = dict(left_of(path, "SELECT name, seq FROM sqlite_sequence"))
    kept = [number for (number,) in left_of(path, "SELECT deployment FROM kept")]
    ids = [str(found) for (found,) in left_of(path, "SELECT id FROM record") if _ID.fullmatch(str(found))]
    deployment, transaction = (_number(highest.get(table)) for table in ("deployments", "transactions"))
    return Left((*ids, "")[0], deployment, transaction, frozenset(kept))


def replace(  # noqa: PLR0913, PLR0917  what a record and its transaction tell
    path: str, aside: str, restored: Restored, command_line: Sequence[str], user: str, now: float, version: str
) -> None:
    """Have *restored* in the record at *path*, as one transaction, and what was there at *aside*.

    The caller keeps other writers out (`Record.alone`). Raises `StateError`, and the damaged one is still there.
    """
    new = f"{path}.{os.getpid()}.new"
    try:
        with suppress(FileNotFoundError):
            os.unlink(new)
        with writing(new) as connection:
            if restored.left.record:
                connection.execute("UPDATE record SET id = ?", (restored.left.record,))
            _numbered(connection, restored)
            if restored.changes:
                number = ledger.begin(connection, iso(now), user, json.dumps(masked(command_line)), version)
                ledger.plan(connection, number, restored.changes)
                ledger.apply(connection, number)
                ledger.end(connection, number, "Ok", iso(now))
        for suffix in ("-wal", "-shm"):  # SQLite would take them for the new one's
            with suppress(FileNotFoundError):
                os.replace(path + suffix, aside + suffix)
        try:
            os.link(path, aside)
        except OSError:  # no second name on this file system
            os.replace(path, aside)
        os.replace(new, path)
    except OSError as error:
        raise unwritable(path, error) from error


def _numbered(connection: sqlite3.Connection, restored: Restored) -> None:
    known = {each.number: each for each in restored.deployments}
    for number, each in known.items():
        values = (number, each.app, rows.text_of(each))
        connection.execute("INSERT INTO deployments (id, app, value) VALUES (?, ?, ?)", values)
    for number in restored.left.kept & {*known}:
        connection.execute("INSERT INTO kept (deployment) VALUES (?)", (number,))
    highest = {"deployments": max(restored.left.deployment, *known, 0), "transactions": restored.left.transaction}
    for table, number in highest.items():
        connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, number))


def _number(said: Any) -> int:
    return said if type(said) is int and 0 < said < _LARGEST else 0


_LARGEST = 1_000_000_000
_ID = re.compile(r"[0-9a-f]{6}")
