"""Show an upgrade: what would change, and the result for each app."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from launcher.cli import output
from launcher.core.deploy.transaction_plan import Outcome, Plan, PlannedApp
from launcher.core.policy.permission import Permission
from launcher.manage.change.carry_out import Applied


class UpgradeCandidate(NamedTuple):
    """One app of an upgrade, as a JSON object."""

    app: str
    outcome: Outcome
    requested: str  # the image that the catalogs name
    current: str  # a digest
    latest: str  # a digest
    source: str
    pinned: bool
    entry_changed: bool
    asks: tuple[Permission, ...]
    trouble: str | None


def show_table(apps: Iterable[PlannedApp]) -> None:
    """Show the current and the new state of each app."""
    rows = [
        (each.app, after.shown_image, _current(each), _latest(each), after.source, "yes" if before.pinned else "")
        for each in apps
        if (before := each.before) and (after := each.after)
    ]
    output.print_table(("App", "Requested", "Current", "Latest", "Source", "Pinned"), rows)


def show_done(done: Applied, *, downloaded: bool) -> None:
    """Show the result for each app; with *downloaded* the images were only pulled."""
    for each in done.plan.apps:
        _show_outcome(each, is_done=done.transaction > 0, is_downloaded=downloaded)
    if done.transaction:
        output.print_line(
            (f"(transaction {done.transaction}; revert with: applaunch history undo {done.transaction})", "dim")
        )
    elif is_up_to_date(done.plan):
        show_nothing_newer(done.plan)


def is_up_to_date(plan: Plan) -> bool:
    """Return whether no app has an upgrade."""
    return all(each.outcome == "unchanged" for each in plan.apps)


def show_nothing_newer(plan: Plan) -> None:
    """Report that there is nothing to upgrade."""
    output.print_line("everything is up to date" if plan.apps else "no apps are installed")


def describe(planned: PlannedApp) -> UpgradeCandidate:
    """Return an app of an upgrade as a JSON object."""
    before = planned.before or planned.deployment
    return UpgradeCandidate(
        app=planned.app,
        outcome=planned.outcome,
        requested=planned.deployment.image,
        current=before.digest,
        latest=planned.latest,
        source=planned.deployment.source,
        pinned=before.pinned,
        entry_changed=not planned.is_same_entry,
        asks=planned.requested,
        trouble=str(planned.error) if planned.error else None,
    )


def _show_outcome(each: PlannedApp, *, is_done: bool, is_downloaded: bool) -> None:
    match each.outcome:
        case "failed" if each.error:
            output.print_line(("not upgraded: ", "yellow"), f"{each.app}: {each.error.what}; {each.error.fix}")
        case "held":
            words = ", ".join(f"{permission.words} ({permission.risk})" for permission in each.requested)
            output.print_line(
                ("held: ", "bold yellow"), f"{each.app} newly requests: {words}; review with: applaunch add {each.app}"
            )
        case "pinned":
            output.print_line(("pinned: ", "bold"), f"{each.app}; applaunch unpin {each.app}")
        case "change" if is_done:
            output.print_line(("upgraded: ", "bold"), f"{each.app}  {_current(each)} -> {_latest(each)}")
        case "change" if is_downloaded:
            output.print_line(("downloaded: ", "bold"), f"{each.app}  {_latest(each)}")


def _current(each: PlannedApp) -> str:
    return _digest((each.before.digest or each.before.recipe) if each.before else "")


def _latest(each: PlannedApp) -> str:
    """Return a summary of what is new about an app."""
    before, after = each.before, each.after
    if each.error or before is None or after is None:
        return f"? {each.error.what}" if each.error else ""
    if after.recipe != before.recipe:
        return _digest(after.recipe)
    words: Sequence[str] = [
        _digest(each.latest) if each.latest not in ("", before.digest) else "",
        "" if each.is_same_entry else "new entry",
        "more permissions" if each.requested else "",
    ]
    return " + ".join(filter(None, words)) or _digest(each.latest)


def _digest(digest: str) -> str:
    return output.short_digest(digest) or "-"
