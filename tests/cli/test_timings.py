"""run --timings: the program as ever, and then where the time of its launch went."""

import json
import re
import signal
import time
from itertools import count

import pytest

from launcher.engine.exec_session import ExecEngine
from launcher.engine.sdk_engine import SdkEngine
from launcher.engine.timed_engine import TimedEngine
from launcher.engine.wire_engine import WireEngine
from launcher.manage.run.stopwatch import Phase, Stopwatch, Timing, as_json, as_table
from launcher.run.checked_mounts import CheckedEngine
from tests.docs.commands_page import SHAPES

BUSYBOX = "docker.io/library/busybox:latest"
COLD = ["create", "attach", "asking for the exit code", "start", "program", "exit code", "the rest"]
BEFORE = ["interpreter and imports", "saved plan", "launch file", "runtime", "engine", "planning", "watcher"]
WIRED = {"APPLAUNCH_WIRE": None}


@pytest.fixture
def cold(engine, home):
    """A shell whose every call gets a container of its own."""
    return home.app("coldsh", engine.ref(BUSYBOX), entrypoint='["sh"]', network_mode='"none"', warm='"0"')


@pytest.fixture
def warm(engine, home):
    """A shell that a container waits for."""
    name = home.app("warmsh", engine.ref(BUSYBOX), entrypoint='["sh"]', network_mode='"none"', warm='"1m"')
    ready = home.run("applaunch", "warm", "start", name, env=WIRED)
    if engine.name != "docker" and "its processes are not visible" in ready.stderr:
        pytest.skip("the rig keeps this engine in a pid namespace of its own: no container waits there")
    assert ready.returncode == 0, ready.stderr
    yield name
    end = time.monotonic() + 20
    while (states := waiting(home)) != ["waiting"]:  # one was used, and its watcher is about the next
        assert time.monotonic() < end, states
        time.sleep(0.1)
    home.run("applaunch", "warm", "clear", name, env=WIRED, check=True)


def waiting(home):
    """Return the states of the containers of warm apps."""
    return [each["state"] for each in json.loads(home.run("applaunch", "warm", "list", "--json", env=WIRED).stdout)]


def phases(stderr):
    """Return the names and milliseconds of a table, its first cell and its total."""
    head, *rows, total = [line for line in stderr.splitlines() if not line.startswith("runs with the engine: ")]
    found = dict(re.fullmatch(r"(\S.*?) +([\d.]+) +[\d.]+%", row).groups() for row in rows)
    return head.split("  ")[0], {name: float(ms) for name, ms in found.items()}, float(total.split()[1])


@pytest.mark.engine
class TestOnARealEngine:
    def test_output_and_exit_code_are_the_programs(self, home, cold):
        home.run(cold, check=True)
        typed = ("-c", 'cat; echo "$1"; echo aside >&2; exit 3', "sh", "--json a b")

        plain = home.run(cold, *typed, input="in\n", env=WIRED)
        timed = home.run("applaunch", "run", "--timings", cold, *typed, input="in\n", env=WIRED)

        assert (timed.stdout, timed.returncode) == (plain.stdout, plain.returncode) == ("in\n--json a b\n", 3)
        assert timed.stderr.startswith("aside\ncold, by socket ")
        assert plain.stderr == "aside\n"

    def test_the_phases_of_a_cold_launch_sum_to_its_time(self, home, cold):
        home.run(cold, check=True)

        began = time.monotonic()
        done = home.run("applaunch", "run", "--timings", cold, "-c", "sleep 0.2", env=WIRED)
        wall = (time.monotonic() - began) * 1000

        kind, spent, total = phases(done.stderr)
        assert (kind, [*spent]) == ("cold, by socket", BEFORE + COLD)
        assert sum(spent.values()) == pytest.approx(total, abs=0.05 * (len(spent) + 1))
        assert spent["program"] >= 190
        assert total < wall

    def test_the_phases_of_a_warm_launch(self, home, warm):
        done = home.run("applaunch", "run", "--timings", "--json", warm, "-c", "echo out; exit 4", env=WIRED)

        told = json.loads(done.stderr)
        assert (done.stdout, done.returncode) == ("out\n", 4)
        assert (told["kind"], told["engine"]) == ("warm", "socket")
        names = [phase["name"] for phase in told["phases"]]
        assert names == [*BEFORE, "exec create", "connect", "start", "program", "exit code", "the rest"]
        assert sum(phase["ms"] for phase in told["phases"]) == pytest.approx(told["total"], abs=0.01)
        assert sum(phase["share"] for phase in told["phases"]) == pytest.approx(1, abs=0.001)
        assert [*told] == SHAPES["timing"]
        assert [*told["phases"][0]] == SHAPES["phase"]

    def test_a_launch_through_docker_py_says_what_that_costs(self, home, cold):
        home.run(cold, check=True)

        done = home.run("applaunch", "run", "--timings", cold, "-c", "exit 5", env={"APPLAUNCH_WIRE": "0"})

        kind, spent, _ = phases(done.stderr)
        assert (kind, done.returncode) == ("cold, by docker-py", 5)
        assert [*spent] == [*BEFORE, "docker-py", *COLD]

    def test_an_app_that_is_not_installed_is_found_in_the_catalogs_each_time(self, home, engine):
        engine.docker("pull", engine.ref(BUSYBOX))
        home.catalog(f'[apps.bb]\nimage = "{engine.ref(BUSYBOX)}"\nentrypoint = ["echo"]\nwarm = "0"\n')

        done = home.run("applaunch", "run", "--timings", "bb", "hi", env=WIRED)

        _, spent, _ = phases(done.stderr)
        assert done.stdout == "hi\n"
        assert [*spent][:6] == [
            "interpreter and imports",
            "saved plan",
            "catalogs",
            "runtime",
            "engine",
            "image and planning",
        ]

    def test_a_signal_ends_the_program_and_its_figures_come_all_the_same(self, home, cold):
        home.run(cold, check=True)
        words = ("applaunch", "run", "--timings", "--json", cold, "-c", "trap 'exit 143' TERM; echo up; read _")
        started = home.popen(*words, env={"APPLAUNCH_WIRE": "1"}, stdin=-1, stdout=-1, stderr=-1, text=True)
        assert started.stdout.readline() == "up\n"

        started.send_signal(signal.SIGTERM)
        _, told = started.communicate(timeout=30)

        assert started.returncode == -signal.SIGTERM
        assert "kill" in [phase["name"] for phase in json.loads(told)["phases"]]

    def test_a_launch_that_fails_says_why_and_no_figures(self, home, engine):
        home.app("lost", engine.ref(BUSYBOX), entrypoint='["no-such-program"]', network_mode='"none"', warm='"0"')
        home.run("lost")

        done = home.run("applaunch", "run", "--timings", "lost", env=WIRED)

        assert done.returncode == 127
        assert done.stderr.startswith("applaunch: no-such-program: not found in the image; ")
        assert done.stderr.count("\n") == 1


def test_an_unknown_name_exits_with_127(home):
    done = home.run("applaunch", "run", "--timings", "nothing-of-the-kind")

    assert done.returncode == 127
    assert done.stderr.startswith("applaunch: nothing-of-the-kind: no such app in any catalog; ")


def test_dry_run_and_timings_exclude_each_other(home):
    done = home.run("applaunch", "run", "--timings", "--dry-run", "jq")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "applaunch: run: --dry-run and --timings exclude each other; applaunch run --timings NAME\n"


def test_time_goes_to_what_was_said_to_be_done():
    watch = Stopwatch(10.0, count(13).__next__)  # 13, 14, 15 ...

    watch.mark("imports", 12.0)  # 10 to 12
    watch.mark("")  # 12 to 13: not counted
    watch.mark("the rest")
    watch.mark("create")
    watch.mark("the rest")

    assert watch.timing().phases == (
        Phase("imports", 2000.0, 0.4),
        Phase("create", 1000.0, 0.2),
        Phase("the rest", 2000.0, 0.4),
    )
    assert watch.timing().total == 5000.0


def test_a_signal_between_looking_at_the_clock_and_saying_so_takes_nothing_from_others():
    moments = iter((5.0, 4.0))
    watch = Stopwatch(0.0, lambda: next(moments))

    watch.mark("kill")  # the handler looked at 5, and said so first
    watch.mark("program")  # the verb that it disturbed had looked at 4

    assert [(phase.name, phase.ms) for phase in watch.timing().phases[:2]] == [("program", 4000.0), ("kill", 1000.0)]


def test_a_launch_that_comes_by_again_has_seen_to_its_image():
    watch = Stopwatch(0.0, count(1).__next__)
    for _ in range(2):
        (make,) = watch.through((lambda: WireEngine("/nowhere", "1.41", "docker"),))
        make()

    names = [phase.name for phase in watch.timing().phases]

    assert names == ["planning", "watcher", "image and planning", "the rest"]
    assert (watch.timing().kind, watch.timing().engine) == ("cold", "socket")


TIMING = Timing("engine", "cold", "socket", "", 10.0, (Phase("create", 7.5, 0.75), Phase("the rest", 2.5, 0.25)))


@pytest.mark.parametrize("kind", [WireEngine, SdkEngine, ExecEngine, CheckedEngine])
def test_every_engine_that_a_launch_may_use_is_timed(kind):
    watch = Stopwatch(0.0)

    (make,) = watch.through((lambda: object.__new__(kind),))

    assert isinstance(make(), TimedEngine)


def test_the_table():
    assert as_table(TIMING).splitlines() == [
        "cold, by socket                   ms   share",
        "create                           7.5   75.0%",
        "the rest                         2.5   25.0%",
        "total                           10.0",
    ]


def test_the_table_ends_with_the_reason_for_the_engine():
    shown = as_table(TIMING._replace(why="user = 'image'")).splitlines()

    assert shown[:-1] == as_table(TIMING).splitlines()
    assert shown[-1] == "runs with the engine: user = 'image'"


def test_the_table_of_a_sandbox():
    shown = as_table(TIMING._replace(runtime="bubblewrap", kind="saved", engine=""))

    assert shown.startswith("saved, by bubblewrap              ms   share\n")


def test_the_json_is_one_line():
    assert as_json(TIMING) == (
        '{"runtime":"engine","kind":"cold","engine":"socket","why":"","total":10.0,'
        '"phases":[{"name":"create","ms":7.5,"share":0.75},{"name":"the rest","ms":2.5,"share":0.25}]}'
    )
