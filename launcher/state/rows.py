"""Rows of the record and the values they stand for."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from launcher.core.record import Change, Deployment, Transaction

COLUMNS = "id, began, ended, user, command_line, status, version, why"

_CHANGES = """
    SELECT changes.transaction_id, changes.app, changes.action, old.value, new.value
    FROM changes
    LEFT JOIN deployments AS old ON old.id = changes.before
    LEFT JOIN deployments AS new ON new.id = changes.after
    WHERE changes.transaction_id IN (SELECT id FROM ({}))
    ORDER BY changes.transaction_id, changes.position
"""


def deployment(text: str) -> Deployment:
    """Read a deployment's row; raises ValueError where it holds something else."""
    return Deployment.from_dict(json.loads(text))


def text_of(value: Deployment) -> str:
    """Write a deployment's row."""
    return json.dumps(value.to_dict(), separators=(",", ":"))


def add_deployment(connection: sqlite3.Connection, value: Deployment) -> int:
    """Add a row for *value* and return its number."""
    row = connection.execute("INSERT INTO deployments (app, value) VALUES (?, ?)", (value.app, text_of(value)))
    return int(row.lastrowid or 0)


def transactions(connection: sqlite3.Connection, where: str, values: Sequence[Any], limit: int) -> list[Transaction]:
    """Return the transactions that *where* holds for, newest first, at most *limit* (-1 for all)."""
    asked = f"SELECT {COLUMNS} FROM transactions WHERE {where} ORDER BY id DESC LIMIT ?"  # noqa: S608  our own words
    with_changes = groupby(connection.execute(_CHANGES.format(asked), (*values, limit)), key=lambda row: int(row[0]))
    changes = {number: tuple(_changes(each)) for number, each in with_changes}
    rows = connection.execute(asked, (*values, limit))
    return [_transaction(row, changes.get(row[0], ())) for row in rows]


def _changes(rows: Iterable[Sequence[Any]]) -> Iterable[Change]:
    for _, app, action, before, after in rows:
        sides = (None if text is None else deployment(text) for text in (before, after))
        yield Change(app, action, *sides)


def _transaction(row: Sequence[Any], changes: tuple[Change, ...]) -> Transaction:
    number, began, ended, user, command_line, status, version, why = row
    words = tuple(json.loads(command_line))
    return Transaction(number, began, ended, user, words, status, version, changes, why)
