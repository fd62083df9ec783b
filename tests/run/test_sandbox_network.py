"""Programs in sandboxes that have a network: their app's own, by pasta for an ordinary user, by slirp4netns for root."""

import json
import os
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests import opened

pytestmark = pytest.mark.engine
USERS = ("user", "root")


@pytest.fixture(scope="module")
def tunnels(tmp_path_factory):
    """Open /dev/net/tun to everybody where the tests' ordinary users are, as it is on most machines."""
    device = tmp_path_factory.mktemp("dev") / "tun"
    os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(10, 200))
    device.chmod(0o666)
    into = ["nsenter", "--target", opened.words_of()[4], "--mount", "--"]
    subprocess.run([*into, "mount", "--bind", device, "/dev/net/tun"], check=True)
    yield
    subprocess.run([*into, "umount", "/dev/net/tun"], check=True)


@pytest.fixture(params=USERS)
def tool(home, engine, tunnels, request):
    """A command in busybox with a network, which runs in a sandbox."""
    image = engine.ref("docker.io/library/busybox:latest")
    home.app("box", image, entrypoint='["busybox"]', read_only="true", runtime='"bubblewrap"')
    if request.param == "user":
        home.ordinary()
    home.run("box", "true", check=True)
    return "box"


@pytest.fixture
def server(engine):
    """A web server on this machine, at an address that containers can reach, too; its page is one word."""
    with socket.create_server((engine.container_host, 0)) as listener:

        def serve():
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client:
                    client.recv(1000)
                    client.sendall(b"HTTP/1.0 200 OK\r\n\r\nwelcome\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_program_reaches_out(home, tool, server):
    done = home.run(tool, "wget", "-q", "-O", "-", f"http://{server[0]}:{server[1]}/")

    assert (done.stdout, done.stderr) == ("welcome\n", "")
    done = home.run("applaunch", "runs", "--json")
    assert json.loads(done.stdout)[0]["runtime"] == "bubblewrap", done.stderr


def test_a_program_cannot_reach_the_machines_loopback(home, tool):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = home.run(tool, "nc", "127.0.0.1", str(listener.getsockname()[1]))

    assert (done.returncode, done.stdout) == (1, "")


def test_the_runs_of_an_app_share_a_network_and_a_repeated_call_joins_it(home, tool):
    time.sleep(0.05)  # for the clock of files: the plan of the next call is saved
    names = {home.run(tool, "readlink", "/proc/self/ns/net", check=True).stdout for _ in range(4)}

    assert len(names) == 1
    assert names != {os.readlink("/proc/self/ns/net") + "\n"}


def test_a_new_network_each_time_if_the_entry_says_so(home, tool):
    path = home.config("catalog.d") / "box.toml"
    path.write_text(path.read_text() + "network_share = false\n")
    script = "readlink /proc/self/ns/net; read wait"
    runs = [home.popen(tool, "sh", "-c", script, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(2)]
    names = {each.stdout.readline() for each in runs}
    for each in runs:
        each.communicate()

    assert len(names) == 2


def test_names_are_asked_where_the_machine_asks(home, tool):
    text = home.run(tool, "cat", "/etc/resolv.conf", check=True).stdout
    own = [line for line in Path("/etc/resolv.conf").read_text().splitlines() if line.startswith("nameserver")]

    assert [line for line in own if " 127." not in line] == text.splitlines()[: len(own)]
    assert text.splitlines()[-1] in ("nameserver 169.254.1.1", "nameserver 10.0.2.3")


def test_a_program_in_a_network_of_its_own_can_gain_no_capability(home, tool):
    told = home.run(tool, "grep", "^Cap", "/proc/self/status", check=True).stdout
    caps = {name: int(value, 16) for name, value in (line.split(":\t") for line in told.splitlines())}
    roots = 0 if home.user else 0b1011  # CHOWN, DAC_OVERRIDE, FOWNER

    assert (caps["CapEff"], caps["CapPrm"]) == (roots, roots)
    assert not home.user or caps["CapBnd"] == 0  # bwrap leaves root's bounding set; no_new_privs makes it of no use


def test_a_program_finds_its_own_name_with_and_without_its_domain(home, tool):
    path = home.config("catalog.d") / "box.toml"
    path.write_text(path.read_text() + 'hostname = "box.example"\n')

    assert "127.0.1.1\tbox.example box\n" in home.run(tool, "cat", "/etc/hosts", check=True).stdout


def test_a_signal_still_reaches_the_program(home, tool):
    script = "trap 'exit 9' TERM; echo ready; while :; do sleep 0.1; done"
    with home.popen(tool, "sh", "-c", script, stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout.readline() == "ready\n"
        launcher.terminate()

        assert launcher.wait(20) == 9


def test_a_repeated_call_with_a_network_loads_few_modules(home, tool):
    time.sleep(0.05)
    for _ in range(2):
        home.run(tool, "true", check=True)
    words = [sys.executable, "-IS", "-X", "importtime", home.bin / tool, "true"]
    done = home.run(*words, check=True)

    assert len([line for line in done.stderr.splitlines() if "import time" in line and " launcher" in line]) <= 20


@pytest.fixture
def published(home, engine, tunnels, unused_port):
    """A web server in a sandbox of an ordinary user, whose port 80 is published."""
    image, ports = engine.ref("docker.io/library/busybox:latest"), f'["{unused_port}:80"]'
    home.app("web", image, entrypoint='["busybox"]', ports=ports, runtime='"bubblewrap"')
    home.ordinary()
    (home.work / "index.html").write_text("hello\n")
    return ["web", "httpd", "-f", "-p", "80"], unused_port


@pytest.fixture
def unused_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def fetch(port):
    """Return what a web server at *port* of this machine answers, once it is up."""
    deadline = time.monotonic() + 20
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as client:
                client.sendall(b"GET /index.html HTTP/1.0\r\n\r\n")
                if answer := client.makefile("rb").read().decode():  # "": pasta is there, the program not yet
                    return answer
        except OSError:
            pass
        assert time.monotonic() < deadline, "no answer"
        time.sleep(0.1)


def test_a_port_is_published_while_the_program_runs(home, published):
    words, port = published
    for _ in range(3):  # planned, saved, repeated
        process = home.popen(*words)
        answer = fetch(port)
        process.terminate()
        process.wait(20)
        assert answer.endswith("\r\n\r\nhello\n")

    assert runtimes(home) == {"bubblewrap"}
    with socket.create_server(("127.0.0.1", port)):
        pass


def runtimes(home):
    return {each["runtime"] for each in json.loads(home.run("applaunch", "runs", "--json").stdout)}


def test_a_port_that_is_in_use_is_named(home, published):
    words, port = published
    with socket.create_server(("127.0.0.1", port)):
        done = home.run(*words)

    what = f"127.0.0.1:{port} cannot be published: it is in use"
    assert done.stderr == f"applaunch: ports: {what}; end the program that uses it (ss -ltnp), or choose another port\n"
    assert done.returncode == 125
