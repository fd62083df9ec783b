"""Every management command where something that is always there is not: no traceback, and one line of ours at most."""

import json
import os
import sys
from pathlib import Path

import pytest

from tests.cli.hostile_views import EACH, EVERY, FIRST, SHOW_NONE, VIEWS

ROOT = Path(__file__).parents[2]
STRANGER = 54321  # a uid without a passwd entry
CODES = {0, 1, 2, 100, 125, 126, 127}


def calls(where="", **env):
    """Return a call of each command, one with --json and one that asks nothing."""
    words = {**VIEWS, **{command: [[]] for command in SHOW_NONE if not command.startswith("engine st")}}
    words |= {"config set": [["warm", "5m"]], "remote delete": [["team"]], "completion": [["bash"]], "remove": [["jq"]]}
    words |= {"engine status": [[]]}
    names = {FIRST: "jq", EACH: "jq", EVERY: "jq"}
    each = [
        [*command.split(), *(names.get(word, word) for word in call)]
        for command, wanted in words.items()
        for call in wanted
    ]
    return [[call, where, env] for word in each for call in (word, [*word, "--json"], [*word, "-y"])]


@pytest.fixture
def ask(home):
    """Carry out calls and return those that crashed, or that ended in an odd way."""
    home.run("applaunch", "add", "jq", "-y", check=True)
    (home.work / "project").mkdir()
    (home.work / "project/applaunch.toml").write_text("schema = 1\n[apps.jq]\nimage = 'x/y:1'\n")
    (home.work / "served").mkdir()
    (home.work / "served/catalog.toml").write_text("schema = 1\n[apps.t]\nimage = 'docker.io/x/y:1'\n")
    home.run("applaunch", "remote", "add", "team", "served", "--no-verify", check=True)

    def look(wanted):
        how = {"env": {"PYTHONPATH": str(ROOT), "EDITOR": "true"}, "check": True, "timeout": 900}
        done = home.run(sys.executable, "-m", "tests.cli.odd_places", input=json.dumps(wanted), **how)
        said = zip((words for words, *_ in wanted), json.loads(done.stdout), strict=True)
        return [
            (words, code, err[-1500:])
            for words, (code, err) in said
            if code not in CODES or "Traceback" in err or f"\n{err}".count("\napplaunch: ") > 1 + ("interrupted" in err)
        ]

    return look


as_stranger = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be a user without a passwd entry")


@pytest.mark.parametrize("where", ["full", "closed", "read-only"])
def test_with_an_odd_stdout(ask, where):
    assert not ask(calls(where))


@pytest.mark.parametrize("env", [
    {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
    {"COLUMNS": "1", "LINES": "1", "TERM": "dumb"},
    {"COLUMNS": "x", "FORCE_COLOR": "1", "TERM": ""},
    {"HOME": None, "LANG": None, "TERM": None},
    {"XDG_STATE_HOME": "/dev/null/x", "XDG_CACHE_HOME": "/proc/x", "XDG_CONFIG_HOME": "/dev/null"},
    {"TMPDIR": "/nowhere", "TZ": "Nowhere/Land", "DOCKER_CONFIG": "/dev/null"},
], ids="-".join)  # fmt: skip
def test_with_an_odd_environment(ask, home, env):
    if "HOME" in env:  # root's own is not to be touched
        home.owned_by(STRANGER)
    assert not ask(calls(**env))


@as_stranger
@pytest.mark.parametrize("place", ["/", "read-only", "/nowhere", "/dev/null"])
def test_for_a_user_without_a_passwd_entry_whose_home_cannot_be_written(ask, home, place):
    home.run("applaunch", "list", check=True)
    home.owned_by(STRANGER)
    if place == "read-only":
        for folder, _, _ in os.walk(home.path):
            os.chown(folder, 0, 0)
    assert not ask(calls(**({} if place == "read-only" else {"HOME": place})))
