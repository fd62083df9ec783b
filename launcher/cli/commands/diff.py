"""The command diff, and the view of `upgrade --preview`."""

from collections.abc import Sequence
from json import dumps
from typing import Annotated, Any

import typer

from launcher.cli import output
from launcher.cli.options import Installed, Json
from launcher.core.deploy.deployment_diff import Difference
from launcher.manage.context import Context
from launcher.manage.query.diff import diff_deployments


def diff(
    name: Installed,
    one: Annotated[str, typer.Argument(metavar="[A]", help="Number of a deployment (default: the one before B).")] = "",
    other: Annotated[str, typer.Argument(metavar="[B]", help="Number of another (default: the current one).")] = "",
    json: Json = False,
) -> None:
    """Compare two deployments of an app: entry, permissions, image, layers, packages."""
    before, after, found = diff_deployments(Context.open(), name, one, other)
    if json:
        output.print_json({"app": after.app, "before": before.number, "after": after.number, "changes": found})
        return
    output.print_line((f"{after.app}  {before.number} -> {after.number}", "bold"))
    show_differences(found)


def show_differences(found: Sequence[Difference]) -> None:
    """Show each difference as a line: added, removed or changed."""
    if not found:
        output.print_line("  no differences")
    part = ""
    for each in found:
        if each.part != part:
            part = each.part
            output.print_line((f"  {part}", "bold"))
        output.print_line(*_line(each))


def _line(each: Difference) -> tuple[tuple[str, str], ...]:
    if each.part == "layers":
        lost, new = each.before, each.after
        words = [
            f"{side['layers']} {word} ({output.format_size(side['bytes'])})"
            for word, side in (("gone", lost), ("new", new))
        ]
        return ((f"    {', '.join([each.name, *words])}", ""),)
    if each.before is None:
        return ((f"    + {each.name}{_value(each.after, ': ')}", "green"),)
    if each.after is None:
        return ((f"    - {each.name}{_value(each.before, ': ')}", "red"),)
    before, after = (
        output.format_size(value) if each.name == "size" else _value(value) for value in (each.before, each.after)
    )
    return ((f"    ~ {each.name}: {before} -> {after}", "yellow"),)


def _value(value: Any, lead: str = "") -> str:
    return lead + (value if isinstance(value, str) else dumps(value, ensure_ascii=False))
