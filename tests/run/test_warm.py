"""Warm apps: who shares what with whom, for how long, and what never runs in a container that waits."""

import os
import time

import pytest

from tests.home import WAYS
from tests.leftovers import eventually_none
from tests.run.conftest import BUSYBOX, PROBE

pytestmark = [pytest.mark.engine, pytest.mark.about("engine")]

WHERE = "cat /proc/sys/kernel/hostname"


@pytest.fixture
def app(home, engine):
    """Make a shell that is warm; whatever waits is taken away afterwards."""
    home.way = WAYS[0]  # these tests say themselves what waits, and when

    def make(name, image=BUSYBOX, **keys):
        keys = {"entrypoint": '["sh"]', "network_mode": '"none"', "warm": '"2m"'} | keys
        return home.app(name, engine.ref(image), **keys)

    yield make
    assert not eventually_none(home.processes, 10)
    home.run("applaunch", "warm", "clear", check=True)


def waiting(home, engine, name):
    """Return the ids of the containers that wait for *name*, once its watchers are done."""
    assert not eventually_none(home.processes, 10)
    found = engine.engine.ask("GET", "/containers/json", filters=f'{{"label":["applaunch.app={name}"]}}')
    return sorted(each["Id"][:12] for each in found)


def said(home, *words, **how):
    done = home.run(*words, **how)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def test_the_second_call_runs_in_the_container_that_the_first_one_left_waiting(home, engine, app):
    app("wsh")
    home.run("wsh", "-c", "true", check=True)
    (ready,) = waiting(home, engine, "wsh")

    assert said(home, "wsh", "-c", WHERE) == ready


def test_fresh_means_that_nothing_of_one_run_is_seen_by_the_next(home, engine, app):
    app("wsh")
    home.run("wsh", "-c", "true", check=True)
    (first,) = waiting(home, engine, "wsh")
    assert said(home, "wsh", "-c", f"touch /left ~/left /tmp/left; (sleep 300 >/dev/null 2>&1 &); {WHERE}") == first
    second = waiting(home, engine, "wsh")

    assert first not in second
    found = said(
        home, "wsh", "-c", f"{WHERE}; ls /left ~/left /tmp/left 2>/dev/null; ps | grep -c 'sleep [3]00' || true"
    )
    assert found.split()[0] in second
    assert found.split()[1:] == ["0"]


def test_shared_means_one_container_whose_root_cannot_be_written(home, engine, app):
    app("wsh", reuse='"shared"')
    home.run("wsh", "-c", "true", check=True)
    (ready,) = waiting(home, engine, "wsh")

    assert [said(home, "wsh", "-c", WHERE) for _ in range(3)] == [ready] * 3
    assert home.run("wsh", "-c", "touch /left").returncode == 1
    assert said(home, "wsh", "-c", "touch /tmp/a ~/b; echo done") == "done"
    assert waiting(home, engine, "wsh") == [ready]


@pytest.mark.parametrize("reuse", ["fresh", "shared"])
def test_another_folder_has_a_container_of_its_own(home, engine, app, reuse):
    app("wsh", reuse=f'"{reuse}"')
    other = home.path / "other"
    other.mkdir()
    (other / "mine").touch()
    home.run("wsh", "-c", "true", check=True)
    (ready,) = waiting(home, engine, "wsh")

    assert said(home, "wsh", "-c", f"ls; {WHERE}", cwd=other).split() != ["mine", ready]


def test_a_folder_that_was_replaced_is_not_the_one_that_the_container_holds(home, engine, app):
    app("wsh")
    folder = home.path / "project"
    folder.mkdir()
    home.run("wsh", "-c", "true", check=True, cwd=folder)
    waiting(home, engine, "wsh")
    folder.rename(home.path / "old")
    folder.mkdir()
    (folder / "new").touch()

    assert said(home, "wsh", "-c", "ls", cwd=folder) == "new"


def test_an_edited_entry_never_runs_in_what_was_made_before(home, engine, app):
    app("wsh")
    home.run("wsh", "-c", "true", check=True)
    (before,) = waiting(home, engine, "wsh")
    app("wsh", hostname='"changed"')

    assert said(home, "wsh", "-c", WHERE) == "changed"
    assert before in waiting(home, engine, "wsh")  # nobody's, until its time is over or gc


def test_another_image_never_runs_in_what_was_made_before(home, engine, app):
    app("wsh")
    home.run("wsh", "-c", "true", check=True)
    waiting(home, engine, "wsh")
    app("wsh", image=PROBE)

    assert said(home, "wsh", "-c", "test -e /etc/debian_version && echo debian") == "debian"


@pytest.mark.parametrize("reuse", ["fresh", "shared"])
def test_a_program_outlives_the_time_of_its_container(home, engine, app, reuse):
    app("wsh", warm='"6s"', reuse=f'"{reuse}"')
    home.run("wsh", "-c", "true", check=True)
    (ready,) = waiting(home, engine, "wsh")

    found = said(home, "wsh", "-c", f"for i in 1 2 3 4 5 6 7 8; do sleep 1; done; {WHERE}")

    assert found == ready
    assert ready not in waiting(home, engine, "wsh")
    assert not eventually_none(lambda: waiting(home, engine, "wsh"), 10)


def test_an_idle_container_ends_by_itself(home, engine, app):
    app("wsh", warm='"5s"')
    home.run("wsh", "-c", "true", check=True)
    assert waiting(home, engine, "wsh")

    assert not eventually_none(lambda: waiting(home, engine, "wsh"), 10)
    assert said(home, "wsh", "-c", "echo cold again") == "cold again"


@pytest.mark.parametrize("reuse", ["fresh", "shared"])
def test_a_container_that_went_away_is_no_trouble(home, engine, app, reuse):
    app("wsh", reuse=f'"{reuse}"')
    home.run("wsh", "-c", "true", check=True)
    (before,) = waiting(home, engine, "wsh")
    engine.engine.remove_containers(label=["applaunch.app=wsh"])

    assert said(home, "wsh", "-c", f"echo as ever; {WHERE}").startswith("as ever\n")
    assert before not in waiting(home, engine, "wsh")
    assert waiting(home, engine, "wsh")


def test_no_more_wait_than_the_user_allows(home, engine, app):
    home.run("applaunch", "config", "set", "warm_idle", "2", check=True)
    app("wsh")
    for number in range(4):
        folder = home.path / f"folder{number}"
        folder.mkdir()
        home.run("wsh", "-c", "true", check=True, cwd=folder)
        waiting(home, engine, "wsh")

    assert len(waiting(home, engine, "wsh")) == 2


def test_a_published_port_keeps_an_app_cold(home, engine, app):
    app("wsh", network_mode='"bridge"', ports='["18931:80"]')
    home.run("wsh", "-c", "true", check=True)

    assert not eventually_none(lambda: waiting(home, engine, "wsh"))  # the engine takes its own away in its own time


def test_a_program_that_is_missing_and_one_that_may_not_run_are_told_as_ever(home, engine, app):
    app("wsh", entrypoint='["nowhere"]')
    app("wdir", entrypoint='["/etc"]')
    for name, code, words in (
        ("wsh", 127, "nowhere: not found in the image"),
        ("wdir", 126, "/etc: exists in the image"),
    ):
        home.run("applaunch", "warm", "start", name, check=True)
        assert waiting(home, engine, name)

        done = home.run(name)

        assert (done.returncode, done.stdout) == (code, "")
        assert done.stderr.startswith(f"applaunch: {words}")
        assert done.stderr.count("\n") == 1


def test_a_program_may_say_what_an_engine_would_say(home, engine, app):
    app("wsh")
    home.run("applaunch", "warm", "start", "wsh", check=True)

    done = home.run("wsh", "-c", "printf 'OCI runtime exec failed: no'; exit 126")

    assert (done.returncode, done.stdout, done.stderr) == (126, "OCI runtime exec failed: no", "")


def test_an_environment_comes_with_each_call_and_stays_with_none(home, engine, app):
    app("wsh", reuse='"shared"', environment='["MINE"]')
    home.run("wsh", "-c", "true", check=True)
    waiting(home, engine, "wsh")

    assert said(home, "wsh", "-c", "echo $MINE", env={"MINE": "a b"}) == "a b"
    assert said(home, "wsh", "-c", "echo ${MINE-unset}") == "unset"


def test_calls_at_once_share_one_container_and_mix_nothing(home, engine, app):
    app("wsh", reuse='"shared"')
    home.run("wsh", "-c", "true", check=True)
    waiting(home, engine, "wsh")
    line = "seq 1 40 | xargs -P 8 -I{} wsh -c 'echo {}; exit 0'"

    assert sorted(map(int, said(home, "bash", "-c", line).split())) == list(range(1, 41))
    assert len(waiting(home, engine, "wsh")) == 1


def test_a_killed_launcher_ends_its_program_in_a_shared_container_and_no_other(home, engine, app):
    app("wsh", reuse='"shared"')
    home.run("wsh", "-c", "true", check=True)
    (ready,) = waiting(home, engine, "wsh")
    other = home.popen("wsh", "-c", "sleep 4; echo unharmed", stdout=-1)
    killed = home.popen("wsh", "-c", "sleep 301 & sleep 302 & echo ready; wait", stdout=-1)
    assert killed.stdout.readline() == b"ready\n"
    killed.kill()
    killed.wait()
    killed.stdout.close()
    end = time.monotonic() + 2

    while "30" in (rows := said(home, "wsh", "-c", "ps | grep 'sleep [3]0' || true")) and time.monotonic() < end:
        time.sleep(0.1)

    assert rows == ""
    assert other.communicate()[0] == b"unharmed\n"
    assert waiting(home, engine, "wsh") == [ready]


def test_idle_containers_have_the_limits_and_rights_of_the_entry(home, engine, app):
    app("wsh", mem_limit='"64m"', pids_limit="30", cpus="0.5")
    home.run("applaunch", "warm", "start", "wsh", check=True)
    (ready,) = waiting(home, engine, "wsh")
    config = engine.engine.ask("GET", f"/containers/{ready}/json")["HostConfig"]

    assert (config["Memory"], config["PidsLimit"], config["NanoCpus"]) == (64 << 20, 30, 500_000_000)
    assert config["CapDrop"] == ["ALL"]
    assert "no-new-privileges" in config["SecurityOpt"][0]
    assert os.path.basename(str(home.work)) in str(config["Mounts"])
