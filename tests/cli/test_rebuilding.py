"""A damaged record made anew, as a person sees it: by doctor, with no engine and on the real one."""

import sqlite3
from contextlib import closing

import pytest

from launcher.state import launch_files
from launcher.state.transactions import Record


@pytest.fixture
def state(home):
    return home.path / ".local/state/applaunch"


@pytest.fixture
def record(state):
    return Record(str(state / "state.db"))


def repair(found, state, **how):
    """Damage the record, run `doctor --fix`, and return what it prints."""
    with open(state / "state.db", "r+b") as file:
        file.write(b"no database at all")
    ((_, how_it_ended, said),) = [each for each in found("--fix", **how) if each[0] == "record"]
    assert how_it_ended == "fixed"
    return said


@pytest.mark.usefixtures("installed")
def test_the_launch_files_restore_the_current_state_without_an_engine(home, state, record, found):
    home.run("applaunch", "add", "upper", "--image", "docker.io/library/busybox:latest", "--network", "none")
    home.run("applaunch", "pin", "mybox", check=True)
    before = record.deployed()

    own = record.id()

    said = repair(found, state)

    assert record.id() == own
    assert "rebuilt from the launch files (2 apps); no engine answers, so earlier deployments may be missing;" in said
    now = record.deployed()
    assert now == {app: each._replace(created=now[app].created) for app, each in before.items()}
    assert now["mybox"].pinned
    assert found() == []


@pytest.mark.usefixtures("installed")
def test_an_app_can_be_changed_after_a_rebuild(home, state, record, found, answer):
    home.run("applaunch", "add", "jq", "--env", "A=1", check=True)
    repair(found, state)

    assert home.run("applaunch", "add", "jq").stdout.count("already there") == 1
    assert answer("rebase", "jq", ":1.8.0")["after"]["image"] == "ghcr.io/jqlang/jq:1.8.0"
    assert [each["number"] for each in answer("log", "jq")] == [3, 2]
    assert answer("history", "undo", "last", "-y")["changes"][0]["after"]["number"] == 2


def test_a_number_in_the_old_database_is_not_reused(home, record, found):
    home.run("applaunch", "add", "box", "--image", "registry.invalid/busybox:latest", check=True)
    home.run("applaunch", "rebase", "box", ":1", check=True)
    home.run("applaunch", "rebase", "box", ":2", check=True)
    home.run("applaunch", "rollback", "box", "--to", "1", check=True)
    with closing(sqlite3.connect(record.path)) as connection, connection:
        connection.execute("UPDATE deployments SET value = 'scribble' WHERE id = 2")

    assert [state for check, state, _ in found("--fix") if check == "record"] == ["fixed"]
    home.run("applaunch", "unpin", "box", check=True)
    home.run("applaunch", "rebase", "box", ":3", check=True)

    assert [(each.number, each.image[-2:]) for each in record.deployments()] == [
        (4, ":3"),
        (3, ":2"),
        (1, "st"),
    ]


@pytest.mark.usefixtures("installed")
def test_an_edit_that_is_not_deployed_is_not_restored(home, state, record, found):
    path = home.path / ".config/applaunch/catalog.d/mybox.toml"
    path.write_text(path.read_text().replace(":latest", ":2"))
    home.run("mybox")  # no engine: only the launch file is compiled
    assert launch_files.read(str(state / "current"), "mybox").image == "docker.io/library/busybox:2"

    repair(found, state)

    assert record.deployed()["mybox"].image == "docker.io/library/busybox:latest"
    assert record.deployed()["mybox"].number == 1
    assert found() == [
        (
            "catalog",
            "note",
            "mybox: the catalogs have docker.io/library/busybox:2, but docker.io/library/busybox:latest is installed",
        )
    ]


@pytest.mark.usefixtures("installed")
def test_broken_catalogs_do_not_stop_a_rebuild(home, state, record, found, answer):
    before = record.deployed()["mybox"]
    home.catalog("this is no TOML")

    repair(found, state)

    now = record.deployed()["mybox"]
    assert now.commands == before.commands
    assert (now.image, now.entries["mybox"]["image"]) == (before.image, before.image)


@pytest.mark.engine
def test_earlier_deployments_are_restored_from_tags(home, engine, state, record, found, answer):
    busybox, probe = (engine.ref(f"docker.io/{name}:latest") for name in ("library/busybox", "applaunch/probe"))
    script = ("--entrypoint", "sh", "--command", "-c", "--command", "ls /etc/debian_version 2>&- || echo none")
    home.run("applaunch", "add", "which-one", "--image", busybox, *script, check=True)
    assert home.run("which-one").stdout == "none\n"
    home.run("applaunch", "rebase", "which-one", probe, check=True)
    assert home.run("which-one").stdout == "/etc/debian_version\n"
    home.run("applaunch", "pull", check=True)  # what the launch has found is written down
    before = record.deployed()["which-one"]

    said = repair(found, state, code=0)

    assert "rebuilt from the launch files (1 app) and the engine's tags (1 earlier deployment);" in said
    assert record.deployed()["which-one"] == before._replace(created=record.deployed()["which-one"].created)
    (was,) = [each for each in answer("log", "which-one") if not each["current"]]
    assert (was["number"], was["image"], was["present"], was["rollback"]) == (1, busybox, True, True)
    home.run("applaunch", "rollback", "which-one", check=True)
    assert home.run("which-one").stdout == "none\n"
    assert launch_files.read(str(state / "current"), "which-one").tag == was["tag"]


@pytest.mark.engine
def test_a_number_of_a_tag_is_not_reused(home, engine, state, record, found):
    busybox = engine.ref("docker.io/library/busybox:latest")
    home.app("bb", busybox, entrypoint='["true"]', network_mode='"none"')
    home.run("bb", check=True)
    mine, theirs = f"applaunch/gone:41-{record.id()}", "applaunch/gone:99-abcdef"
    for tag in (mine, theirs):
        engine.docker("tag", busybox, tag)

    repair(found, state, code=0)
    home.run("applaunch", "add", "jq", check=True)

    assert record.deployed()["jq"].number == 42
    engine.engine.remove_image(theirs)
