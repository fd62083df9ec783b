"""What runs now is listed and stopped: containers at the engine, and sandboxes, which are processes of bwrap."""

import json
import os
import subprocess
import time

import pytest

from tests.home import WAYS
from tests.leftovers import eventually_none

pytestmark = pytest.mark.engine

BUSYBOX = "docker.io/library/busybox:latest"


@pytest.fixture
def name(home):
    return f"p{os.getpid()}{home.path.parent.name[-12:].lower().replace('_', '-')}"


@pytest.fixture
def start(home, engine, name):
    """Start a shell in a container, which says when it is ready."""
    running = []

    def begin(script, *words, **keys):
        keys = {"entrypoint": '["sh"]', "network_mode": '"none"', "stop_grace_period": '"1s"'} | keys
        if name not in home.apps:
            home.app(name, engine.ref(BUSYBOX), **keys)
        words = words or (name,)
        running.append(
            home.popen(
                *words, "-c", f"echo ready; {script}", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
            )
        )
        assert running[-1].stdout.readline() == "ready\n"
        return running[-1]

    yield begin
    for each in running:
        if each.poll() is None:
            each.kill()
        each.communicate()
    assert not eventually_none(home.processes, 10)


def listed(home):
    return json.loads(home.run("applaunch", "ps", "--json", check=True).stdout)


ENDLESS = "while :; do sleep 0.1; done"


def test_a_program_in_a_container_is_listed_with_its_folder(home, start, name):
    before = time.time()
    process = start(ENDLESS)

    (row,) = listed(home)

    assert (row["pid"], row["app"], row["command"]) == (process.pid, name, name)
    assert (row["runtime"], row["folder"]) == ("engine", str(home.work))
    assert before - 2 < time.mktime(time.strptime(row["since"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone < time.time() + 2
    assert len(row["container"]) == (64 if home.way in WAYS[:2] else 0)
    shown = home.run("applaunch", "ps", check=True).stdout.splitlines()
    assert shown[0].split() == ["Pid", "Command", "Runtime", "Since", "Folder"]
    assert shown[1].split()[:3] == [str(process.pid), name, "engine"]
    assert shown[1].split()[-1] == "~/work"


@pytest.mark.parametrize("words", [("applaunch", "run"), ("applaunch", "run", "--timings"), ("applaunch", "run", "--runtime", "engine")])  # fmt: skip
def test_a_program_of_applaunch_run_is_listed_too(home, start, name, words):
    start(ENDLESS, *words, name)

    assert [(row["app"], row["runtime"]) for row in listed(home)] == [(name, "engine")]


def test_nothing_is_listed_before_and_after(home, start, name):
    assert home.run("applaunch", "ps", check=True).stdout == "no programs are running\n"
    process = start("exit 3")
    assert process.wait(20) == 3

    assert listed(home) == []


def test_a_watcher_that_outlives_its_launcher_is_no_program(home, start):
    process = start(ENDLESS)
    process.kill()
    process.wait(20)

    assert listed(home) == []


@pytest.mark.parametrize("by", ["name", "pid"])
def test_a_program_gets_its_stop_signal_and_its_exit_code_counts(home, start, name, by):
    process = start(f"trap 'exit 7' TERM; {ENDLESS}")

    done = home.run("applaunch", "stop", name if by == "name" else str(process.pid), check=True)

    assert done.stdout == f"stopped: {name} ({process.pid})\n"
    assert process.wait(5) == 7
    assert listed(home) == []


def test_a_program_gets_the_stop_signal_of_its_entry(home, start, name):
    if home.way in WAYS[2:]:
        pytest.skip("a warm container is stopped by its launcher, which forwards TERM")
    process = start(f"trap 'exit 8' USR1; {ENDLESS}", stop_signal='"SIGUSR1"')

    home.run("applaunch", "stop", name, check=True)

    assert process.wait(5) == 8


def test_a_deaf_program_is_killed_when_its_time_is_over(home, start, name):
    process = start(f"trap '' TERM; {ENDLESS}")
    began = time.monotonic()

    home.run("applaunch", "stop", name, check=True)

    assert 1 <= time.monotonic() - began < 12
    assert process.wait(5) == 137


def test_all_programs_of_an_app_are_stopped(home, start, name):
    several = [start(ENDLESS), start(ENDLESS)]

    rows = json.loads(home.run("applaunch", "stop", "--json", name, check=True).stdout)

    assert sorted(row["pid"] for row in rows) == sorted(each.pid for each in several)
    assert [each.wait(5) for each in several] in ([137, 137], [143, 143], [-15, -15])


def test_what_does_not_run_is_refused_and_nothing_is_stopped(home, start, name):
    process = start(ENDLESS)

    done = home.run("applaunch", "stop", name, "nosuch")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "applaunch: nosuch: is not running; applaunch ps\n"
    assert process.poll() is None
