"""The way back through history: what was deployed after a transaction, and the changes that lead there from now."""

from collections.abc import Mapping, Sequence
from typing import Any

from launcher.core.deploy.record import Action, Change, Deployment, Transaction
from launcher.errors import StateError

Deployed = Mapping[str, Deployment]
"""What is current, by app."""

Owns = Mapping[str, tuple[Any, Any]]
"""What the user's own catalog says of an app, and what it is to say."""


def state_after(past: Sequence[Transaction], number: int) -> dict[str, Deployment]:
    """Return what was deployed just after the transaction *number*; *past* holds all of them, in any order."""
    state: dict[str, Deployment] = {}
    for transaction in sorted(past, key=lambda each: each.id):
        if transaction.id > number:
            break
        for change in transaction.changes if transaction.status == "Ok" else ():
            state.pop(change.app, None)
            if change.after:
                state[change.app] = change.after
    return state


def changes_between(now: Deployed, wanted: Deployed, owns: Owns) -> list[Change]:
    """Return the changes that lead from what is *now* to what is *wanted*, by app; none for what is as it should be."""
    apps = sorted({*now, *wanted, *owns})
    pairs = [(app, now.get(app), wanted.get(app)) for app in apps]
    return [
        Change(app, action(before, after), before, after, owns.get(app))
        for app, before, after in pairs
        if _place(before) != _place(after) or app in owns
    ]


def action(before: Deployment | None, after: Deployment | None) -> Action:
    """Return dnf's noun for a step from one deployment to another."""
    if after is None:
        return "Remove"
    if before is None:
        return "Install"
    if before.number == after.number:
        return "Reinstall" if before.pinned == after.pinned else "Pin" if after.pinned else "Unpin"
    return "Upgrade" if after.number > before.number else "Downgrade"


def undo(transaction: Transaction, now: Deployed, past: Sequence[Transaction]) -> list[Change]:
    """Return the inverse of one *transaction*.

    Raises `StateError` where it changed nothing, or where a later one changed an app of its own, which is named.
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
    """Return the changes of one *transaction* once more; raises `StateError` where an app is not what it was then."""
    for change in transaction.changes:
        if _place(now.get(change.app)) == _place(change.before):
            continue
        is_so = _place(now.get(change.app)) == _place(change.after)
        what = f"{change.app} is so already" if is_so else f"{change.app} is not what it was before it"
        raise StateError(f"transaction {transaction.id}", what, f"applaunch status {change.app}")
    wanted = {**now, **{change.app: change.after for change in transaction.changes if change.after}}
    for change in transaction.changes:
        if change.after is None:
            wanted.pop(change.app, None)
    return changes_between(now, wanted, {change.app: change.own for change in transaction.changes if change.own})


def roll_back_to(number: int, now: Deployed, past: Sequence[Transaction]) -> list[Change]:
    """Return the changes that bring back the state just after the transaction *number* (0: before the first)."""
    later = [each for each in sorted(past, key=lambda each: each.id) if each.id > number and each.status == "Ok"]
    owns: dict[str, tuple[Any, Any]] = {}
    for change in (change for each in later for change in each.changes):
        if change.own:
            first = owns[change.app][1] if change.app in owns else change.own[0]
            owns[change.app] = (change.own[1], first)
    return changes_between(now, state_after(past, number), {app: own for app, own in owns.items() if own[0] != own[1]})


_LIST = "applaunch history list"


def _place(deployment: Deployment | None) -> tuple[int, bool] | None:
    """Return all that tells one current deployment from another."""
    return deployment and (deployment.number, deployment.pinned)
