"""Management commands that are killed at random moments lose nothing.

Each time one of add, upgrade, rollback, remove or undo is killed with SIGKILL somewhere on its way. Then every command that
worked before still works, or is the new one whole; no row of the history is lost; `doctor --fix` ends clean.
"""

import json
import os
import random
import signal
import subprocess
from pathlib import Path

import pytest

from tests.leftovers import eventually_none
from tests.soak import rounds

pytestmark = [pytest.mark.engine, pytest.mark.soak]

COUNT = rounds(short=8, whole=300)
REPOSITORY, OTHER = "docker.io/applaunch/layers", "docker.io/library/busybox:latest"
NAMES = ("one", "two", "three")
LAST_LINE = (Path(__file__).parents[2] / "shims/shim").read_text().splitlines(keepends=True)[-1]
LONGEST = 0.7  # seconds; a command that has ended by then was not killed, and that is fine, too


@pytest.fixture
def contents(engine):
    """Return what the tag of the tests may point at; it points at its own image again afterwards."""
    original = engine.digest(REPOSITORY, "latest")
    yield [original, OTHER]
    engine.retag(REPOSITORY, "latest", original)


def test_a_command_that_is_killed_loses_nothing(engine, home, contents):
    dice = random.Random(1)
    image = engine.ref(f"{REPOSITORY}:latest")
    keys = f'image = "{image}"\nentrypoint = ["sh", "-c", "echo ran"]\nnetwork_mode = "none"\n'
    home.catalog("".join(f"[apps.{name}]\n{keys}" for name in NAMES))
    for number in range(COUNT):
        if dice.random() < 0.3:
            engine.retag(REPOSITORY, "latest", dice.choice(contents))
        before = {each["name"] for each in told(home, "list")}
        rows = len(told(home, "history"))
        words = command(before, dice)
        was_killed = kill(home, words, dice.uniform(0.05, LONGEST))
        look(home, before, words, rows, f"{number}: {' '.join(words)} ({'killed' if was_killed else 'ended'})")
    for name in [each["name"] for each in told(home, "list")]:
        home.run("applaunch", "remove", name, check=True)
    home.run("applaunch", "gc", check=True)


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
            assert text.endswith(LAST_LINE), f"{what}: {path.name} is half-written"
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
