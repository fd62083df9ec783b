"""A program in a sandbox holds its caller's own streams and descriptors: no other way to run it can give that."""

import os
import subprocess

import pytest

pytestmark = pytest.mark.engine


@pytest.fixture
def tool(sandboxed):
    return sandboxed()


@pytest.fixture
def shell(user, tool):
    """Run a line of the caller's shell, in which the tool is a command."""

    def run(line, **how):
        return user.run("bash", "-c", line, **how)

    return run


def test_stdout_and_stderr_keep_their_order_on_one_pipe(shell):
    script = "for i in 1 2 3 4 5 6 7 8 9; do echo out $i; echo err $i >&2; done"

    said = shell(f"tool -c '{script}' 2>&1").stdout

    assert said == "".join(f"out {each}\nerr {each}\n" for each in range(1, 10))


def test_what_a_program_leaves_of_its_input_is_there_for_the_next(shell):
    assert shell("(tool -c 'head -c 3 > /dev/null'; cat)", input="123456").stdout == "456"


def test_a_program_that_reads_nothing_takes_nothing(shell):
    assert shell("printf 'a\\nb\\n' | while read -r x; do tool -c true; echo $x; done").stdout == "a\nb\n"


def test_a_seekable_input_is_left_where_the_program_stopped(shell, user):
    (user.work / "file").write_text("one\ntwo\nthree\n")

    assert shell("(tool -c 'read -r x; echo got $x'; cat) < file").stdout == "got one\ntwo\nthree\n"


def test_output_is_appended_to_the_callers_file(shell, user):
    shell("(echo before; tool -c 'echo inside'; echo after) >> log")

    assert (user.work / "log").read_text() == "before\ninside\nafter\n"


def test_descriptors_that_the_caller_passes_on_are_the_programs(shell, user):
    (user.work / "file").write_text("from three\n")

    assert shell("tool -c 'cat <&3; echo to four >&4' 3<file 4>out; cat out").stdout == "from three\nto four\n"


def test_process_substitution_works(shell):
    said = shell("tool -c 'diff $0 $1' <(echo a) <(echo b)")

    assert (said.stdout, said.returncode) == ("1c1\n< a\n---\n> b\n", 1)


def test_a_process_that_reads_what_is_written_gets_it(shell, user):
    said = shell("tool -c 'echo to you > $0' >(tr a-z A-Z > got); wait $!; cat got")

    assert (said.stdout, said.stderr) == ("TO YOU\n", "")


def test_a_passphrase_comes_by_a_descriptor(shell):
    assert shell("tool -c 'read -r p <&3; echo ${#p}' 3<<< hunter2").stdout == "7\n"


def test_a_high_descriptor_is_kept(shell):
    assert shell("tool -c 'cat <&200' 200<<< high").stdout == "high\n"


def test_no_descriptor_of_ours_is_left_in_the_program(shell):
    said = shell("tool -c 'ls -l /proc/self/fd' < /dev/null 2>&1 | cat").stdout

    numbers = [line.split()[8] for line in said.splitlines()[1:]]
    assert numbers == ["0", "1", "2", "3"]  # the last is the folder that ls reads


def test_a_closed_input_is_closed_or_empty(shell):
    assert shell("tool -c 'cat; echo end' <&-").stdout == "end\n"


def test_a_closed_output_fails_as_for_a_native_program(shell):
    said = shell("tool -c 'exec printf x' >&-; echo $?")

    assert said.stdout in {"1\n", "0\n"}
    assert said.stdout == shell("bash -c 'exec printf x' >&-; echo $?").stdout


def test_a_full_output_is_the_programs_own_trouble(shell):
    said = shell("tool -c 'echo x' > /dev/full")

    assert (said.returncode, said.stderr.strip()) == (1, "bash: line 1: echo: write error: No space left on device")


def test_a_broken_pipe_kills_the_program_as_a_native_one(shell):
    assert shell("tool -c 'exec yes' | head -1; echo ${PIPESTATUS[0]}").stdout == "y\n141\n"


def test_an_unblocking_pipe_is_passed_on_as_it_is(user, tool):
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    child = user.popen("tool", "-c", "exec seq 10", stdin=subprocess.DEVNULL, stdout=writing)
    os.close(writing)
    with open(reading, "rb") as file:
        assert file.read() == b"".join(b"%d\n" % each for each in range(1, 11))
    assert child.wait(20) == 0


def test_nothing_is_copied_on_the_way_to_a_file(shell, user):
    shell("tool -c 'readlink -f /proc/self/fd/1 > /dev/null; stat -L -c %i /dev/fd/1' > out")

    assert int((user.work / "out").read_text()) == (user.work / "out").stat().st_ino
