"""The kinds of loss that a record can suffer: each does it to the file at a path, where an old copy is beside it."""

import os
import shutil
import sqlite3
from contextlib import closing

USER_VERSION = 60  # the byte where SQLite keeps it, of four (fileformat2.html, 1.3)


def missing(path, old):
    path.unlink()


def empty(path, old):
    path.write_bytes(b"")


def missing_with_a_log(path, old):
    path.unlink()
    path.with_name("state.db-wal").write_bytes(b"\x37\x7f\x06\x82" + b"\0" * 4096)


def empty_with_a_log(path, old):
    path.write_bytes(b"")
    path.with_name("state.db-wal").write_bytes(b"\x37\x7f\x06\x82" + b"\0" * 4096)


def log_gone_and_main_old(path, old):
    for suffix in ("-wal", "-shm"):
        path.with_name(f"state.db{suffix}").unlink(missing_ok=True)
    shutil.copy(old, path)


def cut_in_the_header(path, old):
    os.truncate(path, 60)


def cut_in_half(path, old):
    os.truncate(path, path.stat().st_size // 2)


def garbage(path, old):
    path.write_bytes(b"no database at all" * 500)


def zeroes(path, old):
    path.write_bytes(b"\0" * path.stat().st_size)


def a_strangers_database(path, old):
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE cookies (name, value)")


def a_strangers_database_of_our_version(path, old):
    a_strangers_database(path, old)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 2")


def a_strangers_database_with_our_names(path, old):
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        for table in ("deployments", "transactions", "changes", "deployed", "record", "kept"):
            connection.execute(f"CREATE TABLE {table} (x)")
            connection.execute(f"INSERT INTO {table} VALUES (1)")
        connection.execute("PRAGMA user_version = 2")


def tables_without_rows(path, old):
    path.unlink()
    with closing(sqlite3.connect(old)) as connection:
        texts = [text for (text,) in connection.execute("SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")]
    with closing(sqlite3.connect(path)) as connection, connection:
        for text in texts:
            connection.execute(text)
        connection.execute("INSERT INTO record VALUES ('abcdef')")
        connection.execute("PRAGMA user_version = 2")


def _of_version(path, number):
    with open(path, "r+b") as file:
        file.seek(USER_VERSION)
        file.write(number.to_bytes(4))


def version_nought(path, old):
    _of_version(path, 0)


def version_from_the_future(path, old):
    _of_version(path, 99)


def a_folder(path, old):
    path.unlink()
    path.mkdir()
    (path / "mine").write_text("mine\n")


def a_link_to_nothing(path, old):
    path.unlink()
    path.symlink_to("/nowhere/state.db")


def a_fifo(path, old):
    path.unlink()
    os.mkfifo(path)


def a_log_of_changes_to_undo(path, old):
    path.write_bytes(b"")
    path.with_name("state.db-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\0" * 504)


def an_old_copy(path, old):
    shutil.copy(old, path)


ALL = (
    missing,
    empty,
    missing_with_a_log,
    empty_with_a_log,
    log_gone_and_main_old,
    cut_in_the_header,
    cut_in_half,
    garbage,
    zeroes,
    a_strangers_database,
    a_strangers_database_of_our_version,
    a_strangers_database_with_our_names,
    tables_without_rows,
    version_nought,
    version_from_the_future,
    a_folder,
    a_link_to_nothing,
    a_fifo,
    a_log_of_changes_to_undo,
    an_old_copy,
)
KEEPS_HISTORY = {version_nought: 5, version_from_the_future: 5, an_old_copy: 1, log_gone_and_main_old: 1}
"""How many transactions can still be read, where some can."""
