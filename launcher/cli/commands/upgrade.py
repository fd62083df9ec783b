"""What is newer, and taking it: outdated, upgrade."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from launcher.cli import output
from launcher.cli.options import Json, Yes, installed_names
from launcher.cli.prompt import agreed
from launcher.core.values.duration import parse_duration
from launcher.errors import UsageError
from launcher.manage.apps import upgrade as upgrading
from launcher.manage.apps.upgrade import UpgradeCandidate, Wanted
from launcher.manage.context import Context

_WORK = 100
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[APP]...", autocompletion=installed_names, help="Installed apps; all by default."),
]


def outdated(names: Names = None, json: Json = False) -> None:
    """List the apps that an upgrade would move; nothing is pulled."""
    found = upgrading.offers(Context.open(), names or [])
    shown = [each for each in found if each.is_newer or each.trouble]
    if json:
        output.as_json([_as_object(each) for each in shown])
    elif not shown:
        output.line("everything is up to date" if found else "nothing is installed")
    else:
        _table(shown)


def upgrade(  # noqa: PLR0913, PLR0917  one parameter for each option
    names: Names = None,
    check: Annotated[bool, typer.Option("--check", help="Only tell; exit 100 where there is something.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Only tell, with all that would change.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the plan.")] = False,
    download_only: Annotated[
        bool, typer.Option("--download-only", help="Pull, and switch nothing; the next upgrade has it here.")
    ] = False,
    keep_going: Annotated[bool, typer.Option("--keep-going", help="Go on where an app cannot be upgraded.")] = False,
    min_age: Annotated[
        str, typer.Option(metavar="TIME", help="Take no image that was made within that time: 7d.")
    ] = "",
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Take the newest images and entries of installed apps, all or none (also: update)."""
    desk = Context.open()
    if check or preview or dry_run:
        found = [each for each in upgrading.offers(desk, names or []) if each.is_newer and not each.before.pinned]
        _show_plan(desk, found, preview=preview, json=json)
        if check and found:
            raise typer.Exit(_WORK)
        return
    wanted = Wanted(tuple(names or ()), keep_going, _age(min_age), download_only)

    def asked(moving: Sequence[UpgradeCandidate]) -> bool:
        if not json:
            _table(moving)
        return agreed(f"upgrade {', '.join(each.before.app for each in moving)}?", yes=yes)

    done = upgrading.upgrade(desk, wanted, asked)
    if json:
        output.as_json({"transaction": done.transaction or None, "apps": [_as_object(each) for each in done.offers]})
    else:
        _show_done(done.offers, done.transaction, download_only=download_only)
    if any(each.trouble for each in done.offers):
        raise typer.Exit(1)


def _show_plan(desk: Context, found: Sequence[UpgradeCandidate], *, preview: bool, json: bool) -> None:
    from launcher.cli.commands.diff import as_objects, show_differences  # noqa: PLC0415  only for --preview
    from launcher.manage.query import diff  # noqa: PLC0415  as above

    changes = [diff.preview(desk, each) for each in found] if preview else []
    if json:
        told = [as_objects(each) for each in changes]
        output.as_json([_as_object(each) | ({"changes": told[at]} if preview else {}) for at, each in enumerate(found)])
        return
    if not found:
        output.line("everything is up to date")
        return
    _table(found)
    for each, change in zip(found, changes, strict=False):
        output.line()
        output.line((each.before.app, "bold"))
        show_differences(change)


def _show_done(found: Sequence[UpgradeCandidate], number: int, *, download_only: bool) -> None:
    for each in found:
        if each.trouble:
            output.line(("left: ", "yellow"), f"{each.before.app}: {each.trouble.what}", f"; {each.trouble.fix}")
        elif each.asked:
            words = ", ".join(f"{permission.words} ({permission.risk})" for permission in each.asked)
            output.line(
                ("held: ", "bold yellow"), f"{each.before.app} newly asks to {words}; applaunch add {each.before.app}"
            )
        elif each.before.pinned and each.is_newer:
            output.line(("pinned: ", "bold"), f"{each.before.app}; applaunch unpin {each.before.app}")
        elif each.is_newer and number:
            output.line(
                ("upgraded: ", "bold"),
                f"{each.before.app}  {_digest(each.before.digest or each.before.recipe)} -> {_latest(each)}",
            )
        elif each.is_newer and download_only:
            output.line(("downloaded: ", "bold"), f"{each.before.app}  {_latest(each)}")
    if number:
        output.line((f"(transaction {number}; back: applaunch history undo {number})", "dim"))
    elif not any(each.is_newer or each.trouble for each in found):
        output.line("everything is up to date" if found else "nothing is installed")


def _table(found: Sequence[UpgradeCandidate]) -> None:
    rows = [
        (
            each.before.app,
            each.after.named,
            _digest(each.before.digest or each.before.recipe),
            _latest(each),
            each.after.source,
            _pinned(each),
        )
        for each in found
    ]
    output.table(("App", "Requested", "Current", "Latest", "Source", "Pinned"), rows)


def _latest(offer: UpgradeCandidate) -> str:
    if offer.trouble:
        return f"? {offer.trouble.what}"
    moved = offer.latest not in ("", offer.before.digest)
    if offer.after.recipe != offer.before.recipe:
        return _digest(offer.after.recipe)
    words = [*([_digest(offer.latest)] if moved else []), *([] if offer.is_same_entry else ["new entry"])]
    words += ["more permissions"] if offer.asked else []
    return " + ".join(words) or _digest(offer.latest)


def _digest(digest: str) -> str:
    return output.short(digest) or "-"


def _pinned(offer: UpgradeCandidate) -> str:
    return "yes" if offer.before.pinned else ""


def _as_object(offer: UpgradeCandidate) -> dict[str, Any]:
    before, after = offer.before, offer.after
    return {
        "app": before.app,
        "requested": after.image,
        "current": before.digest,
        "latest": offer.latest,
        "source": after.source,
        "pinned": before.pinned,
        "entry_changed": not offer.is_same_entry,
        "asks": [permission._asdict() for permission in offer.asked],
        "trouble": str(offer.trouble) if offer.trouble else None,
    }


def _age(text: str) -> float:
    try:
        return parse_duration(text) if text else 0.0
    except ValueError as error:
        raise UsageError("--min-age", *str(error).split("; ", 1)) from None
