"""List the runs of programs, and the transactions that changed apps."""

import contextlib
import re
from collections.abc import Sequence
from itertools import islice

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


def list_transactions(  # noqa: PLR0913, PLR0917  one parameter for each option
    context: Context, app: str = "", since: str = "", until: str = "", limit: int = 0, span: str = ""
) -> list[Transaction]:
    """Return the newest transactions (0: all) that changed *app* and began between two times; raises `UsageError`.

    *span* is one transaction or a range: ``3..7``, ``last-2..last``.
    """
    moments = (_parse_moment(context, "--since", since), _parse_moment(context, "--until", until))
    if not span:
        return _with_known_images(context, context.record.transactions(app or None, *moments, limit=limit or -1))
    first, _, last = span.partition("..")
    ends = sorted(_find(context, word).id for word in (first, last or first))
    found = [each for each in context.record.transactions(app or None, *moments) if ends[0] <= each.id <= ends[1]]
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
