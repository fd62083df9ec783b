"""The exit code is the program's own, and the launcher's can be told from it (peers.md, M5 and M13)."""

import signal
import subprocess

import pytest

from tests.home import SANDBOXED

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("code", [0, 1, 2, 37, 125, 126, 127, 128, 137, 255])
def test_the_programs_own_exit_code_comes_with_no_line_of_ours(home, sh, code):
    ended = home.run(sh, "-c", f"exit {code}")

    assert (ended.returncode, ended.stderr) == (code, "")


def test_a_program_that_is_not_in_the_image_is_127_with_one_line(home, engine):
    home.app("nope", engine.ref("docker.io/library/busybox:latest"), entrypoint='["no-such-program"]')
    home.run("nope")  # pulls, and says so

    ended = home.run("nope")

    assert ended.returncode == 127
    assert ended.stderr == (
        "applaunch: no-such-program: not found in the image; check entrypoint and command with: applaunch info NAME\n"
    )


def test_a_file_that_is_no_program_is_126_with_one_line(home, engine):
    home.app("plain", engine.ref("docker.io/library/busybox:latest"), entrypoint='["/etc/passwd"]')
    home.run("plain")

    ended = home.run("plain")

    assert ended.returncode == 126
    assert ended.stderr == ("applaunch: /etc/passwd: exists in the image but may not run; check entrypoint and user\n")


def test_a_command_that_no_catalog_knows_is_127(home, sh):
    (home.bin / "lost").write_bytes((home.bin / sh).read_bytes())
    (home.bin / "lost").chmod(0o755)

    ended = home.run("lost")

    assert ended.returncode == 127
    assert ended.stderr.startswith("applaunch: lost: no such app in any catalog; ")


def test_no_engine_is_125_with_one_line_unless_none_is_needed(home, sh):
    ended = home.run(sh, "-c", "true", env={"DOCKER_HOST": "unix:///nowhere/docker.sock"})

    if home.way in SANDBOXED:  # the image is unpacked: nothing asks for an engine
        assert (ended.returncode, ended.stderr) == (0, "")
        return
    assert ended.returncode == 125
    assert ended.stderr == (
        "applaunch: engine: cannot connect to unix:///nowhere/docker.sock: no such file or directory;"
        " is the engine running? start it, or unset DOCKER_HOST\n"
    )


@pytest.mark.smoke
def test_a_handler_in_the_program_decides_what_a_signal_does(home, sh):
    process = home.popen(
        sh,
        "-c",
        "trap 'exit 9' TERM; echo ready; while :; do sleep 0.1; done",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"ready\n"

    process.send_signal(signal.SIGTERM)

    assert process.wait(20) == 9
    process.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_that_ends_the_program_ends_the_launcher_the_same_way(home, sh, number):
    process = home.popen(sh, "-c", "echo ready; exec sleep 60", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"ready\n"

    process.send_signal(number)

    assert process.wait(20) == -number
    process.stdout.close()
