"""The record: the current deployments, and the transactions that led to them.

A transaction is a row ``Started`` with all that it means to change, and later the same row ``Ok`` or ``Failed``. A row
that stays ``Started`` while nobody holds the lock was interrupted; `commit` or `fail` ends it then, too.
"""

import json
import shlex
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from launcher.core.deploy.evidence import Evidence
from launcher.core.deploy.record import Change, Deployment, Transaction
from launcher.core.values.duration import iso
from launcher.core.values.redaction import mask_secrets
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import StateError, printable
from launcher.state import ledger, rows
from launcher.state.database import open_for_reading, open_for_writing
from launcher.state.record_loss import refuse_lost
from launcher.state.writer_lock import Lock


class Record:
    """The record in the database at a path; each call opens it again, and sees the changes of other processes.

    All methods raise StateError if the record cannot be read or written.
    """

    def __init__(self, path: str, wait: float = 10.0, witness: Callable[[], Evidence] = Evidence) -> None:
        """Keep the *path* of ``state.db``, for how many seconds to *wait* for another writer, and what else to ask.

        The *witness* tells what is installed without the record; a record that it contradicts is lost, and refused.
        """
        self.path = path
        self._witness = witness
        self._witnessed: Evidence | None = None
        self._lock = Lock(f"{path}.lock", wait)
        self._own: int | None = None  # the transaction that this object began
        self._is_trusted = False  # whether the record was read and is not a lost one

    @contextmanager
    def alone(self, command_line: Sequence[str]) -> Iterator[None]:
        """Keep other writers out, so that what is read inside still holds when it comes to `begin`.

        Raises StateError that names the writer who is at it.
        """
        with self._lock.held(_said(command_line)):
            yield

    def begin(
        self, command_line: Sequence[str], user: str, now: float, changes: Sequence[Change], version: str = ""
    ) -> Transaction:
        """Record what is about to be done; other writers are kept out until it has ended.

        Return the transaction, in which every new deployment has its number. Secrets in *command_line* are masked.
        Raises StateError if an app is no longer what *changes* take it for.
        """
        words = json.dumps(mask_secrets(command_line))
        with self._lock.held(_said(command_line)):
            if not self._is_trusted:
                with self._reading():
                    pass  # a lost record is refused before anything is written
            with open_for_writing(self.path) as connection:
                number = ledger.begin(connection, iso(now), user, words, version)
                ledger.plan(connection, number, changes)
                (begun,) = rows.transactions(connection, "id = ?", [number], 1)
            self._own = number
            self._lock.keep()
        return begun

    def commit(self, number: int, now: float) -> None:
        """End a transaction with success: what it planned is now deployed."""
        with self._lock.held("applaunch"):
            with open_for_writing(self.path) as connection:
                ledger.apply(connection, number)
                ledger.end(connection, number, "Ok", iso(now))
            self._ended(number)

    def fail(self, number: int, now: float, why: str) -> None:
        """End a failed transaction and record why."""
        with self._lock.held("applaunch"):
            try:
                with open_for_writing(self.path) as connection:
                    ledger.end(connection, number, "Failed", iso(now), printable(*mask_secrets([why])))
            finally:
                self._ended(number)

    def settle(self, app: str, pin: ResolvedImage) -> Deployment | None:
        """Fix what an app's first pull found, and return its deployment as it is now; None where it has none.

        A digest that is known already stays: what runs is what was installed. It waits for no other writer, and is
        no transaction: history shows the deployment as if it had always known.
        """
        with open_for_writing(self.path) as connection:
            return ledger.settle(connection, app, pin)

    def fill(self, number: int, pin: ResolvedImage) -> Deployment:
        """Record the image of a deployment that is about to be current, and return the deployment with it."""
        with open_for_writing(self.path) as connection:
            return ledger.fill(connection, number, pin)

    def deployed(self) -> dict[str, Deployment]:
        """Return the current deployments by app, sorted by name."""
        query = (
            "SELECT deployed.app, value, id, pinned FROM deployed JOIN deployments ON id = deployment"
            " ORDER BY deployed.app"
        )
        with self._reading() as connection:
            return {app: rows.parse_deployment(*row) for app, *row in connection.execute(query)}

    def deployments(self, app: str | None = None) -> list[Deployment]:
        """Return every deployment that ever existed, of *app* or of all apps, newest first; none of them as pinned."""
        where, values = ("WHERE app = ?", (app,)) if app else ("", ())
        query = f"SELECT value, id FROM deployments {where} ORDER BY id DESC"  # noqa: S608  our own words
        with self._reading() as connection:
            return [rows.parse_deployment(*row) for row in connection.execute(query, values)]

    def id(self) -> str:
        """Return the id that tells this record from others on an engine; a temporary one if there is no record."""
        with self._reading() as connection:
            return rows.record(connection)

    def kept(self) -> set[int]:
        """Return the numbers of the deployments that `gc` never removes."""
        with self._reading() as connection:
            return {int(number) for (number,) in connection.execute("SELECT deployment FROM kept")}

    def keep(self, number: int, *, wanted: bool) -> None:
        """Keep a deployment from `gc`, or no longer; this is not a transaction."""
        word = (
            "INSERT OR IGNORE INTO kept (deployment) VALUES (?)" if wanted else "DELETE FROM kept WHERE deployment = ?"
        )
        with self._lock.held("applaunch"), open_for_writing(self.path) as connection:
            connection.execute(word, (number,))

    def transactions(
        self, app: str | None = None, since: float | None = None, until: float | None = None, limit: int = -1
    ) -> list[Transaction]:
        """Return the transactions that changed *app* and began between two moments, newest first, at most *limit*."""
        asked = [
            ("id IN (SELECT transaction_id FROM changes WHERE app = ?)", app),
            ("began >= ?", None if since is None else iso(since)),
            ("began <= ?", None if until is None else iso(until)),
        ]
        given = [(words, value) for words, value in asked if value is not None]
        where = " AND ".join(words for words, _ in given) or "1"
        with self._reading() as connection:
            return rows.transactions(connection, where, [value for _, value in given], limit)

    def transaction(self, number: int) -> Transaction:
        """Return one transaction; raises StateError if there is none with that number."""
        with self._reading() as connection:
            found = rows.transactions(connection, "id = ?", [number], 1)
        if not found:
            raise StateError(where="history", what=f"no transaction {number}", fix="applaunch history list")
        return found[0]

    def interrupted(self) -> list[Transaction]:
        """Return the interrupted transactions, newest first."""
        somebody_is_at_it = self._lock.is_held_by_another()
        with self._reading() as connection:
            started = rows.transactions(connection, "status = 'Started'", [], -1)
        return started[1:] if somebody_is_at_it else [each for each in started if each.id != self._own]

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Open the record to read it; raises `DamagedError` if the *witness* contradicts it."""
        if self._witnessed is None:  # before the record is read: what others install meanwhile is in both then
            self._witnessed = self._witness()
        with open_for_reading(self.path) as connection:
            refuse_lost(connection, self.path, self._witnessed)
            self._is_trusted = True
            yield connection

    def _ended(self, number: int) -> None:
        if number == self._own:
            self._own = None
            self._lock.let_go()


def _said(command_line: Sequence[str]) -> str:
    return shlex.join(mask_secrets(command_line))
