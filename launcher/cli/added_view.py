"""Show installed apps."""

from collections.abc import Sequence
from typing import Any

from launcher.cli import output
from launcher.cli.ask_consent import STYLES
from launcher.core.deploy.transaction_plan import PlannedApp
from launcher.core.policy.permission import Permission
from launcher.manage.change.carry_out import Applied
from launcher.manage.context import Context


def show_added(context: Context, done: Applied) -> None:
    """Show the installed apps with their permissions."""
    for each in done.plan.apps:
        output.print_line((each.app, "bold"), f"  {each.deployment.shown_image}")
        output.print_line("  ", *describe_permissions(each.permissions))
        _show_placed(context, each, done.transaction)


def show_placed(context: Context, done: Applied) -> None:
    """Show the commands of the installed apps, with notes."""
    for each in done.plan.apps:
        _show_placed(context, each, done.transaction)


def added_to_json(done: Applied) -> list[dict[str, Any]]:
    """Return the installed apps as JSON objects."""
    return [
        {
            **each.deployment.to_dict(),
            "permissions": each.permissions,
            "shadowed": each.shadowed,
            "new": each.outcome == "change",
        }
        for each in done.plan.apps
    ]


def describe_permissions(granted: Sequence[Permission]) -> list[tuple[str, str]]:
    """Return the permissions of an app as the parts of one line, risky ones in colour."""
    parts: list[tuple[str, str]] = []
    for permission in granted:
        parts += [(" · ", "dim")] if parts else []
        parts.append((permission.words, STYLES[permission.risk]))
    return parts


def _show_placed(context: Context, each: PlannedApp, number: int) -> None:
    is_new = each.outcome == "change"
    commands = each.deployment.commands
    for command in commands:
        at = f"          (transaction {number})" if is_new and command == commands[-1] else ""
        output.print_line(
            ("added: " if is_new else "already there: ", "bold"), context.shown(command.shim), (at, "dim")
        )
    if each.deprecated:
        output.print_note(f"{each.app} is deprecated: {each.deprecated}")
    for program, how in each.shadowed:
        output.print_note(f"{program} {how}")
