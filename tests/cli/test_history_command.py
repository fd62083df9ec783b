"""runs and history: what a person and a program read of what happened."""

import json
import os
import re
import time

import pexpect
import pytest

from launcher.core.deploy.record import Change
from launcher.state import journal
from launcher.state.journal import Run
from launcher.state.transactions import Record

DIGEST = "sha256:24a2" + "0" * 60
NOW = time.time()
DAY = 86400


def ran(home, **other):
    """Write one run into the journal."""
    given = {
        "time": NOW,
        "app": "yq",
        "command": "yq",
        "digest": DIGEST,
        "exit_code": 0,
        "seconds": 1.25,
        "cwd": str(home.work),
    }
    assert journal.append(f"{home.path}/.local/state/applaunch/runs", Run(**given | other))


@pytest.fixture
def lived(home):
    """A journal of three runs, the last one failed."""
    ran(home, time=NOW - 3 * DAY, app="stack", command="stack")
    ran(home, time=NOW - 120)
    ran(home, time=NOW - 60, app="openstack", command="nova", exit_code=3, seconds=0.4, runtime="bubblewrap")


def lines(home, *words, **how):
    """Run a command that succeeds, and return what it prints as lines without trailing blanks."""
    done = home.run("applaunch", *words, check=True, **how)
    return [line.rstrip() for line in done.stdout.splitlines()]


@pytest.mark.usefixtures("lived")
def test_runs_are_shown_newest_first(home):
    shown = lines(home, "runs")

    assert shown[0].split() == ["When", "Command", "Digest", "Exit", "Time", "Runtime", "Folder"]
    assert [line.split()[2:] for line in shown[1:3]] == [
        ["openstack/nova", "24a200000000", "3", "0.4s", "bubblewrap", "~/work"],
        ["yq", "24a200000000", "0", "1.2s", "engine", "~/work"],
    ]
    assert shown[1].startswith(time.strftime("%Y-%m-%d %H:%M", time.localtime(NOW - 60)))


@pytest.mark.parametrize(
    ("words", "commands"),
    [
        ([], ["nova", "yq", "stack"]),
        (["--app", "openstack"], ["nova"]),
        (["--since", "1h"], ["nova", "yq"]),
        (["--limit", "1"], ["nova"]),
        (["--limit", "0"], ["nova", "yq", "stack"]),
        (["--app", "nobody"], []),
    ],
)
@pytest.mark.usefixtures("lived")
def test_runs_can_be_filtered(answer, words, commands):
    assert [run["command"] for run in answer("runs", *words)] == commands


def test_runs_as_json_are_the_journal_and_a_readable_time(home, answer):
    ran(home, args=("--x", "a b"))

    (run,) = answer("runs")

    assert run.pop("began").startswith(time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(NOW)))
    assert run == {
        "time": NOW,
        "app": "yq",
        "command": "yq",
        "digest": DIGEST,
        "exit_code": 0,
        "seconds": 1.25,
        "cwd": str(home.work),
        "args": ["--x", "a b"],
        "cut": False,
        "runtime": "engine",
    }


@pytest.mark.usefixtures("lived")
def test_a_failed_run_is_red_on_a_terminal(home):
    output, code = pexpect.run("applaunch runs", env=home.env, cwd=home.work, withexitstatus=True, encoding="utf-8")
    plain = pexpect.run("applaunch runs", env=home.env | {"NO_COLOR": "1"}, cwd=home.work, encoding="utf-8")

    assert code == 0
    assert re.search(r"\x1b\[31m *3\x1b", output)
    assert "\x1b[31m" not in plain


def test_old_runs_are_deleted(home, answer):
    ran(home, time=NOW - 800 * DAY)
    ran(home)

    assert len(answer("runs")) == 1
    assert len(os.listdir(f"{home.path}/.local/state/applaunch/runs")) == 1


def test_a_broken_catalog_hides_no_run(home, answer):
    ran(home, time=NOW - 800 * DAY)
    home.catalog("this is no TOML")

    assert len(answer("runs")) == 1


def test_an_invalid_time_is_a_usage_error(home):
    done = home.run("applaunch", "runs", "--since", "someday")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("applaunch: --since: 'someday' is not a time; write 2h, 3d, today")


def test_an_empty_history_is_reported(home, answer):
    assert lines(home, "runs") == ["no runs recorded"]
    assert lines(home, "history") == ["no transactions"]
    assert answer("runs") == answer("history") == []


@pytest.mark.usefixtures("installed")
def test_history_has_the_columns_of_dnf(home):
    home.run("applaunch", "remove", "mybox", check=True)

    shown = lines(home, "history")

    assert shown == lines(home, "history", "list")
    assert shown[0].split() == ["ID", "Command", "line", "Date", "and", "time", "Action(s)", "Altered"]
    assert shown[1].split()[:3] + shown[1].split()[-2:] == ["2", "remove", "mybox", "Remove", "1"]
    assert shown[2].split()[:3] + shown[2].split()[-2:] == ["1", "add", "mybox", "Install", "1"]


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ([], [2, 1]),
        (["--app", "other"], [2]),
        (["--limit", "1"], [2]),
        (["--since", "1h"], [2, 1]),
        (["--until", "yesterday"], []),
    ],
)
@pytest.mark.usefixtures("installed")
def test_transactions_can_be_filtered(home, answer, words, ids):
    home.app("other", "docker.io/library/other:1")

    assert [each["id"] for each in answer("history", *words)] == ids
    assert [each["id"] for each in answer("history", "list", *words)] == ids


@pytest.mark.usefixtures("installed")
def test_failed_and_unfinished_transactions_are_marked(home):
    record = Record(f"{home.path}/.local/state/applaunch/state.db")
    held = record.deployed()["mybox"]
    for _ in range(2):
        number = record.begin(["applaunch", "remove", "mybox"], "ana", NOW, [Change("mybox", "Remove", held, None)]).id
    record.fail(number, NOW, "the disk is full")

    assert [line.split()[-1] for line in lines(home, "history")[1:]] == ["#", "*", "1"]
    assert "Status       Failed: the disk is full" in lines(home, "history", "info")
    assert "Ended        not finished, or interrupted: applaunch doctor" in lines(home, "history", "info", "2")


@pytest.mark.usefixtures("installed")
def test_info_shows_all_fields_of_a_transaction(home, answer):
    shown = lines(home, "history", "info", "1")

    assert "Command      applaunch add mybox" in shown
    assert "Status       Ok" in shown
    assert "Install      mybox" in shown
    assert "  before     not installed" in shown
    assert "  after      docker.io/library/busybox:latest (not pulled yet)" in shown
    assert "  path       ~/.local/bin/mybox" in shown
    assert answer("history", "info", "last") == answer("history", "info", "1")
    assert answer("history", "info", "1")["changes"][0]["after"]["commands"][0]["shim"] == str(home.bin / "mybox")


@pytest.mark.parametrize(
    ("word", "code", "line"),
    [
        ("99", 1, "applaunch: history: no transaction 99; applaunch history list\n"),
        ("last-5", 1, "applaunch: history: there are not that many transactions; applaunch history list\n"),
        ("x", 2, "applaunch: history info: 'x' is not a transaction; write its number, last, or last-1\n"),
    ],
)
@pytest.mark.usefixtures("installed")
def test_an_unknown_transaction_is_reported_in_one_line(home, word, code, line):
    done = home.run("applaunch", "history", "info", word)

    assert (done.returncode, done.stdout, done.stderr) == (code, "", line)


@pytest.mark.usefixtures("installed")
def test_the_json_of_history_is_the_record(home, answer):
    (transaction,) = answer("history")

    record = Record(f"{home.path}/.local/state/applaunch/state.db")
    assert transaction == json.loads(json.dumps(record.transaction(1).to_dict()))
