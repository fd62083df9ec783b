"""warm list and warm clear with no engine in sight: what the files tell, and what is refused."""

import time

import pytest

from launcher.core.run.warm_policy import Idle
from launcher.state import shared_runs, warm_store

HOST = "unix:///nowhere.sock"


@pytest.fixture
def folder(home):
    return str(home.path / ".local/state/applaunch/warm")


@pytest.fixture
def keep(folder):
    """Write the file of a container that waits."""

    def write(container="c" * 64, app="mybox", key="key", left=300.0, **more):
        now = time.time()
        idle = Idle(container, app, HOST, more.pop("reuse", "fresh"), now - 10, now + left, **{"pid": 7} | more)
        warm_store.add(folder, key, idle)
        return idle

    return write


def states(answer):
    return {each["container"][0]: each["state"] for each in answer("warm", "list")}


def test_an_empty_list_of_warm_containers_is_reported(home):
    assert home.run("applaunch", "warm", check=True).stdout == "no warm containers\n"
    assert home.run("applaunch", "warm", "clear", check=True).stdout == "no warm containers\n"


def test_warm_list_works_without_an_engine_and_explains_what_is_missing(home, keep):
    keep("c" * 64)
    keep("d" * 64, app="jq", reuse="shared")

    done = home.run("applaunch", "warm", "list")

    assert done.returncode == 0
    heads, first, second, total = done.stdout.splitlines()
    assert heads.split() == ["App", "Reuse", "State", "Left", "Memory", "Container"]
    assert first.split()[:3] + first.split()[4:] == ["jq", "shared", "waiting", "-", "d" * 12]
    assert second.split()[:3] + second.split()[4:] == ["mybox", "fresh", "waiting", "-", "c" * 12]
    assert total == "2 containers"
    assert done.stderr.startswith("applaunch: engine: cannot connect to unix:///nowhere.sock")
    assert done.stderr.count("\n") == 1


def test_warm_list_tells_used_waiting_and_leftover_containers_apart(keep, folder, answer):
    keep("a" * 64, key="fresh")
    fresh = warm_store.borrow(folder, "fresh", time.time())
    keep("b" * 64, key="shared", reuse="shared")
    shared = warm_store.borrow(folder, "shared", time.time())
    keep("d" * 64, key="left")
    warm_store.borrow(folder, "left", time.time()).close()
    keep("e" * 64, key="waits")

    assert states(answer) == {"a": "in use", "b": "in use", "d": "ending", "e": "waiting"}

    fresh.close()
    shared.close()
    assert states(answer) == {"a": "ending", "b": "waiting", "d": "ending", "e": "waiting"}


def test_a_container_that_is_being_made_is_not_listed(folder, answer):
    idle = Idle("applaunch-warm-1", "mybox", HOST, "fresh", time.time(), time.time() + 300)

    with warm_store.Announcement(folder, "key", idle):
        assert answer("warm", "list") == []


def test_an_expired_container_is_not_listed(keep, folder, answer):
    keep(left=-1)

    assert answer("warm", "list") == []
    assert list(warm_store.list_idle(folder)) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"key": 1}'])
def test_a_damaged_file_is_skipped(keep, folder, answer, text):
    keep()
    ((path, _),) = warm_store.list_idle(folder)
    with open(path, "w") as file:
        file.write(text)

    assert answer("warm", "list") == []


def test_a_name_from_a_file_cannot_move_the_cursor(home, keep):
    keep(app="my\x1b[2Jbox")

    done = home.run("applaunch", "warm", "list")

    assert "\x1b" not in done.stdout
    assert "my\\x1b[2Jbox" in done.stdout


def test_nothing_is_cleared_without_the_engine(home, keep, folder):
    keep()

    done = home.run("applaunch", "warm", "clear")

    assert done.returncode == 1
    assert done.stderr.startswith("applaunch: engine: cannot connect")
    assert len(list(warm_store.list_idle(folder))) == 1


@pytest.mark.usefixtures("installed")
def test_an_unknown_app_is_refused_with_the_closest_name(home, keep):
    keep(app="other")

    assert home.run("applaunch", "warm", "clear", "mybix").stderr == (
        "applaunch: mybix: is not installed; did you mean 'mybox'?\n"
    )
    assert home.run("applaunch", "warm", "clear", "mybox").stdout == "no warm containers\n"


@pytest.mark.usefixtures("installed")
def test_warm_start_refuses_an_app_that_is_not_warm(home):
    done = home.run("applaunch", "warm", "start", "mybox")

    assert done.returncode == 1
    assert done.stderr == (
        "applaunch: mybox: the app has no warm containers; applaunch add mybox --warm 5m, "
        "or for all apps: applaunch config set warm 5m\n"
    )


@pytest.mark.usefixtures("installed")
def test_remove_works_without_the_engine_and_leaves_the_files_to_gc(home, keep, folder, answer):
    keep()

    assert answer("remove", "mybox")["containers"] == []
    assert len(list(warm_store.list_idle(folder))) == 1


@pytest.mark.usefixtures("installed")
def test_doctor_skips_warm_containers_without_an_engine(keep, found):
    keep()

    assert found() == []


def test_a_program_that_was_left_in_a_shared_container_is_known(folder, keep):
    idle = keep(reuse="shared")
    note = shared_runs.Note(folder, "p" * 64, idle)
    assert shared_runs.left_programs(folder) == []
    warm_store.write_record(f"{folder}/running/{'d' * 64}", "", idle)  # and nobody holds it

    assert [(program, each) for _, program, each in shared_runs.left_programs(folder)] == [("d" * 64, idle)]
    note.close()
