"""The engine and bubblewrap compared on random entries and calls: `python -m tests.fuzz.fuzz_runtimes [COUNT] [--seed N]`.

Each example is an entry with random keys, and a call of it by an ordinary user. The engine runs it, then whatever
applaunch chooses, which is bubblewrap if it gives the same run; some examples run again, as a repeated call does. What
came of them (exit code, streams, files with their owners and modes) and what the program saw (`facts_program`) is
compared value by value, with the differences that `stated_differences` tells and no others. What the engine has to run
is counted apart.
"""

import argparse
import re
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from tests import rig as rigs
from tests.fuzz.runtime_pair import Outcome, Pair


def main(words: list[str]) -> int:
    """Run the examples that are asked for, and print each difference as it comes."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.fuzz_runtimes")
    parser.add_argument("count", nargs="?", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first example")
    asked = parser.parse_args(words)
    counts, reasons, began = Counter[str](), Counter[str](), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        pair = Pair(Path(folder), rigs.up(log=lambda _: None))
        for number in range(asked.first, asked.first + asked.count):
            try:
                outcome = pair.compare(f"{asked.seed}/{number}")
            except Exception:  # noqa: BLE001  one example shall not end a run of hours
                outcome = Outcome("bubblewrap", "", {"not compared": (traceback.format_exc(), "")})
            counts[outcome.runtime] += 1
            counts["repeated"] += outcome.repeated
            counts["differences"] += len(outcome.differences)
            if outcome.runtime in ("engine", "neither"):
                reasons[re.sub(r" = .*", "", outcome.reason)] += 1
            for section, (mine, theirs) in outcome.differences.items():
                sys.stdout.write(
                    f"{asked.seed}/{number} {section}\n  expected   {mine}\n  bubblewrap {theirs}\n  {outcome.keys}\n"
                )
                sys.stdout.flush()
        pair.end()
    seconds = time.monotonic() - began
    sys.stdout.write(f"run by the engine: {dict(reasons)}\n")
    sys.stdout.write(f"{asked.count} examples, seed {asked.seed}, {seconds:.0f} s: {dict(counts)}\n")
    return 1 if counts["differences"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
