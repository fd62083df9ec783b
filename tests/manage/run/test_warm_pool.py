"""The containers that wait, as a person sees to them: started, listed, cleared, and gone with their app."""

import json
import os
import signal
import time

import pytest

from tests.home import WAYS
from tests.leftovers import eventually_none

pytestmark = pytest.mark.engine

BUSYBOX = "docker.io/library/busybox:latest"
WHERE = "cat /proc/sys/kernel/hostname"


@pytest.fixture
def name(home):
    """Return the name of an app that no other run of the tests has."""
    return f"w{os.getpid()}{home.path.parent.name[-12:].lower().replace('_', '-')}"


@pytest.fixture
def app(home, engine, name):
    """Put a warm shell on PATH; whatever waits is taken away afterwards."""
    home.way = WAYS[0]  # these tests say themselves what waits

    def make(image=BUSYBOX, **keys):
        keys = {"entrypoint": '["sh"]', "network_mode": '"none"', "warm": '"2m"'} | keys
        return home.app(name, engine.ref(image), **keys)

    yield make
    assert not eventually_none(home.processes, 10)
    home.run("applaunch", "warm", "clear", check=True)
    assert not there(engine, name)


def there(engine, name):
    """Return the ids of all containers of the app."""
    found = engine.engine.ask("GET", "/containers/json", all=1, filters=f'{{"label":["applaunch.app={name}"]}}')
    return sorted(each["Id"] for each in found)


def answer(home, *words, code=0):
    done = home.run("applaunch", *words)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def started(home, name, *args, **how):
    """Let a container wait and return its id."""
    return json.loads(home.run("applaunch", "warm", "start", "--json", name, *args, check=True, **how).stdout)[
        "container"
    ]


def findings(home, *words):
    done = home.run("applaunch", "doctor", "--json", *words)
    said = [each for each in json.loads(done.stdout)["findings"] if each["check"] in ("warm", "containers")]
    return [(each["state"], each["what"]) for each in said if each["check"] == "warm" or each["state"] != "ok"]


@pytest.mark.parametrize("reuse", ["fresh", "shared"])
def test_the_next_call_runs_in_the_warm_container(home, app, name, reuse):
    app(reuse=f'"{reuse}"')

    ready = started(home, name)

    assert home.run(name, "-c", WHERE).stdout.strip() == ready[:12]


def test_a_second_start_makes_no_second_container(home, engine, app, name):
    app()

    assert started(home, name) == started(home, name)
    assert len(there(engine, name)) == 1


def test_arguments_with_a_mount_get_their_own_warm_container(home, app, name):
    app(path_args='"ro"')
    outside = home.path / "outside"
    outside.mkdir()
    (outside / "a").write_text("a\n")

    plain = started(home, name)
    mounted = started(home, name, "-c", f'cat "$0"; {WHERE}', str(outside / "a"))

    assert plain != mounted
    assert home.run(name, "-c", f'cat "$0"; {WHERE}', str(outside / "a")).stdout.split() == ["a", mounted[:12]]
    assert home.run(name, "-c", WHERE).stdout.strip() == plain[:12]


def test_a_warm_container_that_somebody_removed_is_replaced(home, engine, app, name):
    app()
    first = started(home, name)
    engine.engine.ask("DELETE", f"/containers/{first}", force=1)

    second = started(home, name)

    assert second != first
    assert home.run(name, "-c", WHERE).stdout.strip() == second[:12]


@pytest.fixture
def without_sleep(engine, name):
    """An image that has a shell and nothing else."""
    ref = f"{engine.registry}/applaunch/{name}:latest"
    recipe = f"FROM {engine.ref(BUSYBOX)} AS all\nFROM scratch\nCOPY --from=all /bin/busybox /bin/sh\n"
    made = engine.docker("build", "-q", "-t", ref, "-", input=recipe)
    assert made.returncode == 0, made.stderr
    yield ref
    engine.docker("rmi", "-f", ref)


def test_an_image_without_sleep_runs_without_a_warm_container(home, engine, without_sleep, app, name):
    app(without_sleep)

    done = home.run("applaunch", "warm", "start", name)

    assert done.returncode == 1
    assert done.stderr == (
        f"applaunch: {name}: no warm container is possible: its image has no sleep, or its processes are not visible; "
        "each call runs in a new container\n"
    )
    assert not eventually_none(lambda: there(engine, name))
    assert home.run(name, "-c", "echo it runs").stdout == "it runs\n"


def test_a_refused_warm_start_says_why(home, app, name):
    app(ports='["127.0.0.1:18997:80"]', network_mode='"bridge"')

    done = home.run("applaunch", "warm", "start", name)
    through_docker_py = home.run("applaunch", "warm", "start", name, env={"APPLAUNCH_WIRE": "0"})

    assert done.returncode == through_docker_py.returncode == 1
    assert "no warm container is possible: it publishes ports, which only one container can hold" in done.stderr
    assert "no warm container is possible: APPLAUNCH_WIRE=0 is set" in through_docker_py.stderr


def test_the_list_shows_state_time_and_memory(home, app, name):
    app()
    ready = started(home, name)

    (row,) = answer(home, "warm", "list", "--json")
    lines = home.run("applaunch", "warm", check=True).stdout.splitlines()

    assert (row["app"], row["reuse"], row["state"], row["container"]) == (name, "fresh", "waiting", ready)
    assert 100 <= row["seconds"] <= 120
    assert row["memory"] is None or 10_000 < row["memory"] < 100_000_000
    assert lines[1].split()[:3] == [name, "fresh", "waiting"]
    assert lines[1].split()[-1] == ready[:12]
    assert lines[2].startswith("1 container")


@pytest.mark.parametrize("reuse", ["fresh", "shared"])
def test_containers_in_use_are_reported_and_not_cleared(home, engine, app, name, reuse):
    app(reuse=f'"{reuse}"')
    ready = started(home, name)
    program = home.popen(name, "-c", "echo ready; read line; echo $line", stdin=-1, stdout=-1, text=True)
    assert program.stdout.readline() == "ready\n"

    listed = answer(home, "warm", "list", "--json")
    cleared = home.run("applaunch", "warm", "clear", name, check=True).stdout

    assert [(each["container"], each["state"]) for each in listed] == [(ready, "in use")]
    assert cleared == f"kept: warm container {ready[:12]} of {name} (in use)\n"
    assert program.communicate("still here\n", timeout=20)[0] == "still here\n"
    assert program.returncode == 0


def test_a_missing_container_is_dropped_from_the_list(home, engine, app, name):
    app()
    ready = started(home, name)
    engine.engine.ask("DELETE", f"/containers/{ready}", force=1)

    assert answer(home, "warm", "list", "--json") == []
    assert not list((home.path / ".local/state/applaunch/warm").glob("*/[0-9a-f]*"))


def test_only_the_named_app_is_cleared(home, engine, app, name):
    app()
    ready = started(home, name)
    home.run("applaunch", "add", "jq", check=True)

    assert home.run("applaunch", "warm", "clear", "jq").stdout == "no warm containers\n"
    assert there(engine, name) == [ready]
    said = home.run("applaunch", "warm", "clear", name, check=True).stdout
    assert said == f"removed: warm container {ready[:12]} of {name}\n"
    assert there(engine, name) == []


def killed(home, name):
    """Run a program in the container that waits, and kill its launcher together with the watcher."""
    program = home.popen(name, "-c", "echo ready; exec sleep 300", stdout=-1, text=True)
    assert program.stdout.readline() == "ready\n"
    both = home.processes()
    for number in (signal.SIGSTOP, signal.SIGKILL):  # or the watcher sees the launcher's end, and begins to clear up
        for pid in both:
            os.kill(pid, number)
    program.communicate()


def test_containers_of_killed_processes_are_cleared(home, engine, app, name):
    app()
    ready = started(home, name)
    killed(home, name)
    assert there(engine, name) == [ready]

    assert [each["state"] for each in answer(home, "warm", "list", "--json")] == ["ending"]
    assert [each["container"] for each in answer(home, "warm", "clear", "--json")["removed"]] == [ready]
    assert there(engine, name) == []


def test_an_abandoned_program_in_a_shared_container_is_ended(home, engine, app, name):
    app(reuse='"shared"')
    ready = started(home, name)
    killed(home, name)

    what = f"a program of a launch that died is running in the shared container of {name}"
    assert findings(home) == [("problem", what)]
    assert findings(home, "--fix") == [("fixed", f"{what}: ended")]
    assert [state for state, _ in findings(home)] == ["ok"]
    assert home.run(name, "-c", WHERE).stdout.strip() == ready[:12]


def test_remove_also_removes_warm_containers(home, engine, app, name):
    app()
    ready = started(home, name)

    said = home.run("applaunch", "remove", name, check=True).stdout

    assert f"removed: warm container {ready[:12]} of {name}\n" in said
    assert there(engine, name) == []
    assert answer(home, "warm", "list", "--json") == []


def test_gc_removes_only_unusable_warm_containers(home, engine, app, name):
    app()
    ready = started(home, name)
    assert answer(home, "gc", "--json")["containers"] == []
    time.sleep(0.05)
    app(network_mode='"bridge"')

    assert [each["container"] for each in answer(home, "gc", "--dry-run", "--json")["containers"]] == [ready]
    assert there(engine, name) == [ready]
    assert [each["container"] for each in answer(home, "gc", "--json")["containers"]] == [ready]
    assert there(engine, name) == []


def test_doctor_reports_warm_containers_and_forgets_missing_ones(home, engine, app, name):
    app()
    first = started(home, name)
    assert findings(home) == [("ok", "1 container warm")]

    engine.engine.ask("DELETE", f"/containers/{first}", force=1)
    what = f"container {first[:12]} of {name} no longer exists"
    assert findings(home) == [("problem", what)]
    assert findings(home, "--fix") == [("fixed", f"{what}: forgotten")]
    assert findings(home) == []


def test_doctor_removes_the_oldest_of_too_many_warm_containers(home, engine, app, name):
    app()
    other = home.path / "other"
    other.mkdir()
    started(home, name)
    newer = started(home, name, cwd=other)
    home.run("applaunch", "config", "set", "warm_idle", "1", check=True)

    what = "2 containers warm, but at most 1 allowed (warm_idle)"
    assert findings(home) == [("problem", what)]
    assert findings(home, "--fix") == [("fixed", f"{what}: removed the oldest")]
    assert there(engine, name) == [newer]


def test_doctor_finds_the_container_of_a_dead_launch(home, engine, app, name):
    app()
    ready = started(home, name)
    killed(home, name)

    what = f"container {ready[:12]} of {name} was left over by a launch that died"
    assert findings(home) == [("problem", what)]
    assert findings(home, "--fix") == [("fixed", f"{what}: removed")]
    assert there(engine, name) == []
