"""List the runs of programs, and the transactions that changed apps."""

import contextlib
import re
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from launcher.core.deploy.record import Deployment, Transaction
from launcher.core.values.duration import parse_since
from launcher.errors import StateError, UsageError, UserError
from launcher.manage.context import Context
from launcher.state import journal
from launcher.state.journal import Run

_LAST = re.compile(r"last(?:-(\d+))?", re.ASCII)


def list_runs(context: Context, app: str = "", since: str = "", limit: int = 0) -> list[Run]:
    """Return the newest runs (0: all), optionally of one *app* and *since* a time.

    Also deletes runs that are older than the setting `keep`. Raises `UsageError` if *since* is not a time.
    """
    _prune_runs(context)
    found = journal.read(context.places.runs, _parse_moment(context, "--since", since), app or None)
    return list(islice(found, limit or None))


class TransactionFilter(NamedTuple):
    """Which transactions to list; empty fields do not restrict."""

    app: str = ""
    since: str = ""
    until: str = ""
    limit: int = 0
    """The number of the newest transactions; 0 for all."""
    span: str = ""
    """One transaction or a range: ``3..7``, ``last-2..last``."""


def list_transactions(context: Context, wanted: TransactionFilter) -> list[Transaction]:
    """Return the *wanted* transactions, newest first; raises `UsageError`."""
    app, limit = wanted.app or None, wanted.limit
    moments = (_parse_moment(context, "--since", wanted.since), _parse_moment(context, "--until", wanted.until))
    if not wanted.span:
        return _with_known_images(context, context.record.transactions(app, *moments, limit=limit or -1))
    first, _, last = wanted.span.partition("..")
    ends = sorted(_find(context, word).id for word in (first, last or first))
    found = [each for each in context.record.transactions(app, *moments) if ends[0] <= each.id <= ends[1]]
    return _with_known_images(context, found[: limit or None])


def find_transaction(context: Context, word: str) -> Transaction:
    """Return a transaction by its number, ``last``, or ``last-N`` for the N-th before it."""
    (found,) = _with_known_images(context, [_find(context, word)])
    return found


def _find(context: Context, word: str) -> Transaction:
    if word.isascii() and word.isdigit():
        return context.record.transaction(int(word))
    if not (last := _LAST.fullmatch(word)):
        raise UsageError("", f"{word!r} is not a transaction", "write its number, last, or last-1")
    back = int(last[1] or 0)
    found = context.record.transactions(limit=back + 1)
    if len(found) <= back:
        raise StateError("history", "there are not that many transactions", "applaunch history list")
    return found[back]


def _prune_runs(context: Context) -> None:
    """Delete the months of runs that are too old; an error must not prevent the listing."""
    with contextlib.suppress(UserError, OSError):
        journal.prune(context.places.runs, context.read_catalogs().settings.keep, context.now)


def _with_known_images(context: Context, found: Sequence[Transaction]) -> list[Transaction]:
    """Return *found* with the images that first pulls of current deployments have found since."""
    pins = {each.number: each.pin for each in context.deployed().values()}

    def known(side: Deployment | None) -> Deployment | None:
        return side.with_image(pins[side.number]) if side and side.number in pins else side

    return [
        each._replace(
            changes=tuple(
                change._replace(before=known(change.before), after=known(change.after)) for change in each.changes
            )
        )
        for each in found
    ]


def _parse_moment(context: Context, option: str, text: str) -> float | None:
    if not text:
        return None
    try:
        return parse_since(text, context.now)
    except ValueError as error:
        raise UsageError(option, *str(error).split("; ", 1)) from None
