"""The commands trust, untrust, sync and lock."""

from typing import Annotated

import typer

from launcher.cli import output
from launcher.cli.ask_consent import STYLES, consent_on_terminal
from launcher.cli.options import Critical, Json, Yes
from launcher.cli.prompt import confirm
from launcher.errors import HostError
from launcher.manage.context import Context
from launcher.manage.projects import project_trust
from launcher.manage.projects.project_trust import ProjectReview
from launcher.manage.projects.sync import SyncResult, sync_project

_WORK = 100
Place = Annotated[str, typer.Argument(metavar="[FILE]", help="applaunch.toml or its folder (default: search upward).")]
Owner = Annotated[bool, typer.Option("--owner", help="Accept a project that others own or can write.")]


def trust(
    file: Place = "",
    owner: Owner = False,
    yes: Yes = False,
    allow_critical: Critical = None,
    json: Json = False,
) -> None:
    """Trust the catalog of a project, after showing it; each change of the file needs trust again."""
    context = Context.open()
    where = project_trust.find_project_file(context, file, accept=owner)
    found = project_trust.review_project(context, where.path)
    if not json:
        _show(context, found)
        if where.doubt:
            output.print_note(f"it {where.doubt}")
    known = found.is_trusted and not where.doubt
    done = known or confirm("trust this project?", yes=yes)
    if done and not known:
        consent_on_terminal(yes=True, critical=allow_critical or ())(found.asked)
        project_trust.trust_project(context, found.project)
        if where.doubt:
            project_trust.accept_owner(context, where)
    if json:
        output.print_json({"path": where.path, "trusted": done, "diff": found.diff})
    else:
        output.print_line("already trusted" if known else "trusted" if done else "no changes")
    if not done:
        raise typer.Exit(1)


def untrust(file: Place = "", json: Json = False) -> None:
    """Revoke trust in a project."""
    context = Context.open()
    where = project_trust.find_project_file(context, file, accept=True)
    was = project_trust.revoke_trust(context, where)
    if json:
        output.print_json({"path": where.path, "trusted": False})
    else:
        output.print_line("trust revoked" if was else "it was not trusted")


def sync(  # noqa: PLR0913, PLR0917  one parameter for each option
    file: Place = "",
    check: Annotated[bool, typer.Option("--check", help="Only check; exit code 100 if there are changes.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Remove apps that the project no longer has.")] = False,
    yes: Yes = False,
    allow_critical: Critical = None,
    json: Json = False,
) -> None:
    """Install the apps of a project at the digests of its lock."""
    context = Context.open()
    found = project_trust.review_project(context, project_trust.find_project_file(context, file).path)
    critical = [*(allow_critical or ())]
    if not check and not found.is_trusted:
        if not json:
            _show(context, found)
        if not confirm("trust this project?", yes=yes):
            raise HostError(context.shown(found.project.path), "is not trusted", "applaunch trust")
        consent_on_terminal(yes=True, critical=critical)(found.asked)
        critical += [each.app for each in found.asked if each.risk == "critical"]  # their names were typed just now
        project_trust.trust_project(context, found.project)
    may = consent_on_terminal(yes=yes, critical=critical)
    done = sync_project(context, found.project, may, check=check, prune=prune)
    if json:
        output.print_json(done)
    else:
        _show_matched(done, check=check)
    if check and done.is_work:
        raise typer.Exit(_WORK)


def lock(
    file: Place = "",
    update: Annotated[bool, typer.Option("--update", help="Update all apps to their current image.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only check; exit code 100 if the lock would change.")] = False,
    json: Json = False,
) -> None:
    """Lock the images of a project: write the digest of each image to applaunch.lock."""
    from launcher.manage.projects.lock import lock_project  # noqa: PLC0415  only for this command

    context = Context.open()
    done = lock_project(context, project_trust.find_project_file(context, file).path, update=update, check=check)
    if json:
        output.print_json(done)
    else:
        for each in done.moved:
            digests = (output.short_digest(digest) or "-" for digest in (each.before, each.after))
            output.print_line((f"{each.app}: ", "bold"), " → ".join(digests), (f"  {each.image}", "dim"))
        word = ("would be written: " if check else "written: ") if done.is_work else "up to date: "
        output.print_line((word, "bold"), context.shown(done.path))
    if check and done.is_work:
        raise typer.Exit(_WORK)


def _show(context: Context, found: ProjectReview) -> None:
    output.print_line((context.shown(found.project.path), "bold"))
    for line in found.diff:
        style = {"+": "green", "-": "red"}.get(line[:1], "dim")
        output.print_line((f"  {line}", style))
    for command, permission in found.permissions:
        output.print_line((f"  {permission.risk:<9}", STYLES[permission.risk]), f"{command}: {permission.words}")


def _show_matched(done: SyncResult, *, check: bool) -> None:
    if not done.is_work:
        output.print_line("this machine matches the project")
        return
    words = {"install": done.install, "change": done.change, "remove": done.remove}
    for word, names in words.items():
        if names:
            label = f"would {word}: " if check else f"{word}{'d' if word.endswith('e') else 'ed'}: "
            output.print_line((label, "bold"), ", ".join(names))
    if done.transaction:
        output.print_line((f"(transaction {done.transaction})", "dim"))
