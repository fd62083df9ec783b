"""The output of a launched program has nowhere to go, or only slowly."""

import os
import subprocess
import time

import pytest

from tests.home import SANDBOXED

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("program", ["echo hi; echo hi >&2", "while :; do echo xxxxxxxxxx; echo yyyyyyyy >&2; done"])
def test_a_full_stdout_ends_the_program_and_is_one_line(home, sh, program):
    if home.way in SANDBOXED:  # nothing is relayed: the program is told, and ends as it likes
        program = f"set -e; {program}"
    with open("/dev/full", "w") as full:
        done = home.run(sh, "-c", program, timeout=60, stdout=full)

    if home.way in SANDBOXED:
        assert done.returncode == 1
        assert "write error: No space left on device" in done.stderr
        return
    assert done.returncode == 125
    line = "applaunch: stdout: cannot be written: no space left on device; redirect the output elsewhere"
    assert done.stderr.endswith(f"{line}\n")  # perhaps in the middle of a line of the program's
    assert "Traceback" not in done.stderr


def test_a_full_stderr_changes_neither_output_nor_exit_code(home, sh):
    with open("/dev/full", "w") as full:
        done = home.run(sh, "-c", "echo one; echo lost >&2; echo two; exit 4", stderr=full)

    assert (done.returncode, done.stdout) == (4, "one\ntwo\n")


@pytest.mark.parametrize("closing", [">&-", "2>&-", "<&-"])
def test_a_closed_stream_is_an_empty_one(home, sh, closing):
    done = home.run("sh", "-c", f"exec {sh} -c 'echo out; echo err >&2; exit 3' {closing}")

    assert (done.returncode, "Traceback" in done.stderr) == (3, False)


@pytest.mark.about("engine")  # else the program itself is told
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_pipe_that_is_not_blocking_loses_nothing(home, sh, stream):
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    program = "seq 100000; exit 7" if stream == "stdout" else "seq 100000 >&2; exit 7"
    child = home.popen(sh, "-c", program, **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: writing})
    os.close(writing)
    time.sleep(2)  # the pipe is full meanwhile
    with open(reading, "rb") as file:
        data = file.read()
    others = child.communicate(timeout=60)

    assert (child.returncode, *filter(None, others)) == (7,)
    assert data == b"".join(b"%d\n" % each for each in range(1, 100001))


@pytest.mark.about("engine")  # a sandboxed program writes there itself (test_sandbox_streams)
def test_stdout_and_stderr_on_one_descriptor_keep_the_order_in_which_the_engine_sends_them(home, sh):
    program = "for i in 1 2 3 4 5; do echo out $i; sleep 0.1; echo err $i >&2; sleep 0.1; done"
    with open(home.work / "both", "w") as both:
        home.run(sh, "-c", program, stdout=both, stderr=both)

    assert (home.work / "both").read_text() == "".join(f"out {each}\nerr {each}\n" for each in range(1, 6))
