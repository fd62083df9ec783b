"""Launches on a real engine, each JSON file on their way torn or of another shape: they work, or print one line."""

import json
import os

import pytest

from launcher.core.values.checksum import add_checksum
from launcher.state import launch_files, warm_store
from tests.home import SANDBOXED
from tests.leftovers import eventually_none
from tests.run.conftest import BUSYBOX

pytestmark = pytest.mark.engine

SHAPES = (b"", b"{", b'{"a"', b"[]", b"null", b'"x"', b"7", b"\xff", b"[" * 100_000, b'{"schema":2}', b"{}")


def torn(text):
    """Return a few beginnings of *text*, and what else may stand in its place."""
    return [*(text[: len(text) * part // 8] for part in range(1, 8)), *SHAPES]


def read(folder, name):
    """Return the launch file *name* as its owner reads it."""
    owner = os.stat(folder).st_uid
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "getuid", lambda: owner)
        return launch_files.read(folder, name)


def says(home, *words, **how):
    done = home.run(*words, **how)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout.strip()


def test_a_damaged_launch_file_is_compiled_anew_and_holds_the_same_image(home, sh):
    state = home.path / ".local/state/applaunch/current"
    says(home, sh, "-c", "echo ran")
    before, text = read(str(state), sh), (state / sh).read_bytes()
    right = json.loads(text)
    del right["checksum"]
    wrong = [{"entry": {}}, {"image": "docker.io/x/y:1"}, {"entry": {"entry": {"app": 1}}}, {"schema": 9}]

    for each in (*torn(text), *(json.dumps(right | more).encode() for more in wrong)):
        (state / sh).write_bytes(each)
        assert says(home, sh, "-c", "echo ran") == "ran", each
        assert read(str(state), sh)._replace(sources=()) == before._replace(sources=()), each


def test_a_launch_file_that_others_than_us_wrote_well_is_followed_or_refused_in_one_line(home, sh):
    path = home.path / f".local/state/applaunch/current/{sh}"
    right = json.loads(path.read_bytes())
    del right["checksum"]
    path.write_bytes(add_checksum(right | {"entry": {"entry": {}}}))

    assert says(home, sh, "-c", "echo ran") == "ran"


@pytest.mark.parametrize("place", ["global", "project"])
def test_a_damaged_launch_file_of_a_project_is_compiled_anew(home, sh, place):
    (home.work / "applaunch.toml").write_text(f"schema = 1\n[apps.{sh}]\nenvironment = {{ X = 'project' }}\n")
    home.run("applaunch", "trust", "--yes", check=True)
    home.run(sh, "-c", "true", check=True)  # it may pull
    assert says(home, sh, "-c", "echo $X") == "project"
    state = home.path / ".local/state/applaunch"
    (found,) = (state / "projects").glob(f"*/{sh}")
    path = state / "current" / sh if place == "global" else found
    before = read(str(found.parent), sh).pin

    for each in torn(path.read_bytes()):
        path.write_bytes(each)
        assert says(home, sh, "-c", "echo $X") == "project", each
    assert read(str(found.parent), sh).pin == before


def test_dockers_config_may_be_anything(home, sh):
    (home.path / ".docker").mkdir()
    text = json.dumps({"auths": {}, "HttpHeaders": {"a": "b"}, "currentContext": ""}).encode()

    for each in (*torn(text), b'{"currentContext": 7}', b'{"auths": [], "proxies": 3}', b'{"credsStore": {}}'):
        (home.path / ".docker/config.json").write_bytes(each)
        assert says(home, sh, "-c", "echo ran") == "ran", each
    for each in ("no-such", "\ud800", "\0"):
        (home.path / ".docker/config.json").write_text(json.dumps({"currentContext": each}))
        done = home.run(sh, "-c", "echo ran", env={"DOCKER_HOST": None})
        if home.way in SANDBOXED:  # no engine is asked
            assert (done.returncode, done.stdout, done.stderr) == (0, "ran\n", "")
            continue
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (125, "", 1), done
        assert "there is no docker context" in done.stderr


@pytest.mark.about("engine")
def test_damaged_facts_about_the_engine_are_found_out_again(home, sh):
    says(home, sh, "-c", "true")
    (path,) = [each for each in (home.path / ".cache/applaunch/engines").iterdir() if each.suffix == ".json"]
    before = path.read_bytes()

    for each in torn(before):
        path.write_bytes(each)
        assert says(home, sh, "-c", "echo ran") == "ran", each
        assert path.read_bytes() == before, each


@pytest.mark.about("engine")
@pytest.mark.parametrize("cleaner", ["clear", "doctor", "launch"])
def test_the_container_of_a_torn_warm_file_is_found_again_and_removed(home, engine, cleaner):
    home.way = "wire"
    home.app("wsh", engine.ref(BUSYBOX), entrypoint='["sh"]', network_mode='"none"', warm='"2m"')
    home.run("wsh", "-c", "true", check=True)
    assert not eventually_none(home.processes, 10)
    folder = home.path / ".local/state/applaunch/warm"
    ((path, idle),) = warm_store.list_idle(str(folder))
    with open(path, "r+b") as file:
        file.truncate(os.path.getsize(path) // 2)

    if cleaner == "clear":
        (told,) = json.loads(home.run("applaunch", "warm", "list", "--json").stdout)
        assert (told["container"], told["app"], told["state"]) == (idle.container, "wsh", "ending")
        home.run("applaunch", "warm", "clear", check=True)
    elif cleaner == "doctor":
        done = home.run("applaunch", "doctor", "--fix")
        assert f"container {idle.container[:12]} of wsh was left over by a launch that died" in done.stdout
    else:
        assert says(home, "wsh", "-c", "echo ran") == "ran"
        assert not eventually_none(home.processes, 10)
        found = [each.container for _, each in warm_store.list_idle(str(folder))]
        assert found
        assert idle.container not in found

    found = engine.engine.ask("GET", "/containers/json", filters='{"label":["applaunch.app=wsh"]}')
    assert idle.container not in [each["Id"] for each in found]
    assert not warm_store.list_damaged(str(folder))
    home.run("applaunch", "warm", "clear", check=True)
