"""``python -m tests.kills [COUNT]``: management commands killed at random moments, and what still works afterwards.

Each time one of add, upgrade, rollback, remove or undo is killed with SIGKILL somewhere on its way. Then every command that
worked before still works, or is the new one whole; no row of the history is lost; `doctor --fix` ends clean.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import rig as rigs
from tests.conftest import Home, eventually_none

REPOSITORY, OTHER = "docker.io/applaunch/layers", "docker.io/library/busybox:latest"
NAMES = ("one", "two", "three")
LONGEST = 0.7  # seconds; a command that has ended by then was not killed, and that is fine, too


def main(words):
    """Kill as many as the words say; returns 0, or raises AssertionError with what was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills")
    parser.add_argument("count", nargs="?", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(words)
    rig = rigs.up(log=lambda line: print(f"rig: {line}", file=sys.stderr))
    original = rig.digest(REPOSITORY, "latest")
    try:
        with tempfile.TemporaryDirectory() as folder:
            home = Home(Path(folder) / "home", rig.docker_host)
            killed = run(home, rig, [original, OTHER], asked.count, random.Random(asked.seed))
    finally:
        rig.retag(REPOSITORY, "latest", original)
    print(f"kills: {asked.count} commands, {killed} of them killed; nothing was lost")
    return 0


def run(home, rig, contents, count, dice):
    """Kill *count* commands, and look after each; returns how many were still at work."""
    image = rig.ref(f"{REPOSITORY}:latest")
    keys = f'image = "{image}"\nentrypoint = ["sh", "-c", "echo ran"]\nnetwork_mode = "none"\n'
    home.catalog("".join(f"[apps.{name}]\n{keys}" for name in NAMES))
    killed = 0
    for number in range(count):
        if dice.random() < 0.3:
            rig.retag(REPOSITORY, "latest", dice.choice(contents))
        before = {each["name"] for each in told(home, "list")}
        rows = len(told(home, "history"))
        words = command(before, dice)
        was_killed = kill(home, words, dice.uniform(0.05, LONGEST))
        killed += was_killed
        look(home, before, words, rows, f"{number}: {' '.join(words)} ({'killed' if was_killed else 'ended'})")
        if (number + 1) % 25 == 0:
            print(f"kills: {number + 1}", file=sys.stderr, flush=True)
    for name in [each["name"] for each in told(home, "list")]:
        home.run("applaunch", "remove", name, check=True)
    home.run("applaunch", "gc", check=True)
    return killed


def told(home, *words):
    """Return what a command answers as JSON."""
    return json.loads(home.run("applaunch", *words, "--json", check=True).stdout)


def command(installed, dice):
    """Return the words of a command that has something to do."""
    missing = [name for name in NAMES if name not in installed]
    ways = [("upgrade", "-y"), ("pull",), ("history", "undo", "last", "-y")]
    ways += [("add", dice.choice(missing))] * 2 if missing else []
    for name in installed:
        ways += [("rollback", name), ("remove", name), ("unpin", name)]
    return dice.choice(ways)


def kill(home, words, seconds):
    """Start a command, kill it after so long with all that it started, and tell whether it was still at work."""
    how = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    process = home.popen("applaunch", *words, **how)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def look(home, before, words, rows, what):
    """Look whether all that must hold does."""
    assert len(told(home, "history")) >= rows, f"{what}: a row is lost"
    going = {words[1]} if words[0] == "remove" else {*NAMES} if words[0] == "history" else set()
    for name in sorted(before - going):
        ended = home.run(name)
        assert (ended.returncode, ended.stdout) == (0, "ran\n"), f"{what}: {name}: {ended.stderr}"
    for path in home.bin.iterdir() if home.bin.exists() else ():
        if path.suffix != ".new":
            text = path.read_text()
            assert text.endswith("main(sys.argv)\n"), f"{what}: {path.name} is half-written"
    home.run("applaunch", "doctor", "--fix")
    found = eventually_none(lambda: problems(home))  # a container of somebody else's may be on its way out
    assert not found, f"{what}: {found}"
    for each in told(home, "list"):
        ended = home.run(each["name"])
        assert (ended.returncode, ended.stdout) == (0, "ran\n"), f"{what}, mended: {each['name']}: {ended.stderr}"


def problems(home):
    """Return what the doctor still finds."""
    return [each for each in told_anyway(home, "doctor")["findings"] if each["state"] == "problem"]


def told_anyway(home, *words):
    """Return what a command answers as JSON, whatever its exit code."""
    return json.loads(home.run("applaunch", *words, "--json").stdout)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
