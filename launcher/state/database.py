"""Opens the database file: for reading, even on a read-only disk, or for one SQLite transaction."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from typing import Any
from urllib.parse import quote

from launcher.errors import StateError
from launcher.state.database_schema import STEPS, migrate, schema_version
from launcher.state.state_folders import check_owner, make_private_folders, write_error

PATIENCE = 10.0  # seconds that SQLite waits for another program's lock
DOCTOR = "applaunch doctor --fix"


class DamagedError(StateError):
    """The record cannot be read or is not the latest one; `applaunch doctor --fix` rebuilds it."""


@contextmanager
def open_for_reading(path: str) -> Iterator[sqlite3.Connection]:
    """Open the database at *path* to read it, without changing it; a missing one counts as empty.

    This works in a read-only folder, and while another process writes. Raises StateError.
    """
    with _explained(path), closing(_readable(path)) as connection:
        connection.execute("BEGIN")  # the block reads a consistent state
        yield connection


@contextmanager
def open_for_writing(path: str) -> Iterator[sqlite3.Connection]:
    """Open the database at *path* for one SQLite transaction: all changes of the block are kept, or none.

    Create a missing file, and migrate an older one to the current tables. Raises StateError.
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
                migrate(connection)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


def left_of(path: str, query: str) -> list[dict[str, Any]]:
    """Return the rows of *query* that can be read in a damaged database; the file is not changed."""
    found: list[dict[str, Any]] = []
    with suppress(sqlite3.Error, OSError):
        if stat.S_ISREG((seen := os.stat(path)).st_mode) and seen.st_size:  # SQLite deletes the log of an empty one
            with closing(_connected(path, "ro")) as connection:
                connection.row_factory = sqlite3.Row
                for row in connection.execute(query):
                    found.append(dict(row))  # noqa: PERF401  the rows before the damage count
    return found


def damaged_error(path: str, how: str) -> DamagedError:
    """Return the error for a file at *path* that is not a readable record; the file is not changed."""
    return DamagedError(where=path, what=f"is damaged: {how}", fix=DOCTOR)


def lost_error(path: str, how: str) -> DamagedError:
    """Return the error for a record at *path* that is not the record of the installed apps."""
    return DamagedError(where=path, what=how, fix=DOCTOR)


def _readable(path: str) -> sqlite3.Connection:
    if not _holds_something(path):
        return _in_memory(None)
    connection = _opened_to_read(path)
    try:
        _refuse_strange(connection, path)
        if schema_version(connection) == len(STEPS):
            return connection
        older = _in_memory(connection)
    except BaseException:
        connection.close()
        raise
    connection.close()
    return older


def _holds_something(path: str) -> bool:
    """Return whether the file has content: SQLite would delete the log beside an empty one."""
    try:
        seen = os.stat(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StateError(where=path, what=f"cannot be read: {error.strerror}", fix=f"ls -ld {path}") from error
    if not stat.S_ISREG(seen.st_mode):
        raise damaged_error(path, "it is a folder" if stat.S_ISDIR(seen.st_mode) else "it is no plain file")
    check_owner(path, seen)
    return seen.st_size > 0


def _opened_to_read(path: str) -> sqlite3.Connection:
    """Open an existing file. If SQLite cannot make its -shm file beside it, no process writes, and none is needed."""
    connection = _connected(path, "ro")
    try:
        schema_version(connection)
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
        is_half_written = error.sqlite_errorcode == sqlite3.SQLITE_READONLY_ROLLBACK  # a writer was killed
        return _rolled_back(path) if is_half_written else _connected(path, "ro&immutable=1")
    return connection


def _rolled_back(path: str) -> sqlite3.Connection:
    """Open a file that a killed writer left unfinished, so that SQLite undoes the change and it can be read."""
    connection = _connected(path, "rw")
    try:
        schema_version(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _in_memory(older: sqlite3.Connection | None) -> sqlite3.Connection:
    """Return a copy of *older*, or nothing, with today's tables."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    if older is not None:
        older.backup(connection)
    migrate(connection)
    return connection


def _connected(path: str, mode: str) -> sqlite3.Connection:
    name = quote(os.fsencode(os.path.abspath(path)))
    uri = f"file://{name}?mode={mode}"  # without these slashes, a path that begins with two begins with a host's name
    return sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)


def _touch(path: str) -> None:
    """Create the file if there is none: SQLite would let every user read it."""
    try:
        make_private_folders(os.path.dirname(path))
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise write_error(path, error) from error


def _refuse_strange(connection: sqlite3.Connection, path: str) -> None:
    """Raise if the tables are not those of the version that the database states."""
    version, found = _version_and_shape(connection)
    if version > len(STEPS) and found != _shape_of(len(STEPS)):
        what = f"is of a newer applaunch (schema {version}; this one knows {len(STEPS)})"
        fix = f"upgrade applaunch (pipx upgrade applaunch), or put it aside: mv {path} {path}.newer && {DOCTOR}"
        raise StateError(where=path, what=what, fix=fix)
    if not 0 < version <= len(STEPS) and found >= _shape_of(1):
        raise damaged_error(path, f"its tables are ours, and its version is {version}")
    if not found >= _shape_of(max(version, 0)) or (version <= 0 and found):
        raise DamagedError(where=path, what="is another program's database", fix=DOCTOR)


def _version_and_shape(connection: sqlite3.Connection) -> tuple[int, frozenset[tuple[str, str]]]:
    """Return what a database says of itself and what it has, both of one moment: another program may be making it."""
    if connection.in_transaction:
        return schema_version(connection), _shape(connection)
    connection.execute("BEGIN")
    try:
        return schema_version(connection), _shape(connection)
    finally:
        connection.execute("ROLLBACK")


def _shape(connection: sqlite3.Connection) -> frozenset[tuple[str, str]]:
    """Return the columns of every table."""
    columns = (
        "SELECT t.name, c.name FROM sqlite_master AS t, pragma_table_info(t.name) AS c"
        " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"
    )
    return frozenset(connection.execute(columns).fetchall())


@cache
def _shape_of(version: int) -> frozenset[tuple[str, str]]:
    """Return what `_shape` is of our tables of that *version*."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, STEPS[:version])
        return _shape(connection)


@contextmanager
def _explained(path: str) -> Iterator[None]:
    """Translate SQLite's errors into ones that a person can fix; an error in our SQL remains a bug."""
    try:
        yield
    except ValueError as error:  # an invalid row
        raise damaged_error(path, str(error)) from error
    except sqlite3.DatabaseError as error:
        folder = os.path.dirname(path)
        match getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF:
            case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
                raise damaged_error(path, str(error)) from error
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                what, fix = "is held by another program", f"see which: fuser -v {path}"
            case sqlite3.SQLITE_FULL:
                what, fix = "has no room to grow", f"free some disk space: df -h {folder}"
            case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN if _is_full(
                folder
            ):  # it cannot say so of its -shm file
                what, fix = "has no room to grow", f"free some disk space: df -h {folder}"
            case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
                what, fix = str(error), f"check its permissions: ls -ld {folder} {path}"
            case _:
                raise
        raise StateError(where=path, what=what, fix=fix) from error


def _is_full(folder: str) -> bool:
    with suppress(OSError):
        left = os.statvfs(folder)
        return left.f_bavail == 0 or (left.f_files > 0 and left.f_favail == 0)
    return False
