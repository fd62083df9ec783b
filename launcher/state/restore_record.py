"""A damaged record put aside and a new one in its place, in one step: never does it look as if nothing were there.

What a launch file or an engine tells of deployments comes in as values; this module only writes it down.
"""

import json
import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from launcher.core.deploy.record import Change, Deployment
from launcher.core.values.duration import iso
from launcher.core.values.redaction import mask_secrets
from launcher.state import ledger, rows
from launcher.state.database import open_for_writing
from launcher.state.salvage import Salvaged, copy_rows, number_in
from launcher.state.state_folders import write_error


class Restored(NamedTuple):
    """The content of a new record."""

    deployments: Sequence[Deployment]
    """All known deployments with their numbers; those without a number are only in *changes*."""
    changes: Sequence[Change]
    """The changes from the deployments of the old record to the present ones."""
    left: Salvaged
    """What the old record tells, and stays. No later deployment or transaction is given a number up to the highest in
    here; tags are this record's."""


def replace_record(  # noqa: PLR0913, PLR0917  what a record and its transaction tell
    path: str, aside: str, restored: Restored, command_line: Sequence[str], user: str, now: float, version: str
) -> int:
    """Have *restored* in the record at *path*, and what was there at *aside*; return how many transactions are kept.

    The caller keeps other writers out (`Record.alone`). Raises `StateError`, and the damaged one is still there.
    """
    new = f"{path}.{os.getpid()}.new"
    try:
        with suppress(FileNotFoundError):
            os.unlink(new)
        with open_for_writing(new) as connection:
            if restored.left.record:
                connection.execute("UPDATE record SET id = ?", (restored.left.record,))
            whole = copy_rows(connection, restored.left)
            _numbered(connection, restored)
            if restored.changes:
                number = ledger.begin(connection, iso(now), user, json.dumps(mask_secrets(command_line)), version)
                ledger.plan(connection, number, restored.changes)
                ledger.apply(connection, number)
                ledger.end(connection, number, "Ok", iso(now))
        for suffix in BESIDE:  # or SQLite would use them with the new database
            with suppress(FileNotFoundError):
                os.replace(path + suffix, aside + suffix)
        if os.path.lexists(path):
            try:
                os.link(path, aside)
            except OSError:  # no hard links on this file system, or no file
                os.replace(path, aside)
        os.replace(new, path)
    except OSError as error:
        raise write_error(path, error) from error
    return whole


BESIDE = ("-wal", "-shm", "-journal")
"""The suffixes of SQLite's files beside a database."""


def _numbered(connection: sqlite3.Connection, restored: Restored) -> None:
    known = {each.number: each for each in restored.deployments}
    written = "INSERT INTO deployments (id, app, value) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET value = ?"
    for number, each in known.items():
        connection.execute(written, (number, each.app, rows.text_of(each), rows.text_of(each)))
    old = {each.number for each in restored.left.deployments}
    for number in restored.left.kept & {*known, *old}:
        connection.execute("INSERT INTO kept (deployment) VALUES (?)", (number,))
    past = [number_in(each) for each in restored.left.transactions]
    highest = {
        "deployments": max(restored.left.deployment, *known, *old, 0),
        "transactions": max(restored.left.transaction, *past, 0),
    }
    for table, number in highest.items():
        connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, number))
