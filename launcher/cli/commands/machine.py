"""The commands doctor, ensurepath and engine."""

import sys
import textwrap
from typing import Annotated

import typer

from launcher.cli import output
from launcher.cli.group import group
from launcher.cli.options import Json
from launcher.manage.context import Context
from launcher.manage.doctor.finding import Finding
from launcher.manage.doctor.run_checks import is_well, run_checks
from launcher.manage.machine import engine_commands, path_setup

engine = group("Show, start and stop the container engine.")

_MARKS = {"ok": ("✓", "green"), "note": ("!", "yellow"), "problem": ("✗", "bold red"), "fixed": ("✓", "green")}
_PLAIN = {"ok": "ok", "note": "note", "problem": "problem", "fixed": "fixed"}


def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Fix what can be fixed.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Compare all files of unpacked images.")] = False,
    json: Json = False,
) -> None:
    """Check for problems, and fix them or show how."""
    found = run_checks(Context.open(), fix=fix, verify=verify)
    well = is_well(found)
    if json:
        keys = ("check", "state", "what", "fix")
        output.print_json({"ok": well, "findings": [{key: getattr(each, key) for key in keys} for each in found]})
    else:
        for each in found:
            _show_finding(each)
    if not well:
        raise typer.Exit(1)


def ensurepath(
    shell: Annotated[
        str, typer.Option(metavar="SHELL", help=f"{', '.join(path_setup.SHELLS)} (default: your login shell).")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be written.")] = False,
    json: Json = False,
) -> None:
    """Add the folder of the shims to PATH in your shell's start-up files."""
    context = Context.open()
    done = path_setup.ensure_path(context, shell, dry_run=dry_run)
    if json:
        unchanged = [file.path for file in done.files if not file.changed]
        facts = {"folder": done.folder, "shell": done.shell, "on_path": done.on_path, "dry_run": dry_run}
        output.print_json({**facts, "changed": list(done.changed), "unchanged": unchanged})
        return
    for file in done.files:
        word = "already there: " if not file.changed else "would write: " if dry_run else "written: "
        output.print_line((word, "bold"), context.shown(file.path))
    if done.changed and dry_run:
        sys.stdout.write(done.block)
    elif done.changed or (done.files and not done.on_path):
        output.print_line(f"open a new terminal to have {context.shown(done.folder)} on PATH")
    else:
        output.print_line(f"{context.shown(done.folder)} is already on PATH")


@engine.command()
def status(json: Json = False) -> None:
    """Show the engine in use, and where it was configured."""
    found = engine_commands.engine_status(Context.open())
    if json:
        output.print_json(found._asdict())
        return
    kind = [found.flavour, found.version, *(["rootless"] if found.rootless else [])]
    pairs = [
        ("Engine", " ".join(kind) + (" (applaunch's own)" if found.private else "")),
        ("Address", found.host),
        ("Set by", found.origin),
        ("API", found.api),
        ("System", f"{found.system}, {found.arch}"),
        ("Storage", f"{found.storage} in {found.root}"),
        ("Holds", f"{found.images} images, {found.containers} containers ({found.running} running)"),
    ]
    output.print_pairs(pairs, 10)


@engine.command()
def start(json: Json = False) -> None:
    """Start your own container engine from the installed podman or docker."""
    context = Context.open()
    found = engine_commands.start(context)
    if json:
        output.print_json({"host": f"unix://{found.socket}", "program": found.program, "pid": found.pid})
        return
    output.print_line(("started: ", "bold"), f"{found.program} (pid {found.pid}) at unix://{found.socket}")
    named = [name for name in ("DOCKER_HOST", "DOCKER_CONTEXT") if context.call.env.get(name)]
    if named:
        output.print_note(f"{named[0]} is set and selects another engine; unset {named[0]}")


@engine.command()
def stop(json: Json = False) -> None:
    """Stop the engine that `applaunch engine start` started, and no other; its images stay."""
    stopped = engine_commands.stop(Context.open())
    if json:
        output.print_json({"stopped": stopped})
    else:
        output.print_line("stopped; its images stay" if stopped else "applaunch has not started an engine")


def _show_finding(finding: Finding) -> None:
    mark, style = _MARKS[finding.state]
    if not (sys.stdout.encoding or "").lower().startswith("utf"):
        mark = f"{_PLAIN[finding.state]:<8}"
    head, fix = f" {finding.check:<11}", f"; {finding.fix}" if finding.fix else ""
    margin, width = len(mark + head), output.terminal_width()
    if not width or margin + len(finding.what + fix) <= width:
        output.print_line((mark, style), (head, "bold"), finding.what, fix)
        return
    first, *rest = textwrap.wrap(finding.what, max(width - margin, 20), break_long_words=False, break_on_hyphens=False)
    output.print_line((mark, style), (head, "bold"), first)
    for words in [*rest, *([finding.fix] if finding.fix else [])]:  # the fix is left whole: it is there to be pasted
        output.print_line(" " * margin, words)
