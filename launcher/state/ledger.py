"""The life of a transaction, as SQL: begun, planned, applied, ended; and the one detail that is filled in later."""

import json
import sqlite3
from collections.abc import Sequence

from launcher.core.deploy.record import Change, Deployment, Status
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import StateError
from launcher.state import rows

_SETTLING = """
    SELECT deployments.value, deployments.id FROM deployments
    LEFT JOIN deployed ON deployed.deployment = deployments.id
    LEFT JOIN changes ON changes.after = deployments.id
    LEFT JOIN transactions ON transactions.id = changes.transaction_id AND transactions.status = 'Started'
    WHERE deployments.app = ? AND (deployed.app IS NOT NULL OR transactions.id IS NOT NULL)
    ORDER BY deployed.app IS NULL, deployments.id DESC LIMIT 1
"""


def begin(connection: sqlite3.Connection, began: str, user: str, command_line: str, version: str) -> int:
    """Add a transaction that is ``Started`` and return its number."""
    row = connection.execute(
        "INSERT INTO transactions (began, user, command_line, status, version) VALUES (?, ?, ?, 'Started', ?)",
        (began, user, command_line, version),
    )
    return int(row.lastrowid or 0)


def plan(connection: sqlite3.Connection, number: int, changes: Sequence[Change]) -> None:
    """Write down what a transaction means to change; raises StateError where an app is not what it was taken for."""
    for position, change in enumerate(changes):
        if change.before != current(connection, change.app):
            raise _overtaken(change.app)
        before, after = change.before, change.after
        values = (
            *(number, position, change.app, change.action),
            *(before and before.number, before is not None and before.pinned),
            *(after and (after.number or rows.add_deployment(connection, after)), after is not None and after.pinned),
            None if change.own is None else json.dumps(change.own),
        )
        connection.execute(
            "INSERT INTO changes"
            " (transaction_id, position, app, action, before, before_pinned, after, after_pinned, own)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )


def apply(connection: sqlite3.Connection, number: int) -> None:
    """Make the plan of a transaction what is deployed; raises StateError where an app has been changed since."""
    planned = (
        "SELECT app, before, before_pinned, after, after_pinned FROM changes WHERE transaction_id = ? ORDER BY position"
    )
    for app, before, was_pinned, after, pinned in connection.execute(planned, (number,)).fetchall():
        now = current(connection, app)
        if (now and (now.number, now.pinned)) != (None if before is None else (before, bool(was_pinned))):
            raise _overtaken(app)
        connection.execute("DELETE FROM deployed WHERE app = ?", (app,))
        if after is not None:
            values = (app, after, pinned)
            connection.execute("INSERT INTO deployed (app, deployment, pinned) VALUES (?, ?, ?)", values)


def end(connection: sqlite3.Connection, number: int, status: Status, ended: str, why: str = "") -> None:
    """Give a ``Started`` transaction its end; raises StateError where it is none."""
    row = connection.execute(
        "UPDATE transactions SET status = ?, ended = ?, why = ? WHERE id = ? AND status = 'Started'",
        (status, ended, why, number),
    )
    if row.rowcount != 1:
        raise StateError(where="history", what=f"transaction {number} is not under way", fix="applaunch history list")


def settle(connection: sqlite3.Connection, app: str, pin: ResolvedImage) -> Deployment | None:
    """Fix what the first pull of *app* found, in what is deployed, else in what is being deployed."""
    found = connection.execute(_SETTLING, (app,)).fetchone()
    if found is None:
        return None
    was = rows.parse_deployment(*found)
    if was.digest in ("", pin.digest):
        was = fill(connection, was.number, pin)
    return current(connection, app) or was


def fill(connection: sqlite3.Connection, number: int, pin: ResolvedImage) -> Deployment:
    """Write down the image of a deployment, and return it so."""
    (value,) = connection.execute("SELECT value FROM deployments WHERE id = ?", (number,)).fetchone()
    was = rows.parse_deployment(value, number)
    filled = was.with_image(pin._replace(pulled=pin.pulled or was.pulled))
    connection.execute("UPDATE deployments SET value = ? WHERE id = ?", (rows.text_of(filled), number))
    return filled


def current(connection: sqlite3.Connection, app: str) -> Deployment | None:
    """Return what *app* is now."""
    query = "SELECT value, id, pinned FROM deployed JOIN deployments ON id = deployment WHERE deployed.app = ?"
    found = connection.execute(query, (app,)).fetchone()
    return rows.parse_deployment(*found) if found else None


def _overtaken(app: str) -> StateError:
    return StateError(where=app, what="was changed by somebody else meanwhile", fix="look at it, and try again")
