"""An app that is on PATH now, as people and programs are told of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from launcher.cli import output
from launcher.cli.ask_consent import STYLES
from launcher.core.policy.permission import Permission
from launcher.manage.context import Context

if TYPE_CHECKING:
    from launcher.manage.apps.add import Added


def show_added(desk: Context, added: "Added", number: int) -> None:
    """Show one app that is on PATH now."""
    deployment = added.deployment
    output.line((deployment.app, "bold"), f"  {deployment.named}")
    output.line("  ", *sentence(added.permissions))
    show_placed(desk, added, number)


def show_placed(desk: Context, added: "Added", number: int) -> None:
    """Show where the commands of an app are, and what should be known of it."""
    deployment = added.deployment
    word = "added" if added.is_new else "already there"
    for command in deployment.commands:
        at = f"          (transaction {number})" if added.is_new and command == deployment.commands[-1] else ""
        output.line((f"{word}: ", "bold"), desk.shown(command.shim), (at, "dim"))
    if added.deprecated:
        output.line(("note: ", "yellow"), f"{deployment.app} is deprecated: {added.deprecated}")
    for program, how in added.shadowed:
        output.line(("note: ", "yellow"), f"{program} {how}")


def added_json(added: "Added") -> dict[str, Any]:
    """Return one app that is on PATH now as JSON has it."""
    lists = {"permissions": [each._asdict() for each in added.permissions], "shadowed": added.shadowed}
    return {**added.deployment.to_dict(), **lists, "new": added.is_new}


def sentence(granted: Sequence[Permission]) -> list[tuple[str, str]]:
    """Return what an app may do in one line, what is risky in colour."""
    parts: list[tuple[str, str]] = []
    for permission in granted:
        parts += [(" · ", "dim")] if parts else []
        parts.append((permission.words, STYLES[permission.risk]))
    return parts
