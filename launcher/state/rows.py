"""Converts rows of the record to values and back."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from launcher.core.deploy.record import Change, Deployment, Transaction
from launcher.core.values.deployment_tag import deployment_tag

COLUMNS = "id, began, ended, user, command_line, status, version, why"

_CHANGES = """
    SELECT changes.transaction_id, changes.app, changes.action, changes.own,
        old.value, old.id, changes.before_pinned, new.value, new.id, changes.after_pinned
    FROM changes
    LEFT JOIN deployments AS old ON old.id = changes.before
    LEFT JOIN deployments AS new ON new.id = changes.after
    WHERE changes.transaction_id IN (SELECT id FROM ({}))
    ORDER BY changes.transaction_id, changes.position
"""


def parse_deployment(text: str, number: int, pinned: int = 0) -> Deployment:
    """Return the deployment of a row; raises ValueError if the row is invalid."""
    return Deployment.from_dict(json.loads(text))._replace(number=number, pinned=bool(pinned))


def text_of(value: Deployment) -> str:
    """Return a deployment as the text of a row; its number and whether it is pinned are columns of their own."""
    said = value.to_dict()
    del said["number"], said["pinned"]
    return json.dumps(said, separators=(",", ":"))


def add_deployment(connection: sqlite3.Connection, value: Deployment) -> int:
    """Add a row for *value* and return its number; the row gets its number and tag now."""
    row = connection.execute("INSERT INTO deployments (app, value) VALUES (?, ?)", (value.app, "{}"))
    number = int(row.lastrowid or 0)
    tag = deployment_tag(value.app, number, record(connection))
    connection.execute("UPDATE deployments SET value = ? WHERE id = ?", (text_of(value._replace(tag=tag)), number))
    return number


def record(connection: sqlite3.Connection) -> str:
    """Return the id of this record."""
    (found,) = connection.execute("SELECT id FROM record").fetchone()
    return str(found)


def transactions(connection: sqlite3.Connection, where: str, values: Sequence[Any], limit: int) -> list[Transaction]:
    """Return the transactions that match *where*, newest first, at most *limit* (-1 for all)."""
    asked = f"SELECT {COLUMNS} FROM transactions WHERE {where} ORDER BY id DESC LIMIT ?"  # noqa: S608  our own words
    with_changes = groupby(connection.execute(_CHANGES.format(asked), (*values, limit)), key=lambda row: int(row[0]))
    changes = {number: tuple(_changes(each)) for number, each in with_changes}
    rows = connection.execute(asked, (*values, limit))
    return [_transaction(row, changes.get(row[0], ())) for row in rows]


def _changes(rows: Iterable[Sequence[Any]]) -> Iterable[Change]:
    for _, app, action, own, *sides in rows:
        before, after = (None if side[0] is None else parse_deployment(*side) for side in (sides[:3], sides[3:]))
        yield Change(app, action, before, after, None if own is None else tuple(json.loads(own)))


def _transaction(row: Sequence[Any], changes: tuple[Change, ...]) -> Transaction:
    number, began, ended, user, command_line, status, version, why = row
    words = tuple(json.loads(command_line))
    return Transaction(number, began, ended, user, words, status, version, changes, why)
