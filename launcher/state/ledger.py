"""The life of a transaction, as SQL: begun, planned, applied, ended; and the one detail that is filled in later."""

import sqlite3
from collections.abc import Sequence

from launcher.core.record import Change, Deployment, Status
from launcher.errors import StateError
from launcher.state import rows

_SETTLING = """
    SELECT deployments.id, deployments.value FROM deployments
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
        before, value = _current(connection, change.app)
        if change.before != value:
            raise _overtaken(change.app)
        after = change.after and rows.add_deployment(connection, change.after)
        connection.execute(
            "INSERT INTO changes (transaction_id, position, app, action, before, after) VALUES (?, ?, ?, ?, ?, ?)",
            (number, position, change.app, change.action, before, after),
        )


def apply(connection: sqlite3.Connection, number: int) -> None:
    """Make the plan of a transaction what is deployed; raises StateError where an app has been changed since."""
    planned = "SELECT app, before, after FROM changes WHERE transaction_id = ? ORDER BY position"
    for app, before, after in connection.execute(planned, (number,)).fetchall():
        if _current(connection, app)[0] != before:
            raise _overtaken(app)
        connection.execute("DELETE FROM deployed WHERE app = ?", (app,))
        if after is not None:
            connection.execute("INSERT INTO deployed (app, deployment) VALUES (?, ?)", (app, after))


def end(connection: sqlite3.Connection, number: int, status: Status, ended: str, why: str = "") -> None:
    """Give a ``Started`` transaction its end; raises StateError where it is none."""
    row = connection.execute(
        "UPDATE transactions SET status = ?, ended = ?, why = ? WHERE id = ? AND status = 'Started'",
        (status, ended, why, number),
    )
    if row.rowcount != 1:
        raise StateError(where="history", what=f"transaction {number} is not under way", fix="applaunch history list")


def settle(connection: sqlite3.Connection, app: str, digest: str, image_id: str, pulled: bool) -> Deployment | None:
    """Fix what the first pull of *app* found, in what is deployed, else in what is being deployed."""
    found = connection.execute(_SETTLING, (app,)).fetchone()
    if found is None:
        return None
    number, was = found[0], rows.deployment(found[1])
    if was.digest not in ("", digest):
        return was
    settled = was._replace(digest=digest, image_id=image_id, pulled=pulled or was.pulled)
    connection.execute("UPDATE deployments SET value = ? WHERE id = ?", (rows.text_of(settled), number))
    return settled


def _current(connection: sqlite3.Connection, app: str) -> tuple[int | None, Deployment | None]:
    query = "SELECT id, value FROM deployed JOIN deployments ON id = deployment WHERE deployed.app = ?"
    found = connection.execute(query, (app,)).fetchone()
    return (found[0], rows.deployment(found[1])) if found else (None, None)


def _overtaken(app: str) -> StateError:
    return StateError(where=app, what="was changed by somebody else meanwhile", fix="look at it, and try again")
