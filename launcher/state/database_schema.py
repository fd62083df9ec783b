"""The tables of the record, and the migration of a database from an older applaunch.

A step once released is never changed: a new version of the schema is a new step at the end.
"""

import sqlite3
from collections.abc import Sequence

STEPS: tuple[tuple[str, ...], ...] = (
    (
        # one row for each deployment that ever existed; a number is never used twice
        """CREATE TABLE deployments (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            app TEXT NOT NULL,
            value TEXT NOT NULL
        )""",
        """CREATE TABLE transactions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            began TEXT NOT NULL,
            ended TEXT NOT NULL DEFAULT '',
            user TEXT NOT NULL,
            command_line TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('Started', 'Ok', 'Failed')),
            version TEXT NOT NULL,
            why TEXT NOT NULL DEFAULT ''
        )""",
        "CREATE INDEX transactions_by_status ON transactions (status) WHERE status = 'Started'",
        """CREATE TABLE changes (
            transaction_id INTEGER NOT NULL REFERENCES transactions (id),
            position INTEGER NOT NULL,
            app TEXT NOT NULL,
            action TEXT NOT NULL,
            before INTEGER REFERENCES deployments (id),
            after INTEGER REFERENCES deployments (id),
            PRIMARY KEY (transaction_id, position)
        )""",
        "CREATE INDEX changes_by_app ON changes (app, transaction_id)",
        # the current deployments: the only table whose rows are deleted
        """CREATE TABLE deployed (
            app TEXT PRIMARY KEY,
            deployment INTEGER NOT NULL REFERENCES deployments (id)
        )""",
    ),
    (
        # a pinned app, now and at each of its changes
        "ALTER TABLE deployed ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE changes ADD COLUMN before_pinned INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE changes ADD COLUMN after_pinned INTEGER NOT NULL DEFAULT 0",
        # what a change did to the user's own catalog: JSON, before and after
        "ALTER TABLE changes ADD COLUMN own TEXT",
        # the id that tells this record from those of other users of the engine
        "CREATE TABLE record (id TEXT NOT NULL)",
        "INSERT INTO record (id) VALUES (lower(hex(randomblob(3))))",
        # deployments that gc never removes
        "CREATE TABLE kept (deployment INTEGER PRIMARY KEY REFERENCES deployments (id))",
    ),
)


def schema_version(connection: sqlite3.Connection) -> int:
    """Return the schema version of this database: the number of migrations it has had."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def migrate(connection: sqlite3.Connection, steps: Sequence[Sequence[str]] = STEPS) -> None:
    """Run the migrations that this database has not had; the caller holds the write lock."""
    for number in range(schema_version(connection), len(steps)):
        for statement in steps[number]:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number + 1}")
