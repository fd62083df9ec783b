"""The engine hangs in the middle of a launch: a first signal ends it at once, and nothing is left when it goes on."""

import os
import signal
import subprocess
import time

import pexpect
import pytest

from tests.leftovers import eventually_none, leftovers
from tests.relay import Relay

pytestmark = [pytest.mark.engine, pytest.mark.about("engine")]

AGAIN = 10.0  # seconds after the engine has gone on
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]
REQUESTS = {  # on the short cut, and through docker-py
    "create": (b"/containers/create", b"/containers/create"),
    "attach": (b"/attach?", b"/attach?"),
    "wait": (b"/events?", b"/wait?"),
    "start": (b"/start", b"/start"),
}
each_signal = pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
each_way = pytest.mark.parametrize("way", ["wire", "docker-py"])


@pytest.fixture
def relay(engine, home, sh):
    found = Relay(home.path / "e.sock", engine.docker_host.removeprefix("unix://"))
    home.docker_host = f"unix://{found.path}"
    home.run(sh, "-c", "true", check=True)  # what is found out about a new engine is known
    yield found
    found.go_on()  # also where the test has failed: what it leaves is removed by the watcher, and fails no other test
    left = eventually_none(lambda: leftovers(engine), 30)
    if engine.name.startswith("podman"):  # it may keep half a container, which the watcher removes last
        left = left or eventually_none(home.processes, 30)
    found.cut()
    assert not left


def launched(home, *words, way="wire"):
    return home.popen(
        *words,
        env={"APPLAUNCH_WIRE": "0"} if way == "docker-py" else {},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def ended(process, number):
    """Send a signal, wait for the end, and return what was said; the engine hangs for as long as it takes."""
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == -number
    return said.decode()


def nothing_is_left(relay, engine):
    """Let the engine go on, and see that the watcher clears up."""
    relay.go_on()
    assert not eventually_none(lambda: leftovers(engine), AGAIN)


@each_way
@each_signal
@pytest.mark.parametrize("answered", [False, True], ids=["asked", "answered"])
@pytest.mark.parametrize("request_", REQUESTS)
def test_before_the_program_runs(relay, engine, home, sh, request_, answered, number, way):
    words = REQUESTS[request_][way == "docker-py"]
    if engine.name.startswith("podman") and request_ == "wait":
        if answered:
            pytest.skip("podman answers a wait when the program has ended")
        words = b"/wait?"
    relay.hold_at(words, answered=answered)
    process = launched(home, sh, "-c", "sleep 600", way=way)
    assert relay.held.wait(20)

    assert not ended(process, number)

    nothing_is_left(relay, engine)
    if request_ == "create":  # the container may come only now: the watcher waits for it
        assert not eventually_none(home.processes, 30)
        assert not leftovers(engine)


@each_way
@each_signal
def test_while_the_program_runs(relay, engine, home, sh, number, way):
    process = launched(home, sh, "-c", "echo ready; sleep 600", way=way)
    assert process.stdout.readline() == b"ready\n"
    relay.hold()

    said = ended(process, number)

    assert said.splitlines() == [
        f"applaunch: {home.docker_host}: the engine does not answer; the container will be removed when it does"
    ]
    nothing_is_left(relay, engine)


@each_way
@each_signal
def test_when_it_is_asked_to_send_the_signal(relay, engine, home, sh, number, way):
    process = launched(home, sh, "-c", "echo ready; sleep 600", way=way)
    assert process.stdout.readline() == b"ready\n"
    relay.hold_at(b"/kill?")

    ended(process, number)

    nothing_is_left(relay, engine)


@each_way
@each_signal
@pytest.mark.parametrize("answered", [False, True], ids=["asked", "answered"])
def test_when_it_is_asked_to_remove_what_could_not_start(relay, engine, home, sh, answered, number, way):
    relay.hold_at(b"DELETE ", answered=answered)
    home.app("nothing", engine.ref("docker.io/library/busybox:latest"), entrypoint='["/nowhere"]', init="false")
    process = launched(home, "nothing", way=way)
    assert relay.held.wait(20)

    ended(process, number)

    nothing_is_left(relay, engine)


def test_a_broken_pipe_does_not_wait_for_it(relay, engine, home, sh):
    process = launched(home, sh, "-c", "while :; do echo ready; sleep 0.1; done")
    assert process.stdout.readline() == b"ready\n"
    relay.hold_at(b"DELETE ")
    process.stdout.close()

    assert process.wait(15) == -signal.SIGPIPE

    process.stderr.close()
    nothing_is_left(relay, engine)


@pytest.mark.parametrize(("key", "number"), [("\x03", signal.SIGINT), ("\x1c", signal.SIGQUIT)])
def test_a_key_that_is_typed_on_a_raw_terminal_ends_it_too(relay, engine, home, bash, key, number):
    line = f"stty -a > before; {bash} -c 'echo ready; sleep 600'; echo code $?; stty -a > after; cmp before after && echo restored"
    child = pexpect.spawn(
        "bash", ["--norc", "-c", f"trap : INT QUIT; {line}"], env=home.env, cwd=str(home.work), timeout=30
    )
    child.expect("ready")
    relay.hold()

    child.send(key)

    child.expect("the engine does not answer")
    child.expect(f"code {128 + number}")
    child.expect("restored")
    child.close(force=True)
    nothing_is_left(relay, engine)


def test_an_engine_that_is_only_slow_is_waited_for(relay, engine, home, sh):
    """The program gets the signal and ends as it likes: nothing is lost where the engine answers in time."""
    process = launched(home, sh, "-c", "trap 'echo asked; exit 9' INT; echo ready; while :; do sleep 0.1; done")
    assert process.stdout.readline() == b"ready\n"
    relay.hold()
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)

    relay.go_on()

    assert process.communicate(timeout=20)[0] == b"asked\n"
    assert process.returncode == 9


def test_the_watcher_waits_for_the_engine_and_nobody_for_the_watcher(relay, engine, home, sh):
    relay.hold_at(b"/start")
    line = f"{sh} -c 'sleep 600' & wait_for=$!; echo $wait_for; wait $wait_for"
    child = home.popen("bash", "-c", line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    launcher = int(child.stdout.readline())
    assert relay.held.wait(20)

    os.kill(launcher, signal.SIGTERM)

    assert child.stdout.read() == b""  # the end of file: no other process holds the pipe
    child.stdout.close()
    assert child.wait(20) == 143
    time.sleep(2)
    assert home.processes()
    nothing_is_left(relay, engine)
