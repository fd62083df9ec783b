"""A record that is lost is never an empty system: every command says so, and doctor makes it anew of what is there."""

import os
import shutil
from pathlib import Path

import pytest

from launcher.state import launch_files as currents
from launcher.state.transactions import Record
from tests.cli import losses

BUSYBOX = "docker.io/library/busybox:latest"
READERS = (
    ["list"],
    ["status"],
    ["log", "mybox"],
    ["history", "list"],
    ["info", "mybox"],
    ["gc", "--dry-run"],
    ["add", "jq"],
    ["remove", "mybox"],
    ["upgrade"],
    ["pin", "mybox"],
    ["history", "undo", "last", "-y"],
)
each_loss = pytest.mark.parametrize("lose", losses.ALL, ids=lambda each: each.__name__)


@pytest.fixture
def state(home):
    return home.path / ".local/state/applaunch"


def lived(home, state, image=BUSYBOX):
    """Install apps, change and remove some, with a copy of the record after the first; put strangers among the shims."""
    home.app("mybox", image, network_mode='"none"', entrypoint='["sh", "-c", "echo hello"]')
    old = shutil.copy(state / "state.db", state.parent / "old.db")
    home.run("applaunch", "add", "upper", "--image", image, "--network", "none", check=True)
    home.run("applaunch", "pin", "mybox", check=True)
    home.run("applaunch", "add", "jq", check=True)
    home.run("applaunch", "remove", "jq", check=True)
    (home.bin / "theirs").write_text("#!/bin/sh\necho theirs\n")
    (home.bin / "anothers").write_bytes((home.bin / "mybox").read_bytes())
    os.chown(home.bin / "anothers", 4242, 4242)
    return Path(old)


def suffer(lose, state, old):
    """Have the record suffer a loss; what is put in its place is for its owner alone, as ours is."""
    lose(state / "state.db", old)
    for path in state.glob("state.db*"):
        if path.is_file() and not path.is_symlink():
            path.chmod(0o600)


def apps(home):
    shown = home.run("applaunch", "list", check=True).stdout
    return sorted(line.split()[0] for line in shown.splitlines()[1:])


def on_disk(*folders):
    """Return the text of every file, and where every link leads."""
    found = {}
    for folder in folders:
        for each in folder.rglob("*"):
            name = str(each.relative_to(folder))
            if name.endswith(("state.db.lock", ".db-shm")) or (each.is_dir() and not each.is_symlink()):
                continue
            plain = each.is_file() and not each.is_symlink()
            found[f"{folder.name}/{name}"] = each.read_bytes() if plain else str(each.is_symlink() and each.readlink())
    return {name: text for name, text in found.items() if text or not name.endswith("-wal")}  # SQLite's own, empty


@each_loss
def test_doctor_rebuilds_the_database_and_every_command_works(home, state, found, answer, lose):
    old = lived(home, state)
    before, shims = Record(str(state / "state.db")).deployed(), on_disk(home.bin)
    launch_files = on_disk(state / "current")
    suffer(lose, state, old)
    lost = {text for name, text in on_disk(state).items() if Path(name).name.startswith("state.db") and text}

    ((check, ended, said), *others) = found("--fix")

    assert (check, ended, others) == ("record", "fixed", [])
    assert on_disk(home.bin) == shims
    assert on_disk(state / "current") == launch_files
    now = on_disk(state)
    assert lost <= {text for name, text in now.items() if ".damaged-" in name}
    assert all(name.rpartition("/")[2] in said for name in now if name.endswith("Z"))
    record = Record(str(state / "state.db"))
    assert record.deployed() == {
        app: each._replace(created=record.deployed()[app].created, parent=record.deployed()[app].parent)
        for app, each in before.items()
    }
    assert found() == found("--fix") == []
    past = [each for each in answer("history", "list") if "doctor" not in each["command_line"]]
    assert len(past) == losses.KEEPS_HISTORY.get(lose, 0)
    for words in READERS[:5]:
        home.run("applaunch", *words, check=True)
    home.run("applaunch", "add", "jq", check=True)
    home.run("applaunch", "unpin", "mybox", check=True)
    home.run("applaunch", "remove", "upper", check=True)
    home.run("applaunch", "history", "undo", "last", "-y", check=True)
    assert apps(home) == ["jq", "mybox", "upper"]


@each_loss
def test_every_command_reports_a_lost_database_and_changes_nothing(home, state, lose):
    old = lived(home, state)
    suffer(lose, state, old)
    before = on_disk(home.bin, state)

    for words in READERS:
        done = home.run("applaunch", *words)
        assert done.returncode == 1, words
        assert done.stdout == ""
        assert done.stderr.startswith(f"applaunch: {state}/state.db: "), words
        assert done.stderr.endswith("; applaunch doctor --fix\n"), words
        assert done.stderr.count("\n") == 1
    assert on_disk(home.bin, state) == before


@each_loss
def test_doctor_without_fix_changes_nothing(home, state, found, lose):
    old = lived(home, state)
    suffer(lose, state, old)
    before = on_disk(home.bin, state)

    ((check, ended, _),) = found()

    assert (check, ended) == ("record", "problem")
    assert on_disk(home.bin, state) == before


@pytest.mark.engine
@pytest.mark.parametrize(
    "lose",
    [losses.missing, losses.empty, losses.missing_with_a_log, losses.a_strangers_database, losses.an_old_copy],
    ids=lambda each: each.__name__,
)
def test_images_and_shims_work_as_before(home, engine, state, found, lose):
    image = engine.ref(BUSYBOX)
    old = lived(home, state, image)
    assert home.run("mybox", check=True).stdout == "hello\n"
    tag = currents.read(str(state / "current"), "mybox").tag
    suffer(lose, state, old)
    assert home.run("mybox", check=True).stdout == "hello\n"
    assert home.run("applaunch", "gc").returncode == 1

    fixed = found("--fix", code=0)
    assert [ended for _, ended, _ in fixed] == ["fixed"], fixed

    home.run("applaunch", "gc", check=True)
    assert home.run("mybox", check=True).stdout == "hello\n"
    assert Record(str(state / "state.db")).deployed()["mybox"].tag == tag
    assert engine.engine.ask("GET", f"/images/{tag}/json")
    assert found(code=0) == []


def test_apps_are_restored_from_shims_and_catalogs(home, state, found):
    lived(home, state)
    (home.bin / "nobody-knows-it").write_bytes((home.bin / "mybox").read_bytes())
    shutil.rmtree(state)

    record, stray, *launch = found("--fix")

    assert record[:2] == ("record", "fixed")
    assert "rebuilt from shims (2 apps)" in record[2]
    assert [(check, ended) for check, ended, _ in launch] == [("launch", "fixed")] * 2
    moved = stray[2].partition(": moved to ~/")[2]
    assert (home.path / moved).read_bytes() == (home.bin / "mybox").read_bytes()
    assert found() == []
    assert apps(home) == ["mybox", "upper"]
    assert sorted(os.listdir(home.bin)) == ["anothers", "mybox", "theirs", "upper"]


def test_a_damaged_launch_file_is_restored_from_the_catalogs(home, state, found):
    lived(home, state)
    (state / "state.db").unlink()
    (state / "current/mybox").write_bytes(b"{")

    record, launch = found("--fix")

    assert "rebuilt from the launch files (1 app) and shims (1 app)" in record[2]
    assert launch == ("launch", "fixed", "the launch file of mybox is damaged: written")
    assert found() == []
    assert apps(home) == ["mybox", "upper"]


def test_missing_launch_files_are_rewritten(home, state, found):
    lived(home, state)
    before = {name: currents.read(str(state / "current"), name) for name in ("mybox", "upper")}
    shutil.rmtree(state / "current")
    (home.bin / "upper").unlink()

    assert {check for check, _, _ in found("--fix")} == {"shims", "launch"}

    assert {name: currents.read(str(state / "current"), name) for name in before} == before
    assert found() == []


def test_shims_of_another_user_are_not_a_lost_database(home, state):
    home.bin.mkdir(parents=True)
    lived(home, state)
    for name in ("mybox", "upper"):
        (home.bin / name).unlink()
    shutil.rmtree(state)

    home.run("applaunch", "list", check=True)
    home.run("applaunch", "add", "jq", check=True)
