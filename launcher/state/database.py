"""The database file: opened to read where reading is all that is possible, and to write whole or not at all."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any
from urllib.parse import quote

from launcher.errors import StateError
from launcher.state.folders import make_private, unwritable
from launcher.state.schema import STEPS, bring_up, version_of

PATIENCE = 10.0  # seconds that SQLite waits for another program's lock
DOCTOR = "applaunch doctor --fix"


@contextmanager
def reading(path: str) -> Iterator[sqlite3.Connection]:
    """Open the database at *path* to read it, changing nothing; one that is missing is an empty one.

    Works in a folder that cannot be written, and while somebody writes. Raises StateError.
    """
    with _explained(path), closing(_readable(path)) as connection:
        connection.execute("BEGIN")  # all that the block reads is of one moment
        yield connection


@contextmanager
def writing(path: str) -> Iterator[sqlite3.Connection]:
    """Open the database at *path* for one SQLite transaction: the block holds whole, or nothing of it.

    Makes the file where there is none, and brings an older one up to today's tables. Raises StateError.
    """
    with _explained(path):
        _touch(path)
        with closing(_connected(path, "rw")) as connection:
            _refuse_strange(connection, path)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
            with suppress(sqlite3.OperationalError):  # some file systems cannot; another program may be at it
                connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                _refuse_strange(connection, path)
                bring_up(connection)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


def left_of(path: str, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of *query* in a damaged database, none where those cannot be read; nothing touches the file."""
    with suppress(sqlite3.Error), closing(_connected(path, "ro")) as connection:
        return connection.execute(query).fetchall()
    return []


def damaged(path: str, how: str) -> StateError:
    """Return the trouble that what stands at *path* cannot be read as ours; nothing touches the file."""
    return StateError(where=path, what=f"is damaged: {how}", fix=DOCTOR)


def _readable(path: str) -> sqlite3.Connection:
    if not _exists(path):
        return _in_memory(None)
    connection = _opened_to_read(path)
    try:
        _refuse_strange(connection, path)
        if version_of(connection) == len(STEPS):
            return connection
        older = _in_memory(connection)
    except BaseException:
        connection.close()
        raise
    connection.close()
    return older


def _exists(path: str) -> bool:
    try:
        os.stat(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StateError(where=path, what=f"cannot be read: {error.strerror}", fix=f"ls -ld {path}") from error
    return True


def _opened_to_read(path: str) -> sqlite3.Connection:
    """Open what is there; where SQLite cannot keep its -shm file beside it, nobody writes, and it needs none."""
    connection = _connected(path, "ro")
    try:
        version_of(connection)
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
        return _connected(path, "ro&immutable=1")
    return connection


def _in_memory(older: sqlite3.Connection | None) -> sqlite3.Connection:
    """Return a copy of *older*, or nothing, with today's tables."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    if older is not None:
        older.backup(connection)
    bring_up(connection)
    return connection


def _connected(path: str, mode: str) -> sqlite3.Connection:
    name = quote(os.fsencode(os.path.abspath(path)))
    uri = f"file://{name}?mode={mode}"  # without these slashes, a path that begins with two begins with a host's name
    return sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)


def _touch(path: str) -> None:
    """Make the file where there is none: SQLite would leave it open to everybody's eyes."""
    try:
        make_private(os.path.dirname(path))
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise unwritable(path, error) from error


def _refuse_strange(connection: sqlite3.Connection, path: str) -> None:
    version = version_of(connection)
    if version > len(STEPS):
        what = f"is of a newer applaunch (schema {version}; this one knows {len(STEPS)})"
        raise StateError(where=path, what=what, fix="upgrade applaunch, for example with: pipx upgrade applaunch")
    if version == 0 and connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        raise StateError(where=path, what="is another program's database", fix=f"move it away: mv {path} {path}.old")


@contextmanager
def _explained(path: str) -> Iterator[None]:
    """Turn what SQLite reports into what a person can mend; a mistake in our SQL stays the bug that it is."""
    try:
        yield
    except ValueError as error:  # a row that is none of ours
        raise damaged(path, str(error)) from error
    except sqlite3.DatabaseError as error:
        folder = os.path.dirname(path)
        match getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF:
            case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
                raise damaged(path, str(error)) from error
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                what, fix = "is held by another program", f"see which: fuser -v {path}"
            case sqlite3.SQLITE_FULL:
                what, fix = "has no room to grow", f"make room: df -h {folder}"
            case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN if _is_full(
                folder
            ):  # it cannot say so of its -shm file
                what, fix = "has no room to grow", f"make room: df -h {folder}"
            case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
                what, fix = str(error), f"see who may write there: ls -ld {folder} {path}"
            case _:
                raise
        raise StateError(where=path, what=what, fix=fix) from error


def _is_full(folder: str) -> bool:
    with suppress(OSError):
        left = os.statvfs(folder)
        return left.f_bavail == 0 or (left.f_files > 0 and left.f_favail == 0)
    return False
