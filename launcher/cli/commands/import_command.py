"""The command import: read, show the apps and what is lost, ask, and write."""

from typing import Annotated, Any

import typer

from launcher.cli import output
from launcher.cli.added_view import added_to_json, describe_permissions, show_added
from launcher.cli.ask_consent import consent_on_terminal
from launcher.cli.options import Critical, Json
from launcher.cli.prompt import confirm
from launcher.core.deploy.transaction_plan import PermissionRequest, Plan
from launcher.core.imports.docker.proposal import NO_RUN, SAME, Skipped
from launcher.host.process import is_terminal
from launcher.manage.change.carry_out import Applied
from launcher.manage.context import Context
from launcher.manage.convert import import_apps
from launcher.manage.convert.import_apps import ImportedApp, ImportRequest, Reading


def import_(  # noqa: PLR0913, PLR0917  one parameter for each option
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE]...", help="Aliases, functions, docker run lines, YAML; - is stdin."),
    ] = None,
    image: Annotated[str, typer.Option(metavar="REF", help="Read the labels of this image.")] = "",
    from_: Annotated[str, typer.Option("--from", metavar="KIND", help="The format, if it is not detected.")] = "",
    only: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Convert only this app; repeatable.")] = None,
    as_: Annotated[str, typer.Option("--as", metavar="OTHERNAME", help="Write the app under another name.")] = "",
    add: Annotated[bool, typer.Option("--add", help="Install the apps as well.")] = False,
    allow_critical: Critical = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the apps; write nothing.")] = False,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Convert aliases, docker run lines and other files to apps in your catalog; execute nothing."""
    context = Context.open()
    reading = import_apps.read_imports(context, ImportRequest(tuple(paths or ()), image, from_, tuple(only or ()), as_))
    if not json:
        _show(reading)
    is_asked = is_terminal(0) and is_terminal(1) and not json and not any(each.taken for each in reading.apps)
    question = _question(context, reading, add=add)
    if not reading.apps or dry_run or not (yes or is_asked) or not confirm(question, yes=yes):
        if json:
            output.print_json(_to_object(reading))
        elif reading.apps:
            output.print_line(
                (
                    f"nothing was written; to write to {context.shown(reading.path)}, add: {_write_options(reading)}",
                    "dim",
                )
            )
        if not reading.apps and not any(each.why == SAME for each in reading.left):
            raise typer.Exit(1)
        return
    if add:
        consent_on_terminal(yes=True, critical=allow_critical or ())(
            [PermissionRequest(each.name, each.permissions) for each in reading.apps]
        )
    if add:
        done = import_apps.add_imports(context, reading)
    else:
        import_apps.write_imports(context, reading)
        done = Applied(Plan(()))
    if json:
        result = {"written": reading.path, "transaction": done.transaction or None, "added": added_to_json(done)}
        output.print_json(_to_object(reading) | result)
        return
    output.print_line(("written: ", "bold"), context.shown(reading.path))
    show_added(context, done)
    if not add:
        output.print_line((f"install with: applaunch add {' '.join(each.name for each in reading.apps)}", "dim"))


def _question(context: Context, reading: Reading, *, add: bool) -> str:
    names = ", ".join(each.name for each in reading.apps)
    return f"Write {names} to {context.shown(reading.path)}{' and install' if add else ''}?"


def _write_options(reading: Reading) -> str:
    """Return the options that make the command write."""
    taken = [each for each in reading.apps if each.taken]
    if not taken:
        return "-y"
    return "-y --as OTHERNAME" if len(reading.apps) == 1 else "-y --only NAME, with --as OTHERNAME where it is taken"


def _show(reading: Reading) -> None:
    for app in reading.apps:
        _show_app(app)
    left = [each for each in reading.left if each.why != NO_RUN]
    for each in left:
        output.print_line(
            ("left: ", "yellow"), *_origin_of(each), f"{each.why}", (f"  {each.text}" if each.text else "", "dim")
        )
    for origin in dict.fromkeys(each.origin for each in reading.left):
        lines = [each.line for each in reading.left if each.origin == origin and each.why == NO_RUN]
        if lines:
            what = "line runs" if len(lines) == 1 else "lines run"
            output.print_line(("left: ", "yellow"), f"{origin}: {len(lines)} {what} no container ({_ranges(lines)})")
    if not reading.apps and not left:
        output.print_line("found nothing that runs a container")


def _origin_of(each: Skipped) -> list[str]:
    where = f"{each.origin}:{each.line}: " if each.line else f"{each.origin}: "
    return [where, f"{each.name}: " if each.name else ""]


def _show_app(app: ImportedApp) -> None:
    where = f"{app.origin}:{app.line}" if app.line else app.origin
    output.print_line((f"# {where}", "dim"))
    for row in app.toml.rstrip("\n").split("\n"):
        output.print_line(row)
    output.print_line(("may: ", "bold"), *describe_permissions(list(app.permissions)))
    for note in app.notes:
        if note.fate == "refused":
            output.print_line(("not kept: ", "yellow"), f"{note.part}: {note.why}")
        elif note.fate == "explained":
            output.print_line(("not needed: ", "dim"), f"{note.part}: {note.why}")
        elif note.why:
            output.print_line(("note: ", "dim"), f"{note.part}: {note.why}")
    if app.taken:
        output.print_line(
            ("taken: ", "yellow"), f"{app.name} is in {app.taken} already; choose another name: --as OTHERNAME"
        )
    output.print_line()


def _ranges(lines: list[int]) -> str:
    """Return line numbers as ranges: ``1-4, 9``."""
    found: list[list[int]] = []
    for line in sorted(set(lines)):
        if found and line == found[-1][-1] + 1:
            found[-1][1:] = [line]
        else:
            found.append([line])
    return ", ".join("-".join(map(str, each)) for each in found)


def _to_object(reading: Reading) -> dict[str, Any]:
    return {"written": None, "transaction": None, "apps": reading.apps, "left": reading.left, "added": []}
