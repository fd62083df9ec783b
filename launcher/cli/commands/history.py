"""The commands runs and history."""

import shlex
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import typer

from launcher.cli import output
from launcher.cli.group import Listing, group
from launcher.cli.options import Json, Yes, installed_names
from launcher.cli.output import Cell
from launcher.cli.prompt import confirm
from launcher.core.deploy.record import Change, Deployment, Transaction
from launcher.core.deploy.transaction_plan import Plan
from launcher.core.sandbox.choose_runtime import ENGINE
from launcher.core.values.duration import describe_seconds
from launcher.manage.apps.history import TransactionFilter, find_transaction, list_runs, list_transactions
from launcher.manage.apps.undo import redo_transaction, roll_back_history, undo_transaction
from launcher.manage.change.carry_out import Applied, Approve
from launcher.manage.context import Context
from launcher.state.journal import Run

App = Annotated[str, typer.Option("--app", metavar="APP", autocompletion=installed_names, help="Only this app.")]
Since = Annotated[str, typer.Option(metavar="WHEN", help="Start time: 2h, 3d, yesterday, 2026-11-01.")]
Until = Annotated[str, typer.Option(metavar="WHEN", help="End time.")]
Limit = Annotated[int, typer.Option(metavar="N", min=0, help="Show at most N, the newest; 0 for all.")]


Transactions = Annotated[str, typer.Argument(metavar="N", help="Number of a transaction, last, or last-1.")]

history = group("List, undo and redo transactions: what was installed, upgraded and removed.", cls=Listing)


def runs(app: App = "", since: Since = "", limit: Limit = 50, json: Json = False) -> None:
    """List the programs that ran, the newest first."""
    context = Context.open()
    found = list_runs(context, app, since, limit)
    if json:
        output.print_json([_run_json(run) for run in found])
    elif not found:
        output.print_line("no runs recorded" if not (app or since) else "no runs match")
    else:
        rows = [_run_row(context, run) for run in found]
        output.print_table(
            ("When", "Command", "Digest", "Exit", "Time", "Runtime", "Folder"), rows, right=("Exit", "Time")
        )


@history.command("list")
def list_(  # noqa: PLR0913, PLR0917  one parameter for each option
    span: Annotated[str, typer.Argument(metavar="[RANGE]", help="3..7 or last-2..last (default: all).")] = "",
    app: App = "",
    since: Since = "",
    until: Until = "",
    limit: Limit = 0,
    reverse: Annotated[bool, typer.Option("--reverse", help="List the oldest first.")] = False,
    json: Json = False,
) -> None:
    """List the transactions, the newest first."""
    wanted = TransactionFilter(app, since, until, limit, span)
    found = list_transactions(Context.open(), wanted)
    if reverse:
        found.reverse()
    if json:
        output.print_json([transaction.to_dict() for transaction in found])
    elif not found:
        output.print_line("no transactions" if not (app or since or until or span) else "no transactions match")
    else:
        output.print_table(
            ("ID", "Command line", "Date and time", "Action(s)", "Altered"), [_row(each) for each in found]
        )
        if output.is_on_terminal() and any(each.mark for each in found):
            output.print_line(("* not finished   # failed", "dim"))


@history.command()
def info(
    number: Annotated[str, typer.Argument(metavar="N", help="Number of a transaction, last, or last-1.")] = "last",
    json: Json = False,
) -> None:
    """Show a transaction."""
    context = Context.open()
    transaction = find_transaction(context, number)
    if json:
        output.print_json(transaction.to_dict())
        return
    pairs = [
        ("Transaction", str(transaction.id)),
        ("Began", _format_long(transaction.began)),
        ("Ended", _format_long(transaction.ended) or "not finished, or interrupted: applaunch doctor"),
        ("User", transaction.user),
        ("Status", transaction.status + (f": {transaction.why}" if transaction.why else "")),
        ("Version", transaction.version or "unknown"),
        ("Command", shlex.join(transaction.command_line)),
    ]
    output.print_pairs(pairs, 13)
    for change in transaction.changes:
        _show_change(context, change)


@history.command()
def undo(number: Transactions, yes: Yes = False, json: Json = False) -> None:
    """Revert a transaction."""
    _carry_out(undo_transaction, number, yes=yes, json=json)


@history.command()
def redo(number: Transactions, yes: Yes = False, json: Json = False) -> None:
    """Repeat a transaction."""
    _carry_out(redo_transaction, number, yes=yes, json=json)


@history.command()
def rollback(number: Transactions, yes: Yes = False, json: Json = False) -> None:
    """Restore everything as it was right after a transaction; 0 is the state before the first."""
    _carry_out(roll_back_history, number, yes=yes, json=json)


def _carry_out(way: Callable[[Context, str, Approve], Applied], number: str, *, yes: bool, json: bool) -> None:
    context = Context.open()

    def approve(plan: Plan) -> bool:
        if not json:
            _show_plan(plan)
        return confirm("continue?", yes=yes)

    done = way(context, number, approve)
    if json:
        output.print_json(context.record.transaction(done.transaction).to_dict() if done.transaction else None)
    elif done.transaction:
        output.print_line(("done; data in volumes and folders is unchanged", ""))
        output.print_line((f"(transaction {done.transaction})", "dim"))
    else:
        if not done.plan.apps:
            _show_plan(done.plan)
        output.print_line("no changes")


def _show_plan(plan: Plan) -> None:
    output.print_line((plan.title, "bold"))
    for each in plan.apps:
        output.print_line(f"  {each.action:<10} {each.app}  {_step(each.change)}")


def _step(change: Change) -> str:
    sides = [
        f"{side.number} ({side.shown_image})" if side else "not installed" for side in (change.before, change.after)
    ]
    return f"{sides[0]} -> {sides[1]}"


def _show_change(context: Context, change: Change) -> None:
    output.print_line()
    output.print_line((f"{change.action:<13}", "bold"), change.app)
    for word, side in (("before", change.before), ("after", change.after)):
        output.print_line(f"  {word:<11}", _image(side))
        if side and side.digest:
            output.print_line("    ", side.digest)  # 71 characters: on a line of its own it fits a terminal
    sides = [side for side in (change.before, change.after) if side]
    for path in dict.fromkeys(command.shim for side in sides for command in side.commands):
        output.print_line("  path       ", context.shown(path))


def _image(side: Deployment | None) -> str:
    if side is None:
        return "not installed"
    return side.shown_image if side.digest or side.image_id else f"{side.shown_image} (not pulled yet)"


def _row(each: Transaction) -> tuple[str, ...]:
    line = shlex.join(each.command_line[1:])
    return str(each.id), line, output.format_time(each.began), each.actions, f"{each.altered} {each.mark}".rstrip()


def _run_row(context: Context, run: Run) -> tuple[Cell, ...]:
    name = run.command if run.command == run.app else f"{run.app}/{run.command}"
    words = name if run.args is None else f"{name} {shlex.join(run.args)}"
    ended = (str(run.exit_code), "red" if run.exit_code else "")
    when = datetime.fromtimestamp(run.time).astimezone().strftime("%Y-%m-%d %H:%M")
    took, runtime = describe_seconds(run.seconds), run.runtime or ENGINE
    return when, words, output.short_digest(run.digest), ended, took, runtime, context.shown(run.cwd)


def _run_json(run: Run) -> dict[str, Any]:
    began = datetime.fromtimestamp(run.time).astimezone().isoformat(timespec="milliseconds")
    return {**run._asdict(), "runtime": run.runtime or ENGINE, "began": began}


def _format_long(moment: str) -> str:
    return _to_local_time(moment).strftime("%Y-%m-%d %H:%M:%S %z") if moment else ""


def _to_local_time(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone()
