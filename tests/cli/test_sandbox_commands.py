"""What people see of a program that runs in a sandbox: info, the command line, timings, the journal, ps and stop."""

import json
import os
import re
import subprocess
import time

import pytest

from tests.leftovers import eventually_none
from tests.opened import UID

pytestmark = pytest.mark.engine

BUSYBOX = "docker.io/library/busybox:latest"
ENDLESS = "while :; do sleep 0.1; done"


@pytest.fixture
def boxed(home, engine):
    """A shell of an ordinary user, whose image is unpacked: bubblewrap runs it."""
    if engine.caller_uid:
        pytest.skip("the engine is another user's own")
    home.ordinary()
    home.app("boxed", engine.ref(BUSYBOX), entrypoint='["sh"]', network_mode='"none"', stop_grace_period='"1s"')
    home.run("applaunch", "pull", "boxed", check=True)
    yield "boxed"
    assert not eventually_none(home.processes, 10)


@pytest.fixture
def start(home, boxed):
    """Start an endless shell in a sandbox, which says when it is ready."""
    running = []

    def begin(script, *words):
        words = words or (boxed,)
        how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "text": True}
        running.append(home.popen(*words, "-c", f"echo ready; {script}", **how))
        assert running[-1].stdout.readline() == "ready\n"
        return running[-1]

    yield begin
    for each in running:
        if each.poll() is None:
            each.kill()
        each.communicate()


def test_info_says_what_runs_it(home, boxed):
    about = json.loads(home.run("applaunch", "info", boxed, "--json", check=True).stdout)

    assert about["runtimes"] == {boxed: {"runtime": "bubblewrap", "why": "", "is_refused": False}}
    assert "Runs with   bubblewrap\n" in home.run("applaunch", "info", boxed).stdout
    home.run("applaunch", "override", boxed, "--network", "mine", check=True)
    assert "Runs with   the engine: network_mode = 'mine'\n" in home.run("applaunch", "info", boxed).stdout


def test_the_line_of_a_dry_run_runs_the_same_program(home, boxed):
    script = "id -u; pwd; grep Seccomp: /proc/self/status; exit 5"
    run = home.run(boxed, "-c", script)

    line = home.run("applaunch", "run", "--dry-run", "--runtime", "bubblewrap", boxed, "-c", script, check=True).stdout
    done = home.run("bash", "-c", line)

    assert (done.stdout, done.returncode) == (run.stdout, 5), done.stderr
    assert run.stdout == f"{UID}\n{home.work}\nSeccomp:\t2\n"


def test_a_dry_run_without_a_word_about_it_is_the_engines_line(home, boxed):
    assert home.run("applaunch", "run", "--dry-run", boxed, check=True).stdout.startswith("docker run ")


def test_a_dry_run_of_what_bubblewrap_cannot_run_is_refused(home, boxed):
    home.run("applaunch", "override", boxed, "--network", "mine", check=True)

    done = home.run("applaunch", "run", "--dry-run", "--runtime", "bubblewrap", boxed)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("applaunch: boxed: cannot run with bubblewrap: network_mode = 'mine'; ")


def timed(home, *words):
    done = home.run("applaunch", "run", "--timings", *words)
    head, *rows, total = done.stderr.splitlines()
    found = dict(re.fullmatch(r"(\S.*?) +([\d.]+) +[\d.]+%", row).groups() for row in rows)
    assert sum(map(float, found.values())) == pytest.approx(float(total.split()[1]), abs=0.05 * (len(rows) + 1))
    return done, head.split("  ")[0], {name: float(ms) for name, ms in found.items()}


def test_the_phases_of_a_run_in_a_sandbox(home, boxed):
    done, kind, spent = timed(home, boxed, "-c", "sleep 0.2; echo out; exit 3")

    assert (done.stdout, done.returncode, kind) == ("out\n", 3, "planned, by bubblewrap")
    assert [*spent] == ["interpreter and imports", "saved plan", "launch file", "runtime", "planning", "sandbox and program", "the rest"]  # fmt: skip
    assert spent["sandbox and program"] >= 190


def test_a_run_that_was_planned_before_has_fewer_phases(home, boxed):
    for _ in range(3):  # the first makes files that the plan rests on
        home.run(boxed, "-c", "exit 0", check=True)
        time.sleep(0.1)

    done, kind, spent = timed(home, boxed, "-c", "exit 4")

    assert (done.returncode, kind) == (4, "saved, by bubblewrap")
    assert [*spent] == ["interpreter and imports", "saved plan", "sandbox and program", "the rest"]


def test_the_engine_is_timed_with_the_reason(home, boxed):
    home.run("applaunch", "override", boxed, "--mem-limit", "64m", check=True)
    home.run(boxed, "-c", "exit 0", check=True)

    done = home.run("applaunch", "run", "--timings", "--json", boxed, "-c", "exit 0", check=True)

    told = json.loads(done.stderr)
    assert (told["runtime"], told["kind"], told["why"]) == ("engine", "cold", "mem_limit = 67108864")


def test_a_failure_for_want_of_a_network_is_noted_each_time(home, boxed):
    for _ in range(4):  # the last one is repeated as it was planned before
        done = home.run(boxed, "-c", "exit 3", "https://example.org")
        time.sleep(0.1)

        assert done.returncode == 3
        assert done.stderr == "applaunch: boxed: note: it has no network for the URL; applaunch override boxed --network bridge\n"  # fmt: skip


def test_the_journal_has_both_runtimes(home, boxed):
    home.run(boxed, "-c", "exit 0", check=True)
    home.run("applaunch", "run", "--runtime", "engine", boxed, "-c", "exit 0", check=True)

    runs = json.loads(home.run("applaunch", "runs", "--json", check=True).stdout)

    assert [run["runtime"] for run in runs] == ["engine", "bubblewrap"]


@pytest.mark.parametrize(
    "words", [("boxed",), ("applaunch", "run", "boxed"), ("applaunch", "run", "--timings", "boxed")]
)
def test_a_program_in_a_sandbox_is_listed(home, start, words):
    started = start(ENDLESS, *words)

    (row,) = json.loads(home.run("applaunch", "ps", "--json", check=True).stdout)

    assert (row["pid"], row["command"], row["runtime"]) == (started.pid, "boxed", "bubblewrap")
    assert (row["folder"], row["container"]) == (str(home.work), "")


def test_a_program_in_a_sandbox_gets_its_stop_signal(home, start):
    started = start(f"trap 'exit 7' TERM; {ENDLESS}")

    assert home.run("applaunch", "stop", "boxed", check=True).stdout == f"stopped: boxed ({started.pid})\n"
    assert started.wait(5) == 7


def test_a_deaf_program_in_a_sandbox_is_killed_when_its_time_is_over(home, start):
    started = start(f"trap '' TERM; {ENDLESS}")
    began = time.monotonic()

    home.run("applaunch", "stop", str(started.pid), check=True)

    assert 1 <= time.monotonic() - began < 8
    assert started.wait(5) == 137


@pytest.fixture
def build(engine):
    """Build an image on busybox, which the engine alone has."""
    made = []

    def make(*lines):
        ref = f"localhost/writable-{os.getpid()}:{len(made)}"
        done = engine.docker("build", "-q", "-t", ref, "-", input="\n".join([f"FROM {engine.ref(BUSYBOX)}", *lines]))
        assert done.returncode == 0, done.stderr
        made.append(ref)
        return ref

    yield make
    for ref in made:
        engine.forget(ref)


KEYS = {"entrypoint": '["sh"]', "network_mode": '"none"', "pull_policy": '"never"'}
RUNTIMES = ("engine", "bubblewrap")


def by_both(home, name, script):
    """Run *script* by each runtime and return what came of it."""
    return [home.run("applaunch", "run", "--runtime", each, name, "-c", script) for each in RUNTIMES]


def test_a_folder_of_the_image_below_the_callers_own_hides_nothing(home, engine, build):
    home.ordinary()
    image = build("RUN mkdir -p /data/cache /data/spool && chmod 777 /data/cache /data/spool")
    home.app("below", image, working_dir='"/data"', **KEYS)
    (home.work / "cache").mkdir()
    (home.work / "cache/mine").write_text("kept")

    for runtime in RUNTIMES:
        ended = home.run("applaunch", "run", "--runtime", runtime, "below", "-c", f"cat cache/mine; echo {runtime} > cache/new; ls spool")  # fmt: skip

        assert (ended.stdout, "spool" in ended.stderr) == ("kept", True), ended.stderr
        assert (home.work / "cache/new").read_text() == f"{runtime}\n"


def test_a_volume_of_the_image_is_writable_in_a_read_only_one(home, engine, build):
    home.ordinary()
    image = build("RUN mkdir -p /vol /open && chmod 777 /vol /open", "VOLUME /vol")
    home.app("volume", image, read_only="true", **KEYS)

    done = by_both(home, "volume", "echo a > /vol/x && cat /vol/x; echo b > /open/x")

    assert [(each.stdout, each.returncode) for each in done] == [("a\n", 1)] * 2
    assert all("Read-only file system" in each.stderr for each in done)


def test_an_image_with_a_writable_folder_that_has_contents_is_the_engines(home, engine, build):
    home.ordinary()
    image = build("RUN mkdir -m 777 /open && touch /open/x")
    home.app("open", image, **KEYS)
    assert home.run("applaunch", "run", "--runtime", "engine", "open", "-c", "ls /open").stdout == "x\n"

    done = home.run("applaunch", "run", "--runtime", "bubblewrap", "open", "-c", "ls /open")

    assert done.returncode == 126
    assert done.stderr.splitlines()[-1] == "applaunch: open: cannot run with bubblewrap: read_only = false: its image has a writable /open with contents; applaunch run --runtime engine open, or: applaunch edit open"  # fmt: skip


def test_a_program_that_is_process_1_itself_is_stopped_too(home, start):
    catalog = home.config("catalog.d") / "boxed.toml"
    catalog.write_text(catalog.read_text() + "init = false\n")
    started = start(f"trap 'exit 6' TERM; {ENDLESS}")
    assert [row["runtime"] for row in json.loads(home.run("applaunch", "ps", "--json").stdout)] == ["bubblewrap"]

    home.run("applaunch", "stop", "boxed", check=True)

    assert started.wait(5) == 6
