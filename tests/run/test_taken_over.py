"""What no sandbox can do, found while one is made: the engine takes over without a word, or one line says why not."""

import json
import shutil

import pytest

from launcher.errors import EngineError, HostError, NoEngineError, NotFoundError, ReplacedError, SandboxError
from launcher.run import run_call
from launcher.run.sandbox_launch import SandboxLaunch
from tests.core.examples import YOUTUBE_DL
from tests.run.conftest import BUSYBOX

GONE = SandboxError("bubblewrap", "no mount at /x: too deep", "applaunch doctor")


@pytest.fixture
def call(monkeypatch):
    """Decide about a call for which the sandbox and the engine each do what is said here."""

    def decide(*, sandbox, engine, demanded=False, later=""):
        def choose(file, args, places, entry=None, fix=None):
            return later if fix else SandboxLaunch(*[None] * 7, is_demanded=demanded)

        def do(what):
            if isinstance(what, Exception):
                raise what
            return what

        monkeypatch.setattr("launcher.run.run_call.choose_sandbox", choose)
        monkeypatch.setattr("launcher.run.run_in_sandbox.run_in_sandbox", lambda _: do(sandbox))
        monkeypatch.setattr("launcher.run.run_call.prepare_launch", lambda *_: do(engine))
        return run_call.run_or_prepare(None, (), None, YOUTUBE_DL)

    return decide


class Prepared:
    """A launch by an engine."""

    def _replace(self, *, unpacks):
        assert not unpacks
        return "by the engine"


NO_ENGINE = NoEngineError("engine", "no container engine answers", "apt install podman")


def test_the_engine_takes_over_what_no_sandbox_can_begin(call):
    assert call(sandbox=GONE, engine=Prepared()) == "by the engine"


@pytest.mark.parametrize(
    ("failure", "line"),
    [
        (GONE, "no mount at /x: too deep; applaunch doctor, or: apt install podman"),
        (SandboxError("bubblewrap", "no mount at /x"), "no mount at /x; apt install podman"),
        (SandboxError("network", "none"), "network: none; apt install podman"),
    ],
)
def test_without_an_engine_one_line_says_what_no_sandbox_can_do(call, failure, line):
    with pytest.raises(NoEngineError) as told:
        call(sandbox=failure, engine=NO_ENGINE)

    assert str(told.value) == f"youtube-dl: no engine answers, and bubblewrap cannot run it: {line}"
    assert told.value.exit_code == 125


def test_an_engine_that_is_there_and_fails_speaks_for_itself(call):
    down = EngineError("engine", "it does not answer")

    with pytest.raises(EngineError) as told:
        call(sandbox=GONE, engine=down)

    assert told.value is down


@pytest.mark.parametrize(
    ("failure", "demanded"),
    [
        (GONE, True),  # the user demands bubblewrap
        (NotFoundError("x", "no such program"), False),  # the engine would find the same
        (ReplacedError("launch", "/x was replaced"), False),
        (HostError("/x", "cannot be written"), False),  # the program may have run
    ],
    ids=["demanded", "program", "replaced", "afterwards"],
)
def test_nothing_takes_the_place_of_other_failures(call, failure, demanded):
    with pytest.raises(type(failure)) as told:
        call(sandbox=failure, engine=AssertionError("asked"), demanded=demanded)

    assert told.value is failure


def only(folder, pattern):
    (found,) = folder.glob(pattern)
    return found


def close_cache(home):
    folder = home.path / ".cache/applaunch/sandbox"
    for each in [*folder.glob("start-*"), *folder.glob("hosts-*")]:
        each.unlink()
    folder.chmod(0o500)


def lose(*names):
    def do(home):
        tree = only(home.path / ".local/share/applaunch/images", "[0-9a-f]" * 64)
        for name in names:
            path = tree / name
            tree.chmod(0o700)
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return do


def block_networks(home):
    folder = home.path / ".local/state/applaunch/networks"
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("")


def nothing(home):
    pass


OBSTACLES = {
    "many neighbours of a mount point": ({"volumes": '["~/d:/bin/d"]'}, nothing, "no mount at /bin/d: "),
    "no file of its own can be made": ({}, close_cache, "{home}/.cache/applaunch/sandbox/"),
    "the tree is being removed": ({}, lose("lock"), "{home}/.local/share/applaunch/images/"),
    "the tree's files are gone": ({}, lose("rootfs"), "no mount at /"),
}


@pytest.fixture(params=OBSTACLES, ids=OBSTACLES)
def obstructed(home, engine, request):
    """An app whose image is unpacked, and what keeps it from running in a sandbox, which only a call finds out."""
    keys, obstruct, what = OBSTACLES[request.param]
    user = home.ordinary()  # whose unpacked images no other test shares
    (user.path / "d").mkdir()
    user.app("tool", engine.ref(BUSYBOX), entrypoint='["echo", "ran"]', network_mode='"none"', **keys)
    user.run("applaunch", "pull", "tool", check=True)
    assert (
        json.loads(user.run("applaunch", "info", "tool", "--json").stdout)["runtimes"]["tool"]["runtime"]
        == "bubblewrap"
    )
    obstruct(user)
    yield what.format(home=user.path)
    (user.path / ".cache/applaunch/sandbox").chmod(0o700)


pytestmark = [pytest.mark.engine, pytest.mark.about("engine")]


def test_the_engine_runs_what_is_obstructed(home, obstructed):
    done = home.run("tool")

    assert (done.returncode, done.stdout, done.stderr) == (0, "ran\n", "")
    (run,) = json.loads(home.run("applaunch", "runs", "--json").stdout)
    assert run["runtime"] == "engine"


def test_without_an_engine_one_line_says_what_is_obstructed(home, obstructed):
    done = home.run("tool", env={"DOCKER_HOST": None})

    assert (done.returncode, done.stdout) == (125, "")
    assert done.stderr.startswith(f"applaunch: tool: no engine answers, and bubblewrap cannot run it: {obstructed}")
    assert done.stderr.count("\n") == 1
    assert done.stderr.endswith(("applaunch engine start\n", "apt install podman\n"))


def test_where_bubblewrap_is_demanded_one_line_says_what_is_obstructed(home, obstructed):
    done = home.run("applaunch", "run", "--runtime", "bubblewrap", "tool")

    assert (done.returncode, done.stdout) == (125, "")
    assert done.stderr.partition(": ")[2].removeprefix("bubblewrap: ").startswith(obstructed)
    assert done.stderr.count("\n") == 1
