"""An engine of our own: started for real where podman is installed, and by a stand-in where only its end matters."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from launcher.engine import private_daemons, private_engine, process_lifetime
from launcher.engine.detect_traits import detect
from launcher.engine.docker_client import connect
from launcher.engine.endpoint import private_socket
from launcher.errors import EngineError

ANSWERING = """#!{python}
import os, socket, sys, time
open(os.path.join({folder!r}, "started"), "a").write("x")
if "service" in sys.argv:
    time.sleep(0.2)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[-1].removeprefix("unix://"))
    listener.listen()
    while True:
        connection, _ = listener.accept()
        if connection.recv(1000):
            connection.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\nOK")
        connection.close()
"""


@pytest.fixture
def state(tmp_path):
    """A state folder whose engine is ended and whose traces outside it are gone afterwards."""
    folder = tmp_path / "state"
    folder.mkdir()
    yield str(folder)
    private_engine.stop(str(folder), os.environ)
    if (folder / "engine/run").is_symlink():
        shutil.rmtree((folder / "engine/run").readlink(), ignore_errors=True)


@pytest.fixture
def stand_in(tmp_path):
    """Put a program called podman on a PATH of its own."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def install(text):
        path = folder / "podman"
        path.write_text(text.format(python=sys.executable, folder=str(tmp_path)))
        path.chmod(0o755)
        return {"PATH": str(folder)}

    return install


def begin(state, env):
    return private_engine.start(state, "", os.getuid(), env)


@pytest.mark.engine
@pytest.mark.skipif(not shutil.which("podman"), reason="podman is not installed")
def test_a_private_podman_starts_answers_and_leaves_nothing_running(state):
    endpoint = begin(state, os.environ)
    pid = private_engine.status(state).pid
    with connect(endpoint) as client:
        traits = detect(client)

    assert traits.flavour == "podman"
    assert traits.rootless == (os.getuid() != 0)
    assert private_socket(state) == endpoint.socket
    assert private_engine.stop(state, os.environ)
    assert not private_engine.status(state).running
    assert process_lifetime.session_processes(process_lifetime.Process(pid, 1, process_lifetime.boot_id())) == []
    assert not Path(endpoint.socket).exists()


def test_a_second_start_finds_the_running_engine(state, stand_in, tmp_path):
    env = stand_in(ANSWERING)

    assert begin(state, env) == begin(state, env)
    assert (tmp_path / "started").read_text() == "x"
    assert private_engine.status(state).answers


def test_concurrent_starts_start_one_engine(state, stand_in, tmp_path):
    env = stand_in(ANSWERING)
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: begin(state, env), range(4)))

    assert len(found) == 1
    assert (tmp_path / "started").read_text() == "x"


def test_a_killed_engine_is_started_again(state, stand_in):
    env = stand_in(ANSWERING)
    begin(state, env)
    first = private_engine.status(state).pid
    os.kill(first, 9)
    while private_engine.status(state).running:
        time.sleep(0.01)

    begin(state, env)
    assert private_engine.status(state).pid != first
    assert private_engine.status(state).answers


def test_a_process_that_reuses_the_pid_gets_no_signal(state, stand_in):
    env = stand_in(ANSWERING)
    begin(state, env)
    private_engine.stop(state, env)
    with subprocess.Popen(["sleep", "60"]) as bystander:
        record = [
            "podman",
            "/nowhere",
            f"{state}/engine/engine.sock",
            [bystander.pid, 1, process_lifetime.boot_id()],
            None,
        ]
        Path(state, "engine/running.json").write_text(json.dumps(record))

        assert not private_engine.stop(state, env)
        assert bystander.poll() is None
        bystander.kill()


def test_a_record_of_an_earlier_boot_is_not_running():
    me = process_lifetime.Process.of(os.getpid())

    assert me.alive
    assert not me._replace(boot="another").alive
    assert not me._replace(started=me.started + 1).alive


def test_a_failed_start_is_reported_with_the_last_log_line(state, stand_in):
    env = stand_in("#!/bin/sh\necho first >&2\necho 'Error: no subuid ranges' >&2\nexit 125\n")

    with pytest.raises(EngineError) as trouble:
        begin(state, env)

    assert trouble.value.line == (
        f"applaunch: engine: podman did not start: Error: no subuid ranges; see {state}/engine/log"
    )
    assert not private_engine.status(state).running


def test_without_an_installed_engine_the_message_says_what_to_install(state, tmp_path):
    with pytest.raises(EngineError, match="neither podman nor dockerd can be started as a private engine; "):
        begin(state, {"PATH": str(tmp_path)})


def test_a_long_state_folder_gets_its_socket_elsewhere(state, stand_in):
    env = stand_in(ANSWERING)
    deep = f"{state}/{'d' * 100}"
    Path(deep).mkdir()
    try:
        endpoint = begin(deep, env)

        assert len(endpoint.socket) < 100
        assert private_socket(deep) == endpoint.socket
    finally:
        private_engine.stop(deep, env)
        shutil.rmtree(Path(deep, "engine/run").readlink())


def test_a_folder_of_another_user_is_refused(state, stand_in, tmp_path):
    env = stand_in(ANSWERING)
    (tmp_path / "theirs").mkdir()
    Path(state, "engine").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    Path(state, "engine/run").symlink_to(tmp_path / "link")

    with pytest.raises(EngineError, match="is not a folder that you own; move it away"):
        begin(state, env)


def test_nothing_to_stop_is_not_an_error(state):
    assert not private_engine.stop(state, {})
    assert private_engine.status(state) == private_engine.Status(
        running=False,
        answers=False,
        program="",
        pid=0,
        socket=f"{state}/engine/engine.sock",
        data=f"{state}/engine/data",
        log=f"{state}/engine/log",
    )


def test_a_private_dockerd_avoids_docker0_and_inherits_only_network_settings():
    folders = private_daemons.EngineFolders("/s/data", "/r", "/s/engine.sock")
    system = {"registry-mirrors": ["https://mirror"], "hosts": ["fd://"], "data-root": "/big", "bridge": "docker0"}

    assert private_daemons.dockerd_config(folders, system) == {
        "registry-mirrors": ["https://mirror"],
        "hosts": ["unix:///s/engine.sock"],
        "group": "root",
        "data-root": "/s/data/docker",
        "exec-root": "/r/exec",
        "pidfile": "/s/engine.pid",
        "bridge": "applaunch0",
    }


def test_the_bridge_gets_a_free_subnet():
    routes = "default via 10.0.0.1 dev eth0\n172.29.255.0/24 dev x\n172.29.252.0/23 dev y\nunreachable 1.2.3.4\n"

    assert private_daemons.free_subnet("") == IPv4Network("172.29.255.0/24")
    assert private_daemons.free_subnet(routes) == IPv4Network("172.29.254.0/24")
    with pytest.raises(EngineError, match="no free subnet"):
        private_daemons.free_subnet("172.16.0.0/12 dev z")


def test_a_private_engine_is_never_a_client_of_another():
    env = {"CONTAINER_HOST": "ssh://x", "DOCKER_HOST": "tcp://x", "PATH": "/bin"}

    assert private_daemons.daemon_environment(env) == {"PATH": "/bin"}


def test_the_private_podman_uses_only_our_folders():
    folders = private_daemons.EngineFolders("/s/data", "/r", "/s/engine.sock")

    assert " ".join(private_daemons.daemon_command("podman", folders)) == (
        "podman --root /s/data/podman --runroot /r/c --tmpdir /r/t system service --time=0 unix:///s/engine.sock"
    )


def test_a_private_socket_without_answer_is_not_running(state, stand_in):
    env = stand_in(ANSWERING)
    Path(state, "engine").mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(f"{state}/engine/engine.sock")

    assert begin(state, env).socket == f"{state}/engine/engine.sock"
