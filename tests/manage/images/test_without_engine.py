"""Management commands of an ordinary user on a machine that has no engine: images are trees, and nothing is missing."""

import json
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from tests.home import VENV
from tests.rig import shelf

pytestmark = [
    pytest.mark.engine,  # the rig's registry alone, but it comes with the engine
    pytest.mark.skipif(os.getuid() != 0, reason="root stands in for anyone, which nobody else can"),
]

BUSYBOX, LAYERS = "library/busybox", "applaunch/layers"
NOWHERE = {"DOCKER_HOST": None}


@pytest.fixture
def ana(home):
    """The home of an ordinary user on a machine without an engine."""
    return home.ordinary()


@pytest.fixture
def tool(ana, engine):
    """An app on an image of the rig's registry, whose tag a test can move."""
    shelf.borrow(engine.registry, "mine/tool", "1", BUSYBOX, "latest")
    ana.image = f"{engine.registry}/mine/tool:1"
    applaunch(ana, "add", "tool", "--image", ana.image, "--network", "none", "--entrypoint", "busybox")
    yield ana
    engine.forget(ana.image)  # an engine that appears later has pulled it under this name


def publish(engine, name=LAYERS):
    """Let the tag be another image."""
    shelf.borrow(engine.registry, "mine/tool", "1", name, "latest")


def applaunch(home, *words, code=0, env=None):
    """Type a command, which ends with *code*; return what it printed."""
    done = home.run("applaunch", *words, env=NOWHERE | (env or {}))
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stdout + done.stderr
    return done.stdout if code in (0, 100) else done.stderr


def asked(home, *words):
    return json.loads(applaunch(home, *words, "--json"))


def trees(home):
    folder = home.path / ".local/share/applaunch/images"
    return sorted(each.name for each in folder.iterdir()) if folder.exists() else []


def deployment(home):
    (found,) = [each for each in asked(home, "status", "tool") if each["current"]]
    return found


def test_add_and_pull_deploy_an_image_by_its_digest_and_config(tool, engine):
    assert trees(tool) == []

    (done,) = asked(tool, "pull")

    now = deployment(tool)
    assert done["is_new"]
    assert now["digest"] == done["digest"] == shelf.digest(engine.registry, "mine/tool", "1")
    assert trees(tool) == [now["image_id"].removeprefix("sha256:")]
    assert (now["platform"], now["pulled"], now["loaded"]) == ("linux/amd64", True, False)
    assert not asked(tool, "pull")[0]["is_new"]


def test_upgrade_rollback_and_undo_go_from_tree_to_tree(tool, engine):
    applaunch(tool, "pull")
    first = deployment(tool)
    assert applaunch(tool, "upgrade", "--check") == applaunch(tool, "outdated")
    publish(engine)
    applaunch(tool, "upgrade", "--check", code=100)

    applaunch(tool, "upgrade", "-y")
    second = deployment(tool)
    assert len(trees(tool)) == 2
    assert second["digest"] == shelf.digest(engine.registry, "mine/tool", "1") != first["digest"]

    engine_is_gone = {"HTTP_PROXY": "http://127.0.0.1:1"}
    applaunch(tool, "rollback", "tool", env=engine_is_gone)
    assert deployment(tool)["image_id"] == first["image_id"]
    applaunch(tool, "history", "undo", "last", "-y")
    assert deployment(tool)["image_id"] == second["image_id"]
    applaunch(tool, "history", "redo", "3", "-y")
    assert deployment(tool)["image_id"] == first["image_id"]
    assert [each["present"] for each in asked(tool, "log", "tool")] == [True, True]


def test_a_rollback_downloads_a_tree_that_is_gone(tool, engine):
    applaunch(tool, "pull")
    first = deployment(tool)["image_id"].removeprefix("sha256:")
    publish(engine)
    applaunch(tool, "upgrade", "-y")
    shutil.rmtree(tool.path / ".local/share/applaunch/images" / first)
    assert [each["present"] for each in asked(tool, "log", "tool")] == [True, False]

    applaunch(tool, "rollback", "tool")

    assert first in trees(tool)


def test_an_upgrade_that_only_downloads_needs_no_registry_later(tool, engine):
    applaunch(tool, "pull")
    publish(engine)

    applaunch(tool, "upgrade", "-y", "--download-only")

    assert len(trees(tool)) == 2
    applaunch(tool, "gc")
    assert len(trees(tool)) == 2
    assert "pulling" not in tool.run("applaunch", "upgrade", "-y", env=NOWHERE).stderr


def test_min_age_asks_the_registry_when_an_image_was_made(tool, engine):
    applaunch(tool, "pull")
    publish(engine)

    young = tool.run("applaunch", "upgrade", "-y", "--min-age", "9000d", env=NOWHERE)
    assert (young.returncode, "--min-age wants 9000d" in young.stdout) == (1, True)
    applaunch(tool, "upgrade", "-y", "--min-age", "1s")


def test_remove_gc_du_and_doctor_know_trees(tool, engine):
    applaunch(tool, "pull")
    publish(engine)
    applaunch(tool, "upgrade", "-y")
    publish(engine, BUSYBOX)
    applaunch(tool, "upgrade", "-y")

    usage = asked(tool, "du")
    assert (usage["branches"], len(usage["trees"])) == ([], 2)
    assert 0 < usage["unpacked"] < sum(each["size"] for each in usage["trees"])
    told = {each["check"]: each for each in asked(tool, "doctor")["findings"]}
    assert told["engine"]["what"].startswith("none; programs run by bubblewrap ")
    assert (told["trees"]["state"], told["trees"]["what"]) == ("ok", "2 unpacked images")
    assert "all files intact" in applaunch(tool, "doctor", "--verify")
    assert asked(tool, "info", "tool")["image"]["present"]
    gone = asked(tool, "remove", "tool")
    assert [(each["kept"], each["unpacked"]) for each in gone["images"]] == [("", True), ("", True)]
    assert trees(tool) == []
    assert not asked(tool, "gc")["images"]


@pytest.mark.parametrize(
    ("keys", "what", "fix"),
    [
        (['user = "1:1"'], "user = '1:1'", "applaunch override tool --user host"),
        (['cap_add = ["NET_RAW"]'], "cap_add", "applaunch override tool --deny capabilities"),
        (['mem_limit = "64m"'], "mem_limit", "applaunch edit tool"),
        (
            ['runtime = "engine"'],
            "runtime = 'engine', and no container engine answers",
            "applaunch override tool --run",
        ),
    ],
)
def test_what_needs_an_engine_says_so_in_one_line_with_both_ways_out(ana, engine, keys, what, fix):
    lines = [f'[apps.tool]\nimage = "{engine.registry}/{BUSYBOX}:latest"\nnetwork_mode = "none"', *keys]
    ana.catalog("\n".join(lines))
    ana.ordinary()
    applaunch(ana, "add", "tool")

    (line,) = applaunch(ana, "pull", code=1).splitlines()

    assert what in line
    assert re.search(rf"; .+, or: {re.escape(fix)}", line)  # how to get an engine depends on the machine
    assert trees(ana) == []


def test_an_image_that_is_built_here_needs_an_engine(ana):
    folder = ana.path / "recipe"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\n")
    ana.catalog(f'[apps.tool]\nbuild = "{folder}"\n')
    ana.ordinary()
    applaunch(ana, "add", "tool", code=1)
    (line,) = applaunch(ana, "add", "tool", code=1).splitlines()

    assert line.startswith("applaunch: tool: its image is built on this machine, and no container engine answers; ")
    assert line.endswith("give it an image in place of 'build': applaunch edit tool")


def test_without_bubblewrap_one_line_names_both_packages(tool):
    done = tool.run(str(VENV / "applaunch"), "pull", env=NOWHERE | {"PATH": str(tool.bin)})
    (line,) = done.stderr.splitlines()

    assert re.search(r"no engine answers, and .*: bubblewrap is not installed; .+, or: ", line)
    assert trees(tool) == []


def test_labels_of_an_image_are_read_from_its_registry(ana, engine):
    done = ana.run("applaunch", "import", "--image", f"{engine.registry}/{BUSYBOX}:latest", env=NOWHERE)

    assert "label" in done.stdout + done.stderr
    assert "engine" not in done.stdout + done.stderr


def test_a_bundle_is_unpacked_straight_into_trees(ana, engine, tmp_path):
    packer = type(ana)(tmp_path / "packer", engine.docker_host)
    packer.app("layers", engine.ref("docker.io/applaunch/layers:latest"), network_mode='"none"')
    packer.run("applaunch", "pull", check=True)
    bundle = tmp_path / "layers.applaunch"
    packer.run("applaunch", "bundle", "export", "layers", "-o", str(bundle), check=True)
    made = json.loads(packer.run("applaunch", "status", "--json").stdout)[0]
    packer.run("applaunch", "remove", "layers", check=True)
    engine.forget(engine.ref("docker.io/applaunch/layers:latest"))

    applaunch(ana, "bundle", "import", str(bundle), "-y")

    (now,) = asked(ana, "status", "layers")
    assert trees(ana) == [now["image_id"].removeprefix("sha256:")] == [made["image_id"].removeprefix("sha256:")]
    assert (now["digest"], now["loaded"]) == (made["digest"], True)
    assert "all files intact" in applaunch(ana, "doctor", "--verify")
    line = applaunch(ana, "bundle", "export", "layers", "-o", str(ana.work / "again"), code=1)
    assert "the images of a bundle come from a container engine" in line
    applaunch(ana, "remove", "layers")
    assert trees(ana) == []


def test_a_registry_that_is_gone_leaves_the_app_on_its_tree(tool, registry):
    applaunch(tool, "pull")
    before = deployment(tool)
    registry.stop_registry()

    assert "tool" in applaunch(tool, "upgrade", "-y", code=1)

    assert deployment(tool) == before
    assert len(trees(tool)) == 1
    applaunch(tool, "remove", "tool")
    applaunch(tool, "history", "undo", "last", "-y", code=1)
    assert asked(tool, "list") == []


def test_a_named_engine_that_does_not_answer_is_an_error_and_no_reason_for_trees(tool):
    line = applaunch(tool, "pull", code=1, env={"DOCKER_HOST": "unix:///nowhere.sock"})

    assert "cannot connect to unix:///nowhere.sock" in line
    assert trees(tool) == []


def test_the_setting_engine_wants_an_engine_and_nothing_else(tool):
    applaunch(tool, "config", "set", "runtime", "engine")

    assert "no container engine answers" in applaunch(tool, "pull", code=1)
    assert trees(tool) == []


def test_add_pull_downloads_at_once(ana, engine):
    image = f"{engine.registry}/{BUSYBOX}:latest"

    applaunch(ana, "add", "bb", "--image", image, "--network", "none", "--pull")

    assert len(trees(ana)) == 1
    assert ana.run("bb", "echo", "hi", env=NOWHERE | {"HTTP_PROXY": "http://127.0.0.1:1"}).stdout == "hi\n"


def test_doctor_without_bubblewrap_tells_what_to_install(ana):
    done = ana.run(str(VENV / "applaunch"), "doctor", env=NOWHERE | {"PATH": str(ana.bin)})

    (line,) = [each for each in done.stdout.splitlines() if "bubblewrap" in each]
    assert done.returncode == 1
    assert "no container engine answers, and bubblewrap is not installed" in line


def test_a_pull_that_is_killed_leaves_no_tree_and_the_next_one_makes_it(ana, engine):
    applaunch(ana, "add", "yt", "--image", f"{engine.registry}/vimagick/youtube-dl:latest", "--network", "none")
    child = ana.popen("applaunch", "pull", env={"DOCKER_HOST": ""}, stderr=subprocess.PIPE, process_group=0)
    wait_for(lambda: [name for name in trees(ana) if name.endswith(".new")])
    time.sleep(0.3)
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate()

    assert [name for name in trees(ana) if not name.endswith(".new")] == []
    told = [each for each in asked_of_doctor(ana) if each["check"] == "trees"]
    assert [(each["state"], each["fix"]) for each in told] == [("problem", "applaunch doctor --fix")]
    applaunch(ana, "pull")
    assert [len(name) for name in trees(ana)] == [64]
    assert "all files intact" in applaunch(ana, "doctor", "--verify")


def test_a_full_disk_leaves_the_deployment_as_it_was(home, engine):
    shelf.borrow(engine.registry, "mine/tool", "1", BUSYBOX, "latest")
    home.catalog(f'[apps.tool]\nimage = "{engine.registry}/mine/tool:1"\nnetwork_mode = "none"\nread_only = true\n')
    store = home.path / ".local/share/applaunch/images"
    store.mkdir(parents=True, mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m,mode=0700", "none", str(store)], check=True)
    try:
        applaunch(home, "add", "tool", "--pull")
        before = deployment(home), trees(home)
        publish(engine, "vimagick/youtube-dl")

        refused = applaunch(home, "upgrade", "-y", code=1)

        assert "no space left on device" in refused
        assert (deployment(home), trees(home)) == before
    finally:
        subprocess.run(["umount", str(store)], check=True)


def asked_of_doctor(home):
    done = home.run("applaunch", "doctor", "--json", env=NOWHERE)
    return json.loads(done.stdout)["findings"]


def wait_for(question, seconds=60):
    until = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_an_engine_that_appears_later_knows_the_image_by_the_same_names(tool, engine):
    shelf.vary(engine.registry, "mine/tool", "1", BUSYBOX, "latest", MINE="1")  # which no engine has from other tests
    applaunch(tool, "pull")
    before = deployment(tool)

    with_engine = json.loads(tool.run("applaunch", "pull", "--json", check=True).stdout)

    assert (with_engine[0]["digest"], with_engine[0]["is_new"]) == (before["digest"], True)
    assert deployment(tool)["image_id"] == before["image_id"]
    assert json.loads(tool.run("applaunch", "log", "tool", "--json").stdout)[0]["present"]
    assert tool.run("applaunch", "upgrade", "--check").returncode == 0
    gone = json.loads(tool.run("applaunch", "remove", "tool", "--json", check=True).stdout)["images"]
    assert [(each["kept"], each["unpacked"]) for each in gone] == [("", False), ("", True)]


def test_a_lock_is_made_without_an_engine(ana, engine):
    folder = ana.path / "project"
    folder.mkdir()
    image = f"{engine.registry}/{BUSYBOX}:latest"
    (folder / "applaunch.toml").write_text(f'schema = 1\n[apps.bb]\nimage = "{image}"\nnetwork_mode = "none"\n')
    done = ana.run("applaunch", "lock", env=NOWHERE, cwd=folder)

    assert done.returncode == 0, done.stderr
    assert shelf.digest(engine.registry, BUSYBOX, "latest") in (folder / "applaunch.lock").read_text()


def test_a_catalog_in_a_registry_is_a_remote_without_an_engine(ana, engine):
    folder = ana.path / "team"
    folder.mkdir()
    image = f"{engine.registry}/{BUSYBOX}:latest"
    (folder / "catalog.toml").write_text(f'schema = 1\n[apps.teambox]\nimage = "{image}"\nnetwork_mode = "none"\n')
    target = f"oci://{engine.registry}/mine/catalog:1"
    done = ana.run("applaunch", "catalog", "publish", target, "--no-sign", env=NOWHERE, cwd=folder)
    assert done.returncode == 0, done.stderr

    applaunch(ana, "remote", "add", "team", target, "--no-verify")
    applaunch(ana, "add", "teambox", "--pull", "-y")

    assert ana.run("teambox", "echo", "hi", env=NOWHERE).stdout == "hi\n"
