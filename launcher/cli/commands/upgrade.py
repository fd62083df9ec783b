"""The commands outdated and upgrade."""

from collections.abc import Sequence
from typing import Annotated

import typer

from launcher.cli import output
from launcher.cli.options import Json, Yes, installed_names
from launcher.cli.prompt import confirm
from launcher.cli.upgrade_view import describe, show_done, show_nothing_newer, show_table
from launcher.core.deploy.transaction_plan import Plan, PlannedApp
from launcher.core.values.duration import parse_duration
from launcher.errors import UsageError
from launcher.manage.apps.upgrade import UpgradeOptions, preview_upgrade, upgrade_apps
from launcher.manage.context import Context

_WORK = 100
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[APP]...", autocompletion=installed_names, help="Installed apps (default: all)."),
]


def outdated(names: Names = None, json: Json = False) -> None:
    """List the apps that have an upgrade; pull nothing."""
    plan = preview_upgrade(Context.open(), names or [])
    found = [each for each in plan.apps if each.outcome != "unchanged"]
    if json:
        output.print_json([describe(each) for each in found])
    elif not found:
        show_nothing_newer(plan)
    else:
        show_table(found)


def upgrade(  # noqa: PLR0913, PLR0917  one parameter for each option
    names: Names = None,
    check: Annotated[bool, typer.Option("--check", help="Only check; exit code 100 if there are upgrades.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Show all changes; upgrade nothing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan; upgrade nothing.")] = False,
    download_only: Annotated[bool, typer.Option("--download-only", help="Pull the images; upgrade nothing.")] = False,
    keep_going: Annotated[bool, typer.Option("--keep-going", help="Skip apps that cannot be upgraded.")] = False,
    min_age: Annotated[str, typer.Option(metavar="TIME", help="Skip images younger than this: 7d.")] = "",
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Upgrade apps to their newest image and entry, all or none (also: update)."""
    context = Context.open()
    if check or preview or dry_run:
        plan = preview_upgrade(context, names or [])
        found = [each for each in plan.apps if each.outcome in ("change", "held")]
        _show_plan(context, found, preview=preview, json=json)
        if check and found:
            raise typer.Exit(_WORK)
        return
    options = UpgradeOptions(tuple(names or ()), keep_going, _age(min_age), download_only)

    def approve(plan: Plan) -> bool:
        if not json:
            show_table(plan.changing)
        return confirm(f"upgrade {', '.join(each.app for each in plan.changing)}?", yes=yes)

    done = upgrade_apps(context, options, approve)
    if json:
        output.print_json(
            {"transaction": done.transaction or None, "apps": [describe(each) for each in done.plan.apps]}
        )
    else:
        show_done(done, downloaded=download_only)
    if any(each.outcome == "failed" for each in done.plan.apps):
        raise typer.Exit(1)


def _show_plan(context: Context, found: Sequence[PlannedApp], *, preview: bool, json: bool) -> None:
    from launcher.cli.commands.diff import show_differences  # noqa: PLC0415  only for --preview
    from launcher.manage.query import diff  # noqa: PLC0415  as above

    changes = [diff.preview_upgrade(context, each) for each in found] if preview else []
    if json:
        more = [{"changes": each} for each in changes] if preview else [{} for _ in found]
        output.print_json([describe(one)._asdict() | other for one, other in zip(found, more, strict=True)])
    elif not found:
        output.print_line("everything is up to date")
    else:
        show_table(found)
        for each, change in zip(found, changes, strict=False):
            output.print_line()
            output.print_line((each.app, "bold"))
            show_differences(change)


def _age(text: str) -> float:
    try:
        return parse_duration(text) if text else 0.0
    except ValueError as error:
        raise UsageError("--min-age", *str(error).split("; ", 1)) from None
