"""Undo, redo and rollback of transactions: the changes from the current state to an earlier one."""

from collections.abc import Mapping, Sequence
from typing import Any

from launcher.core.deploy.record import Action, Change, Deployment, Transaction
from launcher.errors import StateError

Deployed = Mapping[str, Deployment]
"""The current deployments, by app."""

OwnTables = Mapping[str, tuple[Any, Any]]
"""The tables of an app in the user's own catalog, before and after."""


def state_after(past: Sequence[Transaction], number: int) -> dict[str, Deployment]:
    """Return the deployments just after the transaction *number*; *past* contains all transactions, in any order."""
    state: dict[str, Deployment] = {}
    for transaction in sorted(past, key=lambda each: each.id):
        if transaction.id > number:
            break
        for change in transaction.changes if transaction.status == "Ok" else ():
            state.pop(change.app, None)
            if change.after:
                state[change.app] = change.after
    return state


def changes_between(now: Deployed, wanted: Deployed, own_tables: OwnTables) -> list[Change]:
    """Return the changes from *now* to *wanted*, by app, without apps that do not change."""
    apps = sorted({*now, *wanted, *own_tables})
    pairs = [(app, now.get(app), wanted.get(app)) for app in apps]
    return [
        Change(app, action(before, after), before, after, own_tables.get(app))
        for app, before, after in pairs
        if _state(before) != _state(after) or app in own_tables
    ]


def action(before: Deployment | None, after: Deployment | None) -> Action:
    """Return dnf's name of the change from one deployment to another."""
    if after is None:
        return "Remove"
    if before is None:
        return "Install"
    if before.number == after.number:
        return "Reinstall" if before.pinned == after.pinned else "Pin" if after.pinned else "Unpin"
    return "Upgrade" if after.number > before.number else "Downgrade"


def undo(transaction: Transaction, now: Deployed, past: Sequence[Transaction]) -> list[Change]:
    """Return the changes that undo one *transaction*.

    Raises `StateError` if it changed nothing, or if a later transaction changed one of its apps.
    """
    if transaction.status != "Ok":
        raise StateError(f"transaction {transaction.id}", f"is {transaction.status}: there is nothing to undo", _LIST)
    for later in sorted(past, key=lambda each: each.id):
        apps = {change.app for change in transaction.changes} & {change.app for change in later.changes}
        if later.id > transaction.id and later.status == "Ok" and apps:
            what = f"transaction {later.id} changed {', '.join(sorted(apps))} after it"
            fix = f"applaunch history undo {later.id} first, or: applaunch history rollback {transaction.id - 1}"
            raise StateError(f"transaction {transaction.id}", what, fix)
    wanted = {**now, **{change.app: change.before for change in transaction.changes if change.before}}
    for change in transaction.changes:
        if change.before is None:
            wanted.pop(change.app, None)
    return changes_between(
        now, wanted, {change.app: (change.own[1], change.own[0]) for change in transaction.changes if change.own}
    )


def redo(transaction: Transaction, now: Deployed) -> list[Change]:
    """Return the changes that repeat one *transaction*; raises `StateError` if an app is not as before it."""
    for change in transaction.changes:
        if _state(now.get(change.app)) == _state(change.before):
            continue
        is_done = _state(now.get(change.app)) == _state(change.after)
        what = f"{change.app} is in that state already" if is_done else f"{change.app} has changed since"
        raise StateError(f"transaction {transaction.id}", what, f"applaunch status {change.app}")
    wanted = {**now, **{change.app: change.after for change in transaction.changes if change.after}}
    for change in transaction.changes:
        if change.after is None:
            wanted.pop(change.app, None)
    return changes_between(now, wanted, {change.app: change.own for change in transaction.changes if change.own})


def roll_back_to(number: int, now: Deployed, past: Sequence[Transaction]) -> list[Change]:
    """Return the changes that restore the state just after the transaction *number* (0: before the first)."""
    later = [each for each in sorted(past, key=lambda each: each.id) if each.id > number and each.status == "Ok"]
    own_tables: dict[str, tuple[Any, Any]] = {}
    for change in (change for each in later for change in each.changes):
        if change.own:
            first = own_tables[change.app][1] if change.app in own_tables else change.own[0]
            own_tables[change.app] = (change.own[1], first)
    return changes_between(
        now, state_after(past, number), {app: own for app, own in own_tables.items() if own[0] != own[1]}
    )


_LIST = "applaunch history list"


def _state(deployment: Deployment | None) -> tuple[int, bool] | None:
    """Return what identifies the current state of an app."""
    return deployment and (deployment.number, deployment.pinned)
