"""The steps of a transaction in SQL: begin, plan, apply, end; and filling in the image that a first pull finds."""

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
    """Add a ``Started`` transaction and return its number."""
    row = connection.execute(
        "INSERT INTO transactions (began, user, command_line, status, version) VALUES (?, ?, ?, 'Started', ?)",
        (began, user, command_line, version),
    )
    return int(row.lastrowid or 0)


def plan(connection: sqlite3.Connection, number: int, changes: Sequence[Change]) -> None:
    """Record the changes that a transaction plans; raises StateError if an app is not in the expected state."""
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
    """Make the planned deployments the current ones; raises StateError if an app was changed since."""
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
    """End a ``Started`` transaction; raises StateError if it is not started."""
    row = connection.execute(
        "UPDATE transactions SET status = ?, ended = ?, why = ? WHERE id = ? AND status = 'Started'",
        (status, ended, why, number),
    )
    if row.rowcount != 1:
        raise StateError(where="history", what=f"transaction {number} is not under way", fix="applaunch history list")


def settle(connection: sqlite3.Connection, app: str, pin: ResolvedImage) -> Deployment | None:
    """Record the image that the first pull of *app* found, in its current deployment or the one being made."""
    found = connection.execute(_SETTLING, (app,)).fetchone()
    if found is None:
        return None
    was = rows.parse_deployment(*found)
    if was.digest in ("", pin.digest):
        was = fill(connection, was.number, pin)
    return current(connection, app) or was


def fill(connection: sqlite3.Connection, number: int, pin: ResolvedImage) -> Deployment:
    """Record the image of a deployment and return the deployment with it."""
    (value,) = connection.execute("SELECT value FROM deployments WHERE id = ?", (number,)).fetchone()
    was = rows.parse_deployment(value, number)
    filled = was.with_image(pin._replace(pulled=pin.pulled or was.pulled))
    connection.execute("UPDATE deployments SET value = ? WHERE id = ?", (rows.text_of(filled), number))
    return filled


def current(connection: sqlite3.Connection, app: str) -> Deployment | None:
    """Return the current deployment of *app*."""
    query = "SELECT value, id, pinned FROM deployed JOIN deployments ON id = deployment WHERE deployed.app = ?"
    found = connection.execute(query, (app,)).fetchone()
    return rows.parse_deployment(*found) if found else None


def _overtaken(app: str) -> StateError:
    return StateError(where=app, what="was changed by somebody else meanwhile", fix="look at it, and try again")
