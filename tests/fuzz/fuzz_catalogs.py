"""Hostile catalogs and lines, followed as far as a launch: `python -m tests.fuzz.fuzz_catalogs [COUNT] [--seed N]`.

Each example is a few catalogs, one over the other, and a text of another tool. They are read, merged, judged, planned,
compiled into launch files, exported and imported under a `Guard`, which lets nothing be started, loaded, connected to,
read or written but those launch files. Whatever is said, it comes to a value or to a trouble of ours.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from launcher.errors import printable
from tests.fuzz.follow_catalogs import followed, imported
from tests.fuzz.guard import Guard, Started, load_everything
from tests.fuzz.hostile_texts import catalog, foreign

LAYERS = (("built-in", "built-in"), ("system", "/etc/applaunch/catalog.toml"), ("team", "the catalog of team"))
MINE = (("user", "~/.config/applaunch/catalog.toml"), ("project x", "/srv/x/applaunch.toml"), ("override", "x.toml"))


def judge(rng: random.Random, folder: str) -> Counter[str]:
    """Make one example and hold every promise against it; raises AssertionError, `Started`, or whatever it is."""
    layers = [(*rng.choice(LAYERS), catalog(rng))] * rng.randrange(2) + [(*rng.choice(MINE), catalog(rng))]
    kind, said = foreign(rng)
    with Guard(folder):
        shown = Counter[str]()
        for what, words in (*followed(layers, folder, rng), *imported(kind, said, rng)):
            shown[what] += 1
            assert all(printable(each).isprintable() for each in words), (what, words)
    return shown


def examples(seed: int, number: int, folder: str) -> Iterator[tuple[Counter[str], str]]:
    """Yield what came of each example, and how it broke a promise: "" where it did not."""
    for example in range(number):
        try:
            yield judge(random.Random(f"{seed}/{example}"), folder), ""
        except (Exception, Started) as error:  # noqa: BLE001  whatever it is, the example is told
            yield Counter(), f"{seed}/{example}: {type(error).__name__}: {error!s:.500}"


def _memory() -> str | None:
    """Return a folder whose files need no disk, where there is one: a launch file is flushed."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def main(words: Sequence[str]) -> int:
    """Run the examples that are asked for, and tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.fuzz_catalogs")
    parser.add_argument("count", nargs="?", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(words)
    counts, broken = Counter[str](), list[str]()
    load_everything()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        for found, trouble in examples(asked.seed, asked.count, folder):
            counts += found
            broken += [trouble] if trouble else []
    seconds = time.perf_counter() - began
    whole = f"{asked.count} examples in {seconds:.0f} s, seed {asked.seed}: "
    sys.stdout.write(whole + (f"{len(broken)} broken\n" if broken else "nothing was started, loaded or reached\n"))
    sys.stdout.write("".join(f"{what}: {count}\n" for what, count in sorted(counts.items())))
    sys.stdout.write("".join(f"BROKEN {each}\n  again: SEED/EXAMPLE as above\n" for each in broken[:20]))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
