"""Which deployments are kept: the current ones, one step back, and those that the user keeps."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from launcher.core.deploy.record import Deployment, Transaction


def rollback_numbers(app: str, deployed: Mapping[str, Deployment], past: Sequence[Transaction]) -> set[int]:
    """Return the deployments that *app* can be rolled back to: its parent, and the previously current one.

    They differ after a rollback, which makes the parent current again. *past* is sorted with the newest first.
    """
    now = deployed.get(app)
    if now is None:
        return set()
    found = {now.parent} if now.parent else set()
    for transaction in past:
        for change in transaction.changes:
            if (
                change.app == app
                and transaction.status == "Ok"
                and change.before
                and change.before.number != now.number
            ):
                return found | {change.before.number}
    return found


def numbers_to_keep(deployed: Mapping[str, Deployment], past: Sequence[Transaction], kept: Collection[int]) -> set[int]:
    """Return the numbers of deployments to keep: the current ones, one step back, and those in *kept*."""
    steps = (rollback_numbers(app, deployed, past) for app in deployed)
    return {*kept, *(each.number for each in deployed.values()), *(number for step in steps for number in step)}


def collectable(every: Iterable[Deployment], stays: Collection[int], before: str) -> list[Deployment]:
    """Return the deployments not in *stays* that were created before the time *before* (ISO format; "" for any)."""
    return [each for each in every if each.number not in stays and (not before or each.created < before)]
