"""Commands of applaunch ask an engine that hangs: they say so in seconds, in one line."""

import pytest

from tests.relay import Relay

pytestmark = pytest.mark.engine

COMMANDS = [
    ("engine", "status"),
    ("du",),
    ("pull", "bsh"),
    ("upgrade", "--check"),
    ("warm", "start", "bsh"),
    ("warm", "clear"),
    ("bundle", "export", "bsh", "-o", "x.applaunch"),
]


@pytest.fixture
def relay(engine, home):
    found = Relay(home.path / "e.sock", engine.docker_host.removeprefix("unix://"))
    home.docker_host = f"unix://{found.path}"
    image = engine.ref("docker.io/library/busybox:latest")
    home.app("bsh", image, entrypoint='["sh"]', network_mode='"none"', warm='"60s"')
    home.run("bsh", "-c", "true", check=True)
    home.run("applaunch", "warm", "start", "bsh", check=True)
    yield found
    found.go_on()
    home.run("applaunch", "warm", "clear", check=True)
    found.cut()


def test_commands_report_a_hanging_engine_within_seconds(relay, home):
    relay.hold()

    started = {words: home.popen("applaunch", *words, stdin=-3, stdout=-1, stderr=-1, text=True) for words in COMMANDS}

    said = {words: process.communicate(timeout=120) for words, process in started.items()}
    line = f"applaunch: {home.docker_host}: the engine did not answer in 5 s; try again, or restart the engine\n"
    assert {words: told[1] for words, told in said.items()} == dict.fromkeys(COMMANDS, line)
    assert {process.returncode for process in started.values()} == {1}


def test_doctor_and_warm_ask_a_hanging_engine_once(relay, home):
    relay.hold()

    doctor = home.popen("applaunch", "doctor", stdin=-3, stdout=-1, stderr=-1, text=True)
    listed = home.run("applaunch", "warm", "list", timeout=120)

    told, _ = doctor.communicate(timeout=120)
    assert doctor.returncode == 1
    assert "the engine did not answer in 5 s" in told
    assert "shims" in told
    assert "1 container" in listed.stdout
    assert "the engine did not answer in 5 s" in listed.stderr
