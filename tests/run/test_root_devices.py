"""Root in a sandbox changes no device of the machine: its nodes are its own."""

import os
from pathlib import Path

import pytest

pytestmark = [pytest.mark.engine, pytest.mark.about("root")]


@pytest.fixture
def tool(home, engine):
    image = engine.ref("docker.io/library/busybox:latest")
    home.app("box", image, entrypoint='["busybox"]', network_mode='"none"', read_only="true", runtime='"bubblewrap"')
    return "box"


@pytest.fixture(autouse=True)
def _devices():
    """Put back what a failing test changed."""
    yield
    for name in ("null", "zero", "tty"):
        os.chmod(f"/dev/{name}", 0o666)
        os.chown(f"/dev/{name}", 0, os.stat(f"/dev/{name}").st_gid)


@pytest.mark.parametrize("command", [["chmod", "0600"], ["chown", "7"]])
def test_a_change_of_a_device_stays_in_the_sandbox(home, tool, command):
    before = os.stat("/dev/null"), os.stat("/dev/zero")

    home.run(tool, *command, "/dev/null", "/dev/zero", check=True)

    assert [(each.st_mode, each.st_uid) for each in (os.stat("/dev/null"), os.stat("/dev/zero"))] == [
        (each.st_mode, each.st_uid) for each in before
    ]


def test_the_next_run_has_the_devices_as_they_should_be(home, tool):
    for _ in range(2):
        home.run(tool, "chmod", "0600", "/dev/null", check=True)

        done = home.run(tool, "stat", "-c", "%a %u %t:%T", "/dev/null", "/dev/tty", check=True)

        assert done.stdout == "666 0 1:3\n666 0 5:0\n"


def test_the_devices_work(home, tool):
    script = "echo x > /dev/null && head -c 3 /dev/zero | wc -c && head -c 3 /dev/urandom | wc -c; echo y > /dev/full"
    done = home.run(tool, "sh", "-c", script)

    assert done.stdout == "3\n3\n"
    assert "No space left" in done.stderr


def test_a_node_that_is_something_else_is_made_again(home, tool):
    home.run(tool, "true", check=True)
    node = home.path / ".cache/applaunch/sandbox/dev/null"
    node.unlink()
    Path(node).write_text("")

    assert home.run(tool, "sh", "-c", "echo x > /dev/null; wc -c < /dev/null").stdout == "0\n"
