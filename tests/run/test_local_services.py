"""Services of this machine: notes on those that a program cannot reach, by the engine and by bubblewrap."""

import socket
import threading
import time

import pytest

from tests import opened
from tests.run.conftest import BUSYBOX

pytestmark = pytest.mark.engine
FIX = "applaunch override tool --localhost {}, or --network host\n"
HERE = f"applaunch: tool: note: localhost is not this machine there; {FIX}"


MACHINE = "host.docker.internal"


@pytest.fixture
def servers():
    """Serve one word at a port of all addresses of this machine, and one at a port of its loopback; give the ports."""
    with socket.create_server(("0.0.0.0", 0)) as every, socket.create_server(("127.0.0.1", 0)) as loopback:
        threads = [
            threading.Thread(target=serve, args=(every, b"every\n")),
            threading.Thread(target=serve, args=(loopback, b"loopback\n")),
        ]
        for each in threads:
            each.start()
        yield every.getsockname()[1], loopback.getsockname()[1]
        for each in (every, loopback):
            each.shutdown(socket.SHUT_RDWR)
        for each in threads:
            each.join()


def serve(listener, word):
    """Answer each client of *listener* as a web server does, until it is shut down."""
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with client:
            client.recv(1000)
            client.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(word), word))


def fetch(home, tool, host, port):
    """Return what *tool* gets from a server."""
    return home.run(tool, "timeout", "5", "wget", "-q", "-O", "-", f"http://{host}:{port}/").stdout


@pytest.fixture(params=["engine", "bubblewrap", "bubblewrap as root"])
def tool(request, engine, home):
    """A command in busybox with a network of its own: by the engine, or in a sandbox, by pasta or slirp4netns."""
    runtime, _, by_root = request.param.partition(" ")
    home.app("tool", engine.ref(BUSYBOX), entrypoint='["busybox"]', runtime=f'"{runtime}"', read_only="true")
    if runtime == "bubblewrap" and not by_root:
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
        assert done.stderr.endswith(HERE.format(1))


def test_localhost_in_a_variable_is_explained_each_time(home, tool):
    path = home.config("catalog.d") / "tool.toml"
    path.write_text(path.read_text() + 'environment = ["PGHOST"]\n')
    for _ in range(2):
        done = home.run(tool, "sh", "-c", "exit 2", env={"PGHOST": "localhost"})

        assert done.stderr.endswith(HERE.replace("localhost is", "PGHOST names localhost, which is").format("PORT"))


def test_a_socket_is_explained_each_time(home, tool, tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "redis.sock"))
        for _ in range(2):
            done = home.run(tool, "cat", f"{tmp_path}/redis.sock")

            what = f"{tmp_path}/redis.sock is a socket, which arguments do not bring in; name it in volumes"
            assert done.stderr.endswith(f"applaunch: tool: note: {what}\n")


def test_this_machine_has_a_name_that_reaches_servers_on_all_addresses_and_no_others(home, tool, servers):
    every, loopback = servers
    for _ in range(2):  # planned, and in a sandbox repeated
        assert fetch(home, tool, MACHINE, every) == "every\n"
        assert fetch(home, tool, MACHINE, loopback) == ""


def test_docker_runs_given_names_the_same_way(home, tool, servers):
    path = home.config("catalog.d") / "tool.toml"
    path.write_text(path.read_text() + 'extra_hosts = ["me:host-gateway"]\n')

    assert fetch(home, tool, "me", servers[0]) == "every\n"


@pytest.fixture
def psql(home, engine):
    """A command in busybox that has a network of its own, and no runtime of its own choice, for an ordinary user."""
    opened.open_tunnels()

    def add(**keys):
        home.app("psql", engine.ref(BUSYBOX), entrypoint='["busybox"]', **keys)
        home.ordinary()
        return "psql"

    return add


def test_a_port_of_this_machines_localhost_is_in_the_programs_own(home, psql, servers):
    every, loopback = servers
    tool = psql(localhost=f"[{loopback}]")
    home.run(tool, "true", check=True)
    time.sleep(0.05)
    for _ in range(3):  # planned, saved, repeated
        assert fetch(home, tool, "localhost", loopback) == "loopback\n"
        assert fetch(home, tool, "localhost", every) == ""
    assert {run["runtime"] for run in home.runs()} == {"bubblewrap"}


def test_all_ports_of_localhost_may_be(home, psql, servers):
    tool = psql(localhost='"host"')

    assert fetch(home, tool, "127.0.0.1", servers[1]) == "loopback\n"


def test_a_port_that_the_entry_no_longer_names_is_gone_at_once(home, psql, servers):
    tool = psql(localhost=f"[{servers[1]}]")
    assert fetch(home, tool, "localhost", servers[1]) == "loopback\n"
    path = home.config("catalog.d") / "psql.toml"
    path.write_text(path.read_text().replace("localhost =", "ports = [] #"))

    assert fetch(home, tool, "localhost", servers[1]) == ""


def test_an_override_brings_it_and_a_denial_takes_it_away(home, psql, servers):
    tool = psql()
    home.run("applaunch", "override", tool, "--localhost", str(servers[1]), check=True)
    assert fetch(home, tool, "localhost", servers[1]) == "loopback\n"
    assert f"reach {servers[1]} on this machine's localhost" in home.run("applaunch", "info", tool).stdout

    home.run("applaunch", "override", tool, "--deny", "localhost", check=True)
    assert fetch(home, tool, "localhost", servers[1]) == ""


def test_the_machines_network_has_its_localhost_anyway(home, psql, servers):
    tool = psql(localhost=f"[{servers[1]}]", network_mode='"host"', runtime='"engine"')

    assert fetch(home, tool, "localhost", servers[1]) == "loopback\n"


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ({"runtime": '"engine"'}, "an engine cannot bring localhost = [1] of this machine into a container; "),
        ({"network_mode": '"none"'}, "cannot run with bubblewrap: localhost = [1]: it needs network_mode = 'bridge'; "),
    ],
)
def test_what_cannot_bring_it_is_refused_in_one_line(home, psql, keys, what):
    done = home.run(psql(localhost="[1]", **keys), "true")

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (125 + ("runtime" not in keys or 1), "", 1)
    assert done.stderr.startswith(f"applaunch: psql: {what}")
