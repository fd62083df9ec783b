"""The engine goes away in the middle of a run: one line, 125, and the terminal as it was."""

import signal

import pexpect
import pytest

from tests.relay import Relay

pytestmark = [pytest.mark.engine, pytest.mark.about("engine")]


@pytest.fixture
def relay(engine, home):
    found = Relay(home.path / "e.sock", engine.docker_host.removeprefix("unix://"))
    home.docker_host = f"unix://{found.path}"
    yield found
    found.cut()
    engine.engine.remove_containers(label=["applaunch.app=pbash"])


def test_an_engine_that_goes_away_is_one_line_and_125(relay, bash, home):
    home.run(bash, "-c", "true", check=True, timeout=20)
    process = home.popen(bash, "-c", "echo ready; sleep 60", stdin=-3, stdout=-1, stderr=-1, text=True)
    assert process.stdout.readline() == "ready\n"

    relay.cut()
    _, said = process.communicate(timeout=30)

    assert process.returncode == 125
    assert said.startswith("applaunch: ")
    assert len(said.splitlines()) == 1


def test_the_terminal_is_restored_when_the_engine_goes_away(relay, bash, home):
    home.run(bash, "-c", "true", check=True, timeout=20)
    line = f"stty -a > before; {bash} -c 'echo ready; sleep 60'; echo code $?; stty -a > after; cmp before after && echo restored"
    child = pexpect.spawn("bash", ["--norc", "-c", line], env=home.env, cwd=str(home.work), timeout=30)
    child.expect("ready")

    relay.cut()

    child.expect("applaunch: ")
    child.expect("code 125")
    child.expect("restored")
    child.close(force=True)


def test_an_engine_that_is_lost_in_the_middle_of_a_pull_is_one_line(relay, engine, home):
    image = engine.ref("docker.io/vimagick/youtube-dl:latest")  # its largest layer is some 130 MB
    engine.forget(image)
    home.app("large", image)
    relay.hold_at(b"/images/create", answered=True, begun=True)
    process = home.popen("large", stdin=-3, stdout=-1, stderr=-1, text=True)
    assert relay.held.wait(60)

    relay.cut()
    _, said = process.communicate(timeout=60)

    assert process.returncode == 125
    assert said.splitlines()[-1].startswith(
        "applaunch: vimagick/youtube-dl:latest: the engine was lost while pulling; "
    )
    assert "Traceback" not in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("answered", [False, True], ids=["asked", "answered"])
def test_a_signal_ends_a_pull_of_an_engine_that_hangs(relay, engine, home, number, answered):
    image = engine.ref("docker.io/vimagick/youtube-dl:latest")
    engine.forget(image)
    home.app("large", image)
    relay.hold_at(b"/images/create", answered=answered)
    process = home.popen("large", stdin=-3, stdout=-1, stderr=-1, text=True)
    assert relay.held.wait(60)

    process.send_signal(number)
    _, said = process.communicate(timeout=60)

    assert process.returncode == -number
    assert "Traceback" not in said
