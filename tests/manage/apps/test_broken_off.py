"""The registry or the engine goes away in the middle of an upgrade or a build: one line, nothing half-done."""

import json
import signal

import pexpect
import pytest

from tests.relay import Relay
from tests.rig import shelf

pytestmark = pytest.mark.engine

REPOSITORY = "docker.io/applaunch/layers"
LARGE = "docker.io/vimagick/youtube-dl:latest"  # its largest layer is some 130 MB
DOWNLOADING = r"\[=*>"
LOCAL = ("localhost/applaunch-build/made", "applaunch-build/made")


@pytest.fixture
def say(home, engine):
    """An installed app whose publisher has moved its tag to a large image; moved back afterwards."""
    image = engine.ref(f"{REPOSITORY}:latest")
    engine.forget(image)
    engine.forget(engine.ref(LARGE))
    original = engine.digest(REPOSITORY, "latest")
    home.app("say", image, entrypoint='["echo", "ran"]', network_mode='"none"')
    home.run("say", check=True)
    engine.retag(REPOSITORY, "latest", LARGE)
    yield "say"
    engine.start_registry() if engine.started_by_us else None
    engine.retag(REPOSITORY, "latest", original)
    home.run("applaunch", "remove", "say")
    engine.forget(image)


@pytest.fixture
def relay(engine, home):
    """What stands before the engine, to be cut."""
    found = Relay(home.path / "e.sock", engine.docker_host.removeprefix("unix://"))
    yield found
    found.cut()


def state(home):
    """Return what is deployed, and how many transactions there were."""
    listed, history = (
        json.loads(home.run("applaunch", word, "--json", check=True).stdout) for word in ("list", "history")
    )
    return [(each["name"], each["digest"]) for each in listed], len(history)


def begun(home, word, *words):
    """Start a command of `applaunch` on a terminal, and return it when *word* stands there: it is going to be cut off."""
    child = pexpect.spawn("applaunch", [*words], env=home.env, cwd=str(home.work), timeout=60, encoding="utf-8")
    child.expect(word)
    return child


def check_it_failed_in_one_line(child):
    """Wait for its end."""
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 1, child.before
    assert child.before.count("applaunch: ") == 1, child.before
    assert "Traceback" not in child.before


def check_that_nothing_changed(home, before):
    """The app is what it was, its program runs, history knows of nothing new, and nothing is to be mended."""
    assert state(home) == before
    assert home.run("say").stdout == "ran\n"
    examined = home.run("applaunch", "doctor")
    assert examined.returncode == 0, examined.stdout


def test_a_registry_that_stops_during_an_upgrade(home, registry, say):
    before = state(home)
    child = begun(home, DOWNLOADING, "upgrade", "--yes")

    registry.stop_registry()
    check_it_failed_in_one_line(child)
    check_that_nothing_changed(home, before)
    registry.start_registry()

    assert home.run("applaunch", "upgrade", "--yes").returncode == 0
    assert state(home)[0] == [("say", shelf.digest(registry.registry, shelf.path_of(REPOSITORY), "latest"))]


@pytest.mark.parametrize("name", ["INT", "TERM", "HUP"])
@pytest.mark.usefixtures("engine")
def test_a_signal_during_an_upgrade_undoes_it(home, say, name):
    before = state(home)
    child = begun(home, DOWNLOADING, "upgrade", "--yes")

    child.kill(signal.Signals[f"SIG{name}"])
    child.expect(pexpect.EOF)
    child.close()

    assert child.before.count("applaunch: interrupted; partial changes were undone") == 1, child.before
    assert "Traceback" not in child.before
    assert (child.exitstatus == 130) if name == "INT" else (child.signalstatus == signal.Signals[f"SIG{name}"])
    check_that_nothing_changed(home, before)


def test_an_engine_that_stops_during_an_upgrade(home, relay, say, engine):
    before = state(home)
    home.docker_host = f"unix://{relay.path}"
    child = begun(home, DOWNLOADING, "upgrade", "--yes")

    relay.cut()
    check_it_failed_in_one_line(child)
    home.docker_host = engine.docker_host
    check_that_nothing_changed(home, before)

    assert home.run("applaunch", "upgrade", "--yes").returncode == 0


def test_an_engine_that_stops_during_a_build(home, relay, engine):
    base = engine.ref("docker.io/library/busybox:latest")
    recipe = (
        'schema = 1\n[apps.made]\ncommand = ["cat", "/made"]\nnetwork_mode = "none"\n'
        f'[apps.made.build]\ndockerfile_inline = """\nFROM {base}\nRUN %s echo one > /made\n"""\n'
    )
    path = home.path / ".config/applaunch/catalog.d/made.toml"
    path.parent.mkdir(parents=True)
    path.write_text(recipe % "echo begun; sleep 4;")
    home.docker_host = f"unix://{relay.path}"
    child = begun(home, "building  begun", "add", "made")

    relay.cut()
    check_it_failed_in_one_line(child)
    home.docker_host = engine.docker_host

    assert state(home) == ([], 0)
    assert not home.bin.exists() or not list(home.bin.iterdir())
    assert not any(name in engine.docker("image", "ls").stdout for name in LOCAL)
    assert home.run("applaunch", "doctor").returncode == 0
    path.write_text(recipe % "")
    home.run("applaunch", "add", "made", check=True)
    assert home.run("made").stdout == "one\n"
    home.run("applaunch", "remove", "made", check=True)
