"""History that can be gone back: transactions undone, redone, and whole states brought back."""

import shlex
from collections.abc import Callable, Sequence

from launcher.core.deploy import undo_plan
from launcher.core.deploy.record import Change, Transaction
from launcher.manage.apps import history, trash
from launcher.manage.change.apply_changes import switch
from launcher.manage.context import Context

Agreed = Callable[[str, Sequence[Change]], bool]
"""Is shown a sentence and the changes, and tells whether they are wanted."""


def undo(desk: Context, word: str, agreed: Agreed) -> int:
    """Do the inverse of one transaction as a new one, and return its number (0: not wanted, or nothing to do)."""
    with desk.record.alone(desk.command_line):
        transaction = history.transaction(desk, word)
        changes = undo_plan.undone(transaction, desk.deployed(), desk.record.transactions())
        return _carried_out(desk, f"undo {_named(transaction)}", changes, agreed)


def redo(desk: Context, word: str, agreed: Agreed) -> int:
    """Do one transaction once more."""
    with desk.record.alone(desk.command_line):
        transaction = history.transaction(desk, word)
        changes = undo_plan.redone(transaction, desk.deployed())
        return _carried_out(desk, f"redo {_named(transaction)}", changes, agreed)


def rollback(desk: Context, word: str, agreed: Agreed) -> int:
    """Bring back what was deployed just after one transaction; *word* 0 is before the first."""
    with desk.record.alone(desk.command_line):
        if word == "0":
            number, said = 0, "before the first transaction"
        else:
            transaction = history.transaction(desk, word)
            number, said = transaction.id, f"just after {_named(transaction)}"
        changes = undo_plan.back_to(number, desk.deployed(), desk.record.transactions())
        return _carried_out(desk, f"back to the state {said}", changes, agreed)


def _carried_out(desk: Context, sentence: str, changes: Sequence[Change], agreed: Agreed) -> int:
    if not agreed(sentence, changes) or not changes:
        return 0
    number = switch(desk, changes)
    for change in changes:
        if change.before is None and change.after:
            trash.restore(desk, change.app)
    return number


def _named(transaction: Transaction) -> str:
    return f"transaction {transaction.id} ({shlex.join(transaction.command_line[1:])})"
