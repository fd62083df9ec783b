"""A launch in a home that has lived long: many apps, all installed, a journal of many runs, and a long history."""

import os
import time
from functools import partial

from benchmarks.ground import Ground, Home
from benchmarks.race import Race, Row, Target, Variant
from launcher.core.deploy.record import Change
from launcher.core.values.duration import iso
from launcher.state import journal, ledger
from launcher.state.database import open_for_writing
from launcher.state.transactions import Record

FEW = 10


def race(ground: Ground) -> Race:
    """The same app where there is little, against where there is much; in many rounds, for three in a hundred."""
    few, many, most = ground.sizes.apps
    rows, transactions = ground.sizes.rows, ground.sizes.transactions
    homes = {
        "little": _home(ground, "little", few, FEW, 1),
        "apps": _home(ground, "many", many, FEW, 1),
        "most apps": _home(ground, "most", most, FEW, 1),
        "history": _home(ground, "history", few, rows, transactions),
    }
    os.sync()  # what was written for it is on the disk before anything is measured
    variants = tuple(
        Variant(each, partial(ground.clock.measure, home.job(called, "true"))) for each, (home, called) in homes.items()
    )
    shown = (
        Row(f"cold, no network, {few} apps, {FEW} runs in the journal", "little"),
        Row(f"launch with {many:,} apps, against {few}", "apps", "little"),
        Row(f"**launch with {most:,} apps**, against {few}", "most apps", "little", target=Target(1.03)),
        Row(f"**launch with {rows:,} runs, {transactions:,} transactions**", "history", "little", target=Target(1.03)),
    )
    return Race("catalogs", variants, shown, share=4.0, pause=ground.settle)


def _home(ground: Ground, name: str, count: int, runs: int, transactions: int) -> tuple[Home, str]:
    """Return a home with *count* apps of one catalog, all installed, and one of them, in the middle, to call."""
    home = ground.home(f"catalogs-{name}")
    apps = [ground.app(f"{number:05}", network_mode='"none"') for number in range(count)]
    home.add("".join(table for _, table in apps), *(each for each, _ in apps))
    called = apps[count // 2][0]
    with home.caller.lend(home.path):
        _remember_runs(home, called, runs)
        _remember_transactions(home, called, transactions)
    return home, called


def _remember_transactions(home: Home, app: str, count: int) -> None:
    """Lengthen the history to *count* transactions: upgrades of *app* that found nothing else."""
    path = f"{home.path}/.local/state/applaunch/state.db"
    deployed = Record(path).deployed()[app]
    with open_for_writing(path) as connection:
        for _ in range(count - 1):
            number = ledger.begin(connection, iso(time.time()), "ana", '["applaunch", "upgrade"]', "0")
            ledger.plan(connection, number, [Change(app, "Upgrade", deployed, deployed)])
            ledger.apply(connection, number)
            ledger.end(connection, number, "Ok", iso(time.time()))


def _remember_runs(home: Home, app: str, runs: int) -> None:
    """Fill this month's journal with runs of *app*."""
    folder = home.path / ".local/state/applaunch/runs"
    run = journal.Run(time.time(), app, app, f"sha256:{0:064}", 0, 0.2, str(home.work))
    journal.append(str(folder), run)
    (month,) = folder.iterdir()
    line = month.read_bytes()
    with month.open("ab") as file:
        for _ in range(runs - 1):
            file.write(line)
