"""The output of a launched program has nowhere to go, or only slowly."""

import fcntl
import os
import subprocess
import time

import pytest

from tests.home import SANDBOXED

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("program", ["echo hi; echo hi >&2", "while :; do echo xxxxxxxxxx; echo yyyyyyyy >&2; done"])
def test_a_full_stream_ends_the_program_and_is_one_line(home, sh, program, stream):
    if home.way in SANDBOXED:  # nothing is relayed: the program is told, and ends as it likes
        program = f"set -e; {program}"
    with open("/dev/full", "w") as full:
        done = home.run(sh, "-c", program, timeout=60, **{stream: full})

    if home.way in SANDBOXED:
        assert done.returncode == 1
        assert stream == "stderr" or "write error: No space left on device" in done.stderr
        return
    assert done.returncode == 125
    if stream == "stdout":
        line = "applaunch: stdout: cannot be written: no space left on device; redirect the output elsewhere"
        assert done.stderr.endswith(f"{line}\n")  # perhaps in the middle of a line of the program's
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("closing", [">&-", "2>&-", "<&-"])
def test_a_closed_stream_is_an_empty_one(home, sh, closing):
    done = home.run("sh", "-c", f"exec {sh} -c 'echo out; echo err >&2; exit 3' {closing}")

    assert (done.returncode, "Traceback" in done.stderr) == (3, False)


@pytest.mark.about("engine")  # else the program itself is told
def test_a_pipe_that_is_not_blocking_loses_nothing(home, sh):
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETFL, fcntl.fcntl(writing, fcntl.F_GETFL) | os.O_NONBLOCK)
    child = home.popen(sh, "-c", "seq 100000", stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    time.sleep(2)  # the pipe is full meanwhile
    with open(reading, "rb") as file:
        data = file.read()
    _, said = child.communicate(timeout=60)

    assert (child.returncode, said) == (0, b"")
    assert data == b"".join(b"%d\n" % each for each in range(1, 100001))
