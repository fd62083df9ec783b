"""Standard streams that are full or closed: one line, never a traceback, and nothing where nobody reads."""

import os
import subprocess
import time

import pytest

FULL = "applaunch: stdout: cannot be written: no space left on device; redirect the output elsewhere\n"


@pytest.mark.parametrize("words", [
    ["list"], ["--help"], ["--version"], ["add", "--help"], ["list", "--json"], ["search"], ["doctor"], ["history", "list"], ["config", "list"],
    ["completion", "bash"], ["info", "jq"], ["catalog", "schema"],
], ids=" ".join)  # fmt: skip
def test_a_full_stdout_is_reported_in_one_line(home, words):
    with open("/dev/full", "w") as full:
        done = home.run("applaunch", *words, stdout=full)

    assert (done.returncode, done.stderr) == (1, FULL)


@pytest.mark.parametrize("closing", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
@pytest.mark.parametrize("words", ["list", "--help", "list --json", "search jq", "add jq -y", "remove jq"])
def test_a_closed_stream_is_treated_as_empty(home, words, closing):
    home.run("applaunch", "add", "jq", "-y", check=True)
    right = home.run("applaunch", *words.split(), check=True)
    home.run("applaunch", "add", "jq", "-y", check=True)

    done = home.run("sh", "-c", f"exec applaunch {words} {closing}")

    assert done.returncode == 0
    assert done.stderr in ("", right.stderr)
    assert "Traceback" not in done.stdout


def test_a_full_stderr_keeps_the_exit_code(home):
    with open("/dev/full", "w") as full:
        done = home.run("applaunch", "no-such-command", stderr=full)

    assert (done.returncode, done.stdout) == (2, "")


def test_add_installs_and_reports_an_output_that_cannot_be_written(home):
    with open("/dev/full", "w") as full:
        done = home.run("applaunch", "add", "jq", "-y", "--json", stdout=full)

    assert (done.returncode, done.stderr) == (1, FULL)
    assert home.run("applaunch", "list", "--json", check=True).stdout.count('"name": "jq"') == 1


def test_a_closed_pipe_ends_the_command_with_sigpipe(home):
    child = home.popen("applaunch", "search", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child.stdout.close()
    said = child.stderr.read()
    child.stderr.close()

    assert child.wait(60) == -13  # SIGPIPE
    assert said == b""


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_stream_that_is_not_blocking_loses_nothing(home, stream):
    many = "".join(f'[apps.app{each}]\nimage = "docker.io/library/busybox:1"\n' for each in range(900))
    words = ["search", "app", "--json"] if stream == "stdout" else ["x" * 100_000]
    home.catalog(many if stream == "stdout" else "")
    right = home.run("applaunch", *words)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    child = home.popen("applaunch", *words, **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: writing})
    os.close(writing)
    time.sleep(2)  # the pipe is full meanwhile
    with open(reading, "rb") as file:
        data = file.read()
    others = child.communicate(timeout=60)

    assert len(data) > 2**16
    assert data.decode() == getattr(right, stream)
    assert (child.returncode, *filter(None, others)) == (right.returncode,)
