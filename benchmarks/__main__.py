"""``python -m benchmarks``: everything measured side by side in one run, then a table, JSON and a picture."""

import argparse
import shutil
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks import bars, machine, race, table
from benchmarks.caller import find_caller
from benchmarks.clock import Clock, Failed
from benchmarks.figures import figures
from benchmarks.ground import Ground
from benchmarks.race import Outcome
from benchmarks.races import RACES
from benchmarks.sizes import TINY, Sizes
from benchmarks.table import Report
from tests import rig as rigs

ROUNDS = 25


def main(words: list[str]) -> int:
    """Measure, print the table, and write it; returns 0, or 1 where something failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="applaunch against docker run --rm.")
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N", help=f"of a short race; default {ROUNDS}")
    parser.add_argument("--only", nargs="+", metavar="WORDS", default=[], help=f"races: {' '.join(RACES)}")
    parser.add_argument("--smoke", action="store_true", help="everything once, at tiny sizes: nothing is judged")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="for the three files; default: a new one")
    asked = parser.parse_args(words)
    if unknown := [each for each in asked.only if each not in RACES]:
        parser.error(f"no race {unknown[0]!r}; the races are {' '.join(RACES)}")
    if asked.rounds < 1:
        parser.error("--rounds: at least one")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what is measured is cleared away
    sizes, rounds = (TINY, 0) if asked.smoke else (Sizes(), asked.rounds)
    try:
        report = measured(asked.only or list(RACES), rounds, sizes)
    except Failed as error:
        say(str(error))
        return 1
    print(table.markdown(report))
    written(report, asked.out or Path(tempfile.mkdtemp(prefix="applaunch-bench-")))
    return int(any(each.failed for each in report.outcomes))


def measured(names: list[str], rounds: int, sizes: Sizes) -> Report:
    """Run the races one after another; nothing of them is left."""
    was_up = rigs.current()
    rig = rigs.up(log=lambda line: say(f"rig: {line}"))
    with ExitStack() as stack:
        if was_up is None:
            stack.callback(rigs.down, rig)
        facts = machine.facts(rig)
        folder = Path(tempfile.mkdtemp(prefix="applaunch-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        caller = find_caller(rig.docker_host, folder)
        clocks = stack.enter_context(Clock(folder, caller.prefix)), stack.enter_context(Clock(folder))
        ground = Ground(rig, folder, caller, clocks, sizes)
        stack.callback(ground.clear)
        outcomes = [raced(name, ground, rounds) for name in names]
    least = min(rounds, race.LEAST)
    facts["rounds"] = f"{rounds}; fewer for long runs, at least {least}" if rounds else "one call each, a smoke"
    return Report([each for outcome in outcomes for each in figures(outcome)], facts, outcomes, sizes.judged)


def raced(name: str, ground: Ground, rounds: int) -> Outcome:
    """Set one race up and run it; one that cannot be set up spoils no other."""
    say(f"{name}: begins")
    try:
        found = RACES[name](ground)
    except Failed as error:
        return race.failed(name, str(error))
    return race.run(found, rounds, say)


def written(report: Report, folder: Path) -> None:
    """Write the three files."""
    folder.mkdir(parents=True, exist_ok=True)
    caption = f"{report.facts['engine']}, applaunch {report.facts['applaunch']}, {report.facts['date']}"
    (folder / "results.md").write_text(table.markdown(report))
    (folder / "results.json").write_text(table.told(report))
    (folder / "bars.svg").write_text(bars.svg(report.figures, caption))
    say(f"written: {folder}/results.md, results.json, bars.svg")


def say(line: str) -> None:
    """Tell on stderr how far it is."""
    print(f"bench: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
