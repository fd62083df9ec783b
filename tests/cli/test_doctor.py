"""doctor: every fault is caused, reported and fixed."""

import os
import subprocess
import time

import pytest

from launcher.core.deploy.record import Change
from launcher.core.run.liveness import launch_state
from launcher.core.values.resolved_image import ResolvedImage
from launcher.engine import stale_containers
from launcher.engine.docker_client import connect
from launcher.engine.endpoint import Endpoint
from launcher.host import process
from launcher.state import launch_files, write_launch_file
from launcher.state.transactions import Record

GONE = 4_194_305  # no pid: above Linux's pid_max


@pytest.fixture
def state(home):
    return home.path / ".local/state/applaunch"


@pytest.fixture
def record(state):
    return Record(str(state / "state.db"))


def words(home, *more, **how):
    """Run doctor and return its exit code, and what it says a line each."""
    done = home.run("applaunch", "doctor", *more, **how)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


@pytest.mark.engine
@pytest.mark.usefixtures("engine", "installed")
def test_doctor_exits_with_0_if_every_check_passes(home):
    code, said = words(home)

    assert code == 0
    first = [*dict.fromkeys(tuple(line.split()[:2]) for line in said)]  # root's apps get a second line about sandboxes
    assert first == [
        ("✓", check)
        for check in (
            "engine",
            "path",
            "modes",
            "record",
            "catalog",
            "shims",
            "launch",
            "sandbox",
            "files",
            "containers",
        )
    ]
    assert "DOCKER_HOST" in said[0]


@pytest.mark.usefixtures("installed")
def test_doctor_checks_the_rest_without_an_engine(home):
    code, said = words(home)

    assert code == 1
    assert said[0].startswith("✗ engine     cannot connect to unix:///nowhere.sock: no such file or directory; ")
    assert all(line.startswith("✓") for line in said[1:])


def test_marks_are_words_without_utf8(home):
    _, said = words(home, env={"PYTHONIOENCODING": "ascii"})

    assert [line.split()[0] for line in said][:2] == ["problem", "ok"]


def test_doctor_reports_shims_that_are_not_on_path(home, found):
    path = home.env["PATH"].replace(f"{home.bin}:", "")

    assert found(env={"PATH": path}) == [("path", "problem", "~/.local/bin is not on PATH")]


@pytest.mark.usefixtures("installed")
def test_a_missing_shim_is_written(home, found):
    shim = home.bin / "mybox"
    text = shim.read_text()
    shim.unlink()

    assert found() == [("shims", "problem", "~/.local/bin/mybox is missing")]
    assert found("--fix") == [("shims", "fixed", "~/.local/bin/mybox is missing: written")]
    assert found() == []
    assert shim.read_text() == text


@pytest.mark.usefixtures("installed")
def test_a_shim_of_another_python_is_rewritten(home, found):
    shim = home.bin / "mybox"
    text = shim.read_text()
    shim.write_text(text.replace(text.splitlines()[0], "#!/opt/python3.9/bin/python -I"))

    assert found() == [("shims", "problem", "~/.local/bin/mybox was written for another Python or applaunch")]
    found("--fix")
    assert shim.read_text() == text
    assert os.access(shim, os.X_OK)


@pytest.mark.usefixtures("installed")
def test_a_foreign_file_in_place_of_a_shim_stays(home, found):
    shim = home.bin / "mybox"
    shim.write_text("mine\n")

    assert found("--fix") == [
        ("shims", "problem", "~/.local/bin/mybox is not an applaunch shim and hides mybox of mybox")
    ]
    assert shim.read_text() == "mine\n"


@pytest.mark.usefixtures("installed")
def test_the_fix_for_a_foreign_file_can_be_pasted(home, found, answer):
    (home.bin / "mybox").write_text("mine\n")
    fix = next(each["fix"] for each in answer("doctor", code=1)["findings"] if each["check"] == "shims")

    home.run("bash", "-c", fix)

    assert found() == []
    assert (home.bin / "mybox.old").read_text() == "mine\n"


@pytest.mark.usefixtures("installed")
def test_a_shim_without_an_app_is_removed(home, found):
    (home.bin / "lonely").write_bytes((home.bin / "mybox").read_bytes())

    assert found() == [("shims", "problem", "~/.local/bin/lonely: it belongs to no app")]
    found("--fix")
    assert sorted(os.listdir(home.bin)) == ["mybox"]


@pytest.mark.usefixtures("installed")
def test_a_program_that_shadows_a_shim_is_reported(home, found):
    early = home.path / "early"
    early.mkdir()
    (early / "mybox").write_text("#!/bin/sh\n")
    (early / "mybox").chmod(0o755)

    told = found(env={"PATH": f"{early}:{home.env['PATH']}"})

    assert told == [("shims", "problem", f"{early}/mybox is before ~/.local/bin/mybox on PATH")]


@pytest.mark.parametrize(
    ("damage", "word"), [(os.unlink, "missing"), (lambda path: open(path, "w").close(), "damaged")]
)
@pytest.mark.usefixtures("installed", "record")
def test_a_launch_file_is_compiled_again(home, state, found, damage, word):
    home.run("applaunch", "list", check=True)
    before = launch_files.read(str(state / "current"), "mybox")
    damage(state / "current/mybox")

    assert found() == [("launch", "problem", f"the launch file of mybox is {word}")]
    found("--fix")
    assert launch_files.read(str(state / "current"), "mybox") == before


@pytest.mark.usefixtures("installed")
def test_a_launch_file_without_an_app_is_removed(state, found):
    known = launch_files.read(str(state / "current"), "mybox")
    write_launch_file.write(str(state / "current"), known._replace(command="lonely"))

    assert found() == [("launch", "problem", "the launch file lonely belongs to no app")]
    found("--fix")
    assert write_launch_file.list_commands(str(state / "current")) == ["mybox"]


@pytest.mark.usefixtures("installed")
def test_half_written_files_are_removed_and_similar_names_stay(home, state, found):
    shim = (home.bin / "mybox").read_bytes()
    ours = [
        home.bin / f"mybox.{GONE}.new",
        home.path / f".config/applaunch/catalog.toml.{GONE}.new",
        state / "current/.new-00ff",
    ]
    for path in ours:
        path.write_bytes(shim)
    os.utime(ours[2], (1, 1))
    others = [home.bin / f"theirs.{GONE}.new", home.bin / "mybox.new", home.bin / f"mybox.{os.getpid()}.new"]
    for path in others:
        path.write_text("mine\n")

    assert {state for _, state, _ in found()} == {"problem"}
    assert [state for check, state, _ in found("--fix") if check == "files"] == ["fixed"] * 3
    assert not any(path.exists() for path in ours)
    assert all(path.exists() for path in others)


@pytest.mark.usefixtures("installed")
def test_a_draft_is_not_a_problem(home, found):
    draft = home.path / ".config/applaunch/catalog.toml.draft"
    draft.write_text("schema = 1\n")

    (note,) = found("--fix")

    assert note == ("files", "note", "~/.config/applaunch/catalog.toml.draft is an unfinished draft")
    assert draft.exists()


@pytest.mark.usefixtures("installed")
def test_every_broken_catalog_is_reported_with_its_place(home, found):
    home.catalog('[apps.x]\nimge = "y"\n')
    (home.path / ".config/applaunch/catalog.d/zz.toml").write_text("no TOML")

    told = found()

    assert [(check, state) for check, state, _ in told] == [("catalog", "problem"), ("catalog", "problem")]
    assert told[0][2] == "~/.config/applaunch/catalog.toml:3: [apps.x]: unknown key 'imge'"
    assert told[1][2].startswith("~/.config/applaunch/catalog.d/zz.toml:1: is not TOML: ")


@pytest.mark.usefixtures("installed")
def test_broken_settings_are_reported(home, found):
    (home.path / ".config/applaunch/config.toml").write_text("[engine]\nautostrat = true\n")

    assert found() == [("catalog", "problem", "~/.config/applaunch/config.toml: [engine]: unknown key 'autostrat'")]


@pytest.mark.usefixtures("installed")
def test_an_app_missing_from_the_catalogs_is_reported(home, found):
    (home.path / ".config/applaunch/catalog.d/mybox.toml").unlink()

    assert found() == [("catalog", "problem", "mybox is installed but no longer in any catalog")]


@pytest.mark.usefixtures("installed")
def test_an_app_that_differs_from_the_catalogs_is_noted(home, found):
    home.catalog('[apps.mybox]\nimage = "docker.io/library/busybox:2"\n')
    path = home.path / ".config/applaunch/catalog.d/mybox.toml"
    path.unlink()

    (note,) = found()

    assert note[:2] == ("catalog", "note")
    assert note[2].endswith("docker.io/library/busybox:2, but docker.io/library/busybox:latest is installed")
    home.run("applaunch", "add", "mybox", check=True)
    assert found() == []


@pytest.fixture
def interrupted(installed, state, record):
    """An upgrade that died between the launch file and the end of its transaction."""
    before = record.deployed()[installed]
    after = before._replace(number=0, tag="", digest="sha256:" + "f" * 64, image_id="sha256:" + "e" * 64, pulled=True)
    held = record.settle("mybox", ResolvedImage("sha256:" + "a" * 64, "sha256:" + "b" * 64, pulled=True))
    child = os.fork()
    if child == 0:
        own = Record(record.path)
        own.begin(["applaunch", "upgrade"], "ana", time.time(), [Change("mybox", "Upgrade", held, after)])
        known = launch_files.read(str(state / "current"), "mybox")
        write_launch_file.write(
            str(state / "current"), known.with_image(after.pin)._replace(tag=f"docker.io/applaunch/mybox:2-{own.id()}")
        )
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    return held


def test_an_interrupted_transaction_is_undone(interrupted, state, record, found):
    interrupted_one = "transaction 2 (applaunch upgrade) was interrupted"
    assert found() == [
        ("record", "problem", interrupted_one),
        ("launch", "problem", "the launch file of mybox is of another deployment"),
    ]
    assert found("--fix") == [("record", "fixed", f"{interrupted_one}: undone")]
    assert found() == []
    assert record.transaction(2).status == "Failed"
    assert record.deployed()["mybox"] == interrupted
    known = launch_files.read(str(state / "current"), "mybox")
    assert (known.pin, known.tag) == (interrupted.pin, interrupted.tag)


@pytest.mark.usefixtures("installed", "state")
def test_an_interrupted_install_leaves_nothing(home, record, found):
    held = record.deployed()["mybox"]
    shim = home.bin / "other"
    after = held._replace(
        number=0, tag="", app="other", commands=(held.commands[0]._replace(name="other", shim=str(shim)),)
    )
    child = os.fork()
    if child == 0:
        Record(record.path).begin(["applaunch", "add"], "ana", time.time(), [Change("other", "Install", None, after)])
        shim.write_bytes((home.bin / "mybox").read_bytes())
        os._exit(0)
    os.waitpid(child, 0)

    found("--fix")

    assert sorted(os.listdir(home.bin)) == ["mybox"]
    assert found() == []


@pytest.mark.usefixtures("home", "installed")
def test_a_damaged_database_is_rebuilt_from_the_launch_files(state, found, answer):
    with open(state / "state.db", "r+b") as file:
        file.write(b"no database at all")

    assert [(check, state) for check, state, _ in found()] == [("record", "problem")]
    (fixed,) = found("--fix")
    assert fixed[:2] == ("record", "fixed")
    assert found() == []
    assert [each["name"] for each in answer("list")] == ["mybox"]
    (kept,) = [name for name in os.listdir(state) if name.startswith("state.db.damaged-") and name.endswith("Z")]
    assert (state / kept).read_bytes().startswith(b"no database at all")


@pytest.mark.usefixtures("home")
def test_json_has_a_stable_shape(answer):
    told = answer("doctor", code=1)

    assert list(told) == ["ok", "findings"]
    assert told["ok"] is False
    assert [list(each) for each in told["findings"]] == [["check", "state", "what", "fix"]] * len(told["findings"])


BOOT = "11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize(
    ("started", "alive", "boot", "expected"),
    [
        (f"70.5@{BOOT}", {f"70.5@{BOOT}", f"80.5@{BOOT}"}, BOOT, "alive"),
        (f"71.5@{BOOT}", {f"70.5@{BOOT}"}, BOOT, "dead"),
        (f"70.5@{BOOT}", {f"70.6@{BOOT}"}, BOOT, "dead"),  # another process began in the same hundredth of a second
        (f"70@{BOOT}", {f"80.5@{BOOT}"}, BOOT, "foreign"),  # an earlier version of ours wrote no pid
        ("70.5@another-boot", {f"70.5@{BOOT}"}, BOOT, "foreign"),
        ("", {f"70.5@{BOOT}"}, BOOT, "foreign"),
        (f"70.5@{BOOT}:402", {f"70.5@{BOOT}"}, BOOT, "alive"),  # called in a container, seen from the machine
        (f"71.5@{BOOT}:402", {f"70.5@{BOOT}"}, BOOT, "dead"),
        (f"70.5@{BOOT}", {f"80.5@{BOOT}:402"}, f"{BOOT}:402", "foreign"),  # called on the machine, not seen in there
        (f"70.5@{BOOT}:403", {f"70.5@{BOOT}:402"}, f"{BOOT}:402", "foreign"),
        (f"70.5@{BOOT}:402", {f"80.5@{BOOT}:402"}, f"{BOOT}:402", "dead"),
        (f"70.5@{BOOT}", set(), "", "foreign"),  # nothing is seen here: macOS, hidepid
        ("", set(), "", "foreign"),
    ],
)
def test_a_launch_is_identified_by_its_stamp(started, alive, boot, expected):
    assert launch_state(started, alive, boot) == expected


@pytest.fixture
def launched(engine):
    """Start a container as a launch of that stamp would have; returns its name."""
    client = connect(Endpoint(engine.docker_host))
    made = []

    def start(started):
        labels = {"applaunch.run": "0", "applaunch.command": "mybox", "applaunch.started": started}
        made.append(client.create_container("docker.io/library/busybox:latest", ["sleep", "1000"], labels=labels))
        client.start(made[-1])
        return next(each.name for each in stale_containers.list_containers(client) if each.id == made[-1]["Id"])

    engine.engine.pull("docker.io/library/busybox:latest")
    yield start
    for container in made:
        engine.engine.ask("DELETE", f"/containers/{container['Id']}", force="1") if _has(client, container) else None
    client.close()


def _has(client, container):
    return any(each.id == container["Id"] for each in stale_containers.list_containers(client))


@pytest.mark.engine
@pytest.mark.usefixtures("home")
def test_only_the_container_of_a_dead_launch_of_this_boot_is_removed(engine, launched, found):
    child = subprocess.Popen(["sleep", "1000"])
    living = process.process_stamp(child.pid)
    dead = living.replace("@", "0@")
    names = {word: launched(stamp) for word, stamp in (("living", living), ("dead", dead), ("foreign", "1@elsewhere"))}
    try:
        findings = found("--fix", code=0)
        left = [name for name in names if names[name] in engine.docker("ps", "--format", "{{.Names}}").stdout]
    finally:
        child.kill()
        child.wait()

    told = {name: state for name in names for _, state, what in findings if names[name] in what}
    assert told == {"dead": "fixed", "foreign": "note"}
    assert left == ["living", "foreign"]
