"""``python -m tests.matrix [ENGINE...]``: run the behaviour tests on each engine and print the table."""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests import rig
from tests.conftest import NO_ENGINE
from tests.home import SANDBOXED, WAYS
from tests.matrix.table import Column, drawn, read
from tests.rig.engines import COLUMNS, prepare

TESTS = "tests/run"
LONGEST = 3600.0
"""Seconds after which a column is broken off."""


def main(words: list[str]) -> int:
    """Do what the words say; returns 0 where nothing failed, 1 where something did, 2 on wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m tests.matrix", description="The behaviour tests on every engine.")
    parser.add_argument("engines", nargs="*", metavar="ENGINE", help=f"{' '.join(COLUMNS)} (default: all)")
    parser.add_argument("--smoke", action="store_true", help="a few tests each, of what `make test` does not use")
    parser.add_argument("--strict", action="store_true", help="an engine that cannot run here is a failure too")
    way_help = (
        f"how launches reach the engine; repeatable (default: {WAYS[0]}; a smoke: all but those without an engine)"
    )
    parser.add_argument("--way", choices=WAYS, action="append", default=[], help=way_help)
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="so many columns at a time")
    parser.add_argument("-k", metavar="WORDS", default="", help="only tests with these words, as pytest's -k")
    asked = parser.parse_args(words)
    unknown = [each for each in asked.engines if each not in COLUMNS]
    if unknown:
        parser.error(f"no engine {unknown[0]!r}; the engines are {' '.join(COLUMNS)}")
    chosen = (
        *(("-m", "smoke") if asked.smoke else ()),
        *(("-k", asked.k) if asked.k else ()),
    )
    wanted = [(each, way) for each in asked.engines or COLUMNS for way in asked.way or WAYS[:1]]
    if not asked.engines and not asked.way:
        wanted += [(COLUMNS[0], way) for way in SANDBOXED]
    if asked.smoke and not asked.engines:
        reached = [way for way in WAYS[1:] if way not in SANDBOXED]
        wanted = [*((each, WAYS[0]) for each in COLUMNS[1:]), *((COLUMNS[0], way) for way in reached)]
    prepare([engine for engine, _ in wanted], _say)
    main_rig = rig.up(log=_say, copies=len(wanted) if asked.jobs > 1 else 0)  # once, so that no column pays for it
    with ThreadPoolExecutor(asked.jobs) as pool:
        columns = [
            pool.submit(_column, *each, chosen, _folder(main_rig, each[0], number if asked.jobs > 1 else 0))
            for number, each in enumerate(wanted, 1)
        ]
    print(drawn([each.result() for each in columns]))
    return int(any(each.result().failed or (asked.strict and each.result().absent) for each in columns))


def _folder(main: rig.Rig, engine: str, copy: int) -> str:
    """Return the folder of a column's rig: columns of the rig's own engine have a copy each, where several run at a time."""
    return str(main.place.copy(copy)) if copy and engine == COLUMNS[0] and main.started_by_us else main.folder


def _column(engine: str, way: str, chosen: tuple[str, ...], folder_of_rig: str) -> Column:
    """Run the tests on one engine, which launches reach in one *way*."""
    name = engine if way == WAYS[0] else way if way in SANDBOXED else f"{engine} {way}"
    _say(f"{name}: begins")
    log = rig.story.here().log(f"matrix-{name.replace(' ', '-')}")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "told")
        apart = f"--basetemp={folder}/t"  # pytest's usual one is closed to other users whenever another pytest begins
        pytest = (sys.executable, "-m", "pytest", TESTS, "-p", "tests.matrix.witness", apart)
        words = (*pytest, "--engine", engine, "--way", way, *chosen)
        with log.open("w") as output:
            env = os.environ | {"APPLAUNCH_MATRIX": str(told), "APPLAUNCH_RIG": folder_of_rig}
            code = _ended(subprocess.Popen(words, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output))
        tests = read(told)
    seconds = time.monotonic() - began
    _say(f"{name}: {sum(each.outcome == 'FAIL' for each in tests)} failed of {len(tests)} ({seconds:.0f} s); see {log}")
    if code == NO_ENGINE:
        return Column(name, tests, seconds, _reason(log.read_text()), absent=True)
    if code not in {0, 1}:
        return Column(name, tests, seconds, f"pytest ended with {code}; read {log}")
    return Column(name, tests, seconds)


def _ended(process: subprocess.Popen[bytes]) -> int:
    """Wait for the tests; whatever interrupts us lets them end their engine first."""
    try:
        return process.wait(LONGEST)
    except BaseException as error:
        process.send_signal(2)
        process.wait(120)
        if isinstance(error, subprocess.TimeoutExpired):
            return -1
        raise


def _reason(log: str) -> str:
    found = re.search(r"outcomes\.Exit: (?:rig: )?(.*?) !+$", log, re.MULTILINE)
    return found[1] if found else "it did not say why"


def _say(text: str) -> None:
    print(f"matrix: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
