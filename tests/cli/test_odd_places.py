"""Every management command where something that is always there is not: no traceback, and one line of ours at most."""

import json
import os
import sys
import zlib
from pathlib import Path

import pytest

from tests.cli.hostile_views import EACH, EVERY, FIRST, SHOW_NONE, VIEWS
from tests.soak import WHOLE

ROOT = Path(__file__).parents[2]
STRANGER = 54321  # a uid without a passwd entry
pytestmark = pytest.mark.soak
CODES = {0, 1, 2, 100, 125, 126, 127}


@pytest.fixture
def calls(request):
    """Return calls of each command in odd surroundings: plain, with --json and with -y.

    The short form has one of the three for each, another one in the next surroundings; a soak has all.
    """
    turn = zlib.crc32(request.node.name.encode())

    def make(where="", **env):
        every = every_command()
        if WHOLE:
            return [[call, where, env] for words in every for call in variants(words)]
        return [[variants(words)[(turn + number) % 3], where, env] for number, words in enumerate(every)]

    return make


def variants(words):
    return words, [*words, "--json"], [*words, "-y"]


def every_command():
    """Return what is typed to call each command."""
    words = {**VIEWS, **{command: [[]] for command in SHOW_NONE if not command.startswith("engine st")}}
    words |= {"config set": [["warm", "5m"]], "remote delete": [["team"]], "completion": [["bash"]], "remove": [["jq"]]}
    words |= {"engine status": [[]]}
    names = {FIRST: "jq", EACH: "jq", EVERY: "jq"}
    return [
        [*command.split(), *(names.get(word, word) for word in call)]
        for command, wanted in words.items()
        for call in wanted
    ]


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
def test_with_an_odd_stdout(ask, calls, where):
    assert not ask(calls(where))


@pytest.mark.parametrize("env", [
    {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
    {"COLUMNS": "1", "LINES": "1", "TERM": "dumb"},
    {"COLUMNS": "x", "FORCE_COLOR": "1", "TERM": ""},
    {"HOME": None, "LANG": None, "TERM": None},
    {"XDG_STATE_HOME": "/dev/null/x", "XDG_CACHE_HOME": "/proc/x", "XDG_CONFIG_HOME": "/dev/null"},
    {"TMPDIR": "/nowhere", "TZ": "Nowhere/Land", "DOCKER_CONFIG": "/dev/null"},
], ids="-".join)  # fmt: skip
def test_with_an_odd_environment(ask, calls, home, env):
    if "HOME" in env:  # root's own is not to be touched
        home.owned_by(STRANGER)
    assert not ask(calls(**env))


@as_stranger
@pytest.mark.parametrize("place", ["/", "read-only", "/nowhere", "/dev/null"])
def test_for_a_user_without_a_passwd_entry_whose_home_cannot_be_written(ask, calls, home, place):
    home.run("applaunch", "list", check=True)
    home.owned_by(STRANGER)
    if place == "read-only":
        for folder, _, _ in os.walk(home.path):
            os.chown(folder, 0, 0)
    assert not ask(calls(**({} if place == "read-only" else {"HOME": place})))
