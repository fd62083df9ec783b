"""Services of this machine: notes on those that a program cannot reach, by the engine and by bubblewrap."""

import socket
import time

import pytest

from tests import opened
from tests.run.conftest import BUSYBOX

pytestmark = pytest.mark.engine
HERE = "applaunch: tool: note: localhost is not this machine there; applaunch override tool --network host\n"


@pytest.fixture(params=["engine", "bubblewrap"])
def tool(request, engine, home):
    """A command in busybox with a network of its own: by the engine, or in a sandbox of an ordinary user."""
    image = engine.ref(BUSYBOX)
    home.app("tool", image, entrypoint='["busybox"]', runtime=f'"{request.param}"')
    if request.param == "bubblewrap":
        opened.open_tunnels()
        home.ordinary()
    home.run("tool", "true", check=True)
    time.sleep(0.05)  # for the clock of files: the plan of the next call is saved
    return "tool"


def test_localhost_is_explained_each_time(home, tool):
    home.run(tool, "true", check=True)
    for _ in range(2):
        done = home.run(tool, "wget", "-q", "-O", "-", "http://localhost:1/")

        assert done.returncode == 1
        assert done.stderr.endswith(HERE)


def test_localhost_in_a_variable_is_explained_each_time(home, tool):
    path = home.config("catalog.d") / "tool.toml"
    path.write_text(path.read_text() + 'environment = ["PGHOST"]\n')
    for _ in range(2):
        done = home.run(tool, "sh", "-c", "exit 2", env={"PGHOST": "localhost"})

        assert done.stderr.endswith(HERE.replace("localhost is", "PGHOST names localhost, which is"))


def test_a_socket_is_explained_each_time(home, tool, tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "redis.sock"))
        for _ in range(2):
            done = home.run(tool, "cat", f"{tmp_path}/redis.sock")

            what = f"{tmp_path}/redis.sock is a socket, which arguments do not bring in; name it in volumes"
            assert done.stderr.endswith(f"applaunch: tool: note: {what}\n")
