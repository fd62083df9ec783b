"""Reads the valid rows of a lost or damaged record."""

import re
import sqlite3
from contextlib import suppress
from typing import Any, NamedTuple, get_args

from launcher.core.deploy.record import Deployment, Status
from launcher.state import rows
from launcher.state.database import left_of

_TRANSACTION = tuple(rows.COLUMNS.split(", "))
_CHANGE = ("transaction_id", "position", "app", "action", "before", "before_pinned", "after", "after_pinned", "own")


class Salvaged(NamedTuple):
    """The readable content of a damaged record."""

    record: str = ""  # the id that tells it from records of other users of the engine
    deployment: int = 0  # the highest number ever given to a deployment
    transaction: int = 0
    kept: frozenset[int] = frozenset()  # the numbers of deployments that are never collected
    deployments: tuple[Deployment, ...] = ()
    deployed: tuple[Deployment, ...] = ()
    transactions: tuple[dict[str, Any], ...] = ()  # rows
    changes: tuple[dict[str, Any], ...] = ()  # rows


def read_salvageable(path: str) -> Salvaged:
    """Return the readable content of the damaged record at *path*; impossible numbers are ignored."""
    highest = {each.get("name"): each.get("seq") for each in left_of(path, "SELECT name, seq FROM sqlite_sequence")}
    kept = [each.get("deployment") for each in left_of(path, "SELECT deployment FROM kept")]
    ids = [str(each.get("id")) for each in left_of(path, "SELECT id FROM record")]
    every = [_deployment(row) for row in left_of(path, "SELECT * FROM deployments")]
    known = {each.number: each for each in every if each}
    now = [
        each._replace(pinned=row.get("pinned") == 1)
        for row in left_of(path, "SELECT * FROM deployed ORDER BY app")
        if (each := known.get(_number(row.get("deployment")))) and each.app == row.get("app")
    ]
    deployment, transaction = (_number(highest.get(table)) for table in ("deployments", "transactions"))
    return Salvaged(
        record=next(filter(_ID.fullmatch, ids), ""),
        deployment=deployment,
        transaction=transaction,
        kept=frozenset(each for each in kept if type(each) is int),
        deployments=tuple(known.values()),
        deployed=tuple(now),
        transactions=tuple(left_of(path, "SELECT * FROM transactions")),
        changes=tuple(left_of(path, "SELECT * FROM changes ORDER BY transaction_id, position")),
    )


def copy_rows(connection: sqlite3.Connection, found: Salvaged) -> int:
    """Write the complete rows of *found* into a new record, and return the number of transactions."""
    for each in found.deployments:
        row = (each.number, each.app, rows.text_of(each))
        connection.execute("INSERT INTO deployments (id, app, value) VALUES (?, ?, ?)", row)
    for each in found.deployed:
        now = (each.app, each.number, each.pinned)
        connection.execute("INSERT INTO deployed (app, deployment, pinned) VALUES (?, ?, ?)", now)
    changes: dict[Any, list[dict[str, Any]]] = {}
    for each_row in found.changes:
        changes.setdefault(each_row.get("transaction_id"), []).append(each_row)
    return sum(_brought(connection, row, changes.get(row.get("id"), [])) for row in found.transactions)


def number_in(row: dict[str, Any]) -> int:
    """Return the number of a row, 0 if it is not a possible one."""
    return _number(row.get("id"))


def _brought(connection: sqlite3.Connection, row: dict[str, Any], changes: list[dict[str, Any]]) -> bool:
    """Write one transaction with all its changes, or nothing."""
    number = number_in(row)
    if not number or row.get("status") not in get_args(Status):
        return False
    connection.execute("SAVEPOINT transaction_of_old")
    try:
        _insert(connection, "transactions", _TRANSACTION, _ended(row))
        for change in changes:
            _insert(connection, "changes", _CHANGE, {"before_pinned": 0, "after_pinned": 0} | change)
        (said,) = rows.transactions(connection, "id = ?", [number], 1)
        whole = bool(said.changes) and all(type(each) is str for each in said.command_line)
    except (sqlite3.Error, ValueError, TypeError):
        whole = False
    if not whole:
        connection.execute("ROLLBACK TO transaction_of_old")
    connection.execute("RELEASE transaction_of_old")
    return whole


def _ended(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row of a transaction; one that had not ended is marked as failed."""
    if row.get("status") != "Started":
        return row
    return row | {"status": "Failed", "why": "the record was lost before it ended"}


def _insert(connection: sqlite3.Connection, table: str, columns: tuple[str, ...], row: dict[str, Any]) -> None:
    words, marks = ", ".join(columns), ", ".join("?" * len(columns))
    values = [row.get(column) for column in columns]
    connection.execute(f"INSERT INTO {table} ({words}) VALUES ({marks})", values)  # noqa: S608  our own words


def _deployment(row: dict[str, Any]) -> Deployment | None:
    with suppress(ValueError, TypeError):
        found = rows.parse_deployment(str(row.get("value")), number_in(row))
        return found if found.number and found.app == row.get("app") else None
    return None


def _number(said: Any) -> int:
    return said if type(said) is int and 0 < said < _LARGEST else 0


_LARGEST = 1_000_000_000
_ID = re.compile(r"[0-9a-f]{6}")
