"""An engine behind ssh; here a program called ssh that does what the far end would do."""

import sys

import pytest

from launcher.engine import ssh_transport
from launcher.engine.docker_client import connect
from launcher.engine.endpoint import Endpoint
from launcher.errors import EngineError

DIAL = """#!{python}
import os, select, socket, sys
far = socket.socket(socket.AF_UNIX)
far.connect({path!r})
while True:
    for ready in select.select([0, far], [], [])[0]:
        data = os.read(0, 65536) if ready == 0 else far.recv(65536)
        if not data:
            if ready != 0:
                sys.exit()
            sys.exit(far.shutdown(socket.SHUT_WR))
        far.sendall(data) if ready == 0 else os.write(1, data)
"""


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("ssh://box", "-- box docker system dial-stdio"),
        ("ssh://me@box:22", "-l me -p 22 -- box docker system dial-stdio"),
        ("ssh://box/run/p.sock", "-- box docker --host unix:///run/p.sock system dial-stdio"),
    ],
)
def test_the_ssh_command_contains_only_what_the_address_says(host, words):
    assert " ".join(ssh_transport.ssh_command(host)) == f"ssh -T -o ConnectTimeout=30 {words}"


@pytest.fixture
def the_ssh(tmp_path, monkeypatch):
    def be(text):
        path = tmp_path / "ssh"
        path.write_text(text)
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    return be


@pytest.mark.engine
def test_an_engine_over_ssh_works_like_any_other(engine, the_ssh):
    the_ssh(DIAL.format(python=sys.executable, path=engine.docker_host.removeprefix("unix://")))

    with connect(Endpoint("ssh://me@box")) as client:
        assert client.info()["ServerVersion"]
        assert [client.ping() for _ in range(3)] == [True] * 3


def test_an_error_of_ssh_is_reported_in_one_line(the_ssh):
    the_ssh("#!/bin/sh\necho 'ssh: Could not resolve hostname box: Name or service not known' >&2\nexit 255\n")

    with pytest.raises(EngineError) as trouble:
        connect(Endpoint("ssh://box"))

    assert trouble.value.line == (
        "applaunch: ssh://box: cannot communicate with the engine: ssh: Could not resolve hostname box: "
        "Name or service not known; applaunch engine status"
    )
