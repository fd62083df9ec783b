"""stdout, stderr and stdin are the program's own (design.md, promise 2; peers.md, M5 to M7)."""

import hashlib
import os
import subprocess

import pytest

from tests.soak import rounds

pytestmark = pytest.mark.engine

MIB = 1 << 20


@pytest.mark.smoke
def test_half_close_ends_a_filter(home, engine):
    home.app("sum", engine.ref("docker.io/library/busybox:latest"), entrypoint='["sha256sum"]', network_mode='"none"')

    assert home.run("sum", input="x").stdout == f"{hashlib.sha256(b'x').hexdigest()}  -\n"


def test_a_hundred_megabytes_go_in_exactly(home, sh):
    data = os.urandom(MIB) * 100

    ended = home.run(sh, "-c", "cat | sha256sum", input=data, text=False)

    assert ended.stdout.split()[0].decode() == hashlib.sha256(data).hexdigest()


def test_two_hundred_megabytes_go_both_ways_at_once(home, sh):
    data = os.urandom(MIB) * 200

    ended = home.run(sh, "-c", "cat", input=data, text=False)

    assert hashlib.sha256(ended.stdout).hexdigest() == hashlib.sha256(data).hexdigest()


def test_stdout_and_stderr_stay_apart(home, sh):
    ended = home.run(sh, "-c", "echo out; echo err >&2; echo out2")

    assert (ended.stdout, ended.stderr) == ("out\nout2\n", "err\n")


def test_hiding_stderr_hides_exactly_stderr(home, sh):
    ended = home.run("bash", "-c", f"{sh} -c 'echo out; echo err >&2' 2>/dev/null")

    assert (ended.stdout, ended.stderr) == ("out\n", "")


def test_output_has_no_carriage_returns(home, sh):
    assert home.run(sh, "-c", "printf 'a\\nb\\n'", text=False).stdout == b"a\nb\n"


def test_much_output_and_much_error_together_lose_nothing(home, sh):
    script = "head -c 20000000 /dev/zero & head -c 3000000 /dev/zero >&2; wait"

    ended = home.run(sh, "-c", script, text=False)

    assert (len(ended.stdout), len(ended.stderr)) == (20_000_000, 3_000_000)


def test_output_after_the_end_of_input_still_comes(home, sh):
    ended = home.run(sh, "-c", "cat; sleep 3; echo late", input="early\n")

    assert ended.stdout == "early\nlate\n"


def test_a_program_that_ends_while_its_input_stays_open_ends_the_call(home, sh):
    reader, writer = os.pipe()
    try:
        ended = home.run(sh, "-c", "echo done; exit 4", stdin=reader)
    finally:
        os.close(reader)
        os.close(writer)

    assert (ended.returncode, ended.stdout) == (4, "done\n")


def test_an_endless_producer_into_a_program_that_ends_early(home, sh):
    ended = home.run("bash", "-c", f"yes | {sh} -c 'head -1'; echo ${{PIPESTATUS[0]}} ${{PIPESTATUS[1]}}")

    assert ended.stdout == "y\n141 0\n"


def test_endless_output_into_head_dies_of_a_broken_pipe(home, sh):
    ended = home.run("bash", "-c", f"{sh} -c yes | head -1; echo ${{PIPESTATUS[0]}}")

    assert ended.stdout == "y\n141\n"
    assert ended.stderr == ""


def test_the_second_call_prints_nothing_of_ours(home, sh):
    home.run(sh, "-c", "true")

    ended = home.run(sh, "-c", "echo only this")

    assert (ended.stdout, ended.stderr, ended.returncode) == ("only this\n", "", 0)


def test_a_closed_stdin_is_no_trouble(home, sh):
    ended = home.run("bash", "-c", f"{sh} -c 'cat; echo end' <&-")

    assert (ended.stdout, ended.returncode) == ("end\n", 0)


def test_closed_descriptors_are_dev_null_to_the_program(home, sh):
    home.run(sh, "-c", "true")

    ended = home.run("bash", "-c", f"{sh} -c 'echo x; exit 3' <&- >&- 2>&-; echo $?")

    assert ended.stdout == "3\n"


def test_stdin_never_leaves_a_loops_list_alone(home, engine):
    home.app(
        "quiet",
        engine.ref("docker.io/library/busybox:latest"),
        entrypoint='["sh", "-c", "cat; echo run"]',
        stdin='"never"',
    )
    script = "printf 'a\\nb\\nc\\n' | while read -r line; do quiet; echo $line; done"

    assert home.run("bash", "-c", script).stdout == "run\na\nrun\nb\nrun\nc\n"


def test_output_arrives_while_the_program_still_runs(home, sh):
    process = home.popen(sh, "-c", "echo first; sleep 600", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)

    assert process.stdout.readline() == b"first\n"
    process.terminate()
    process.communicate()


RUNS = rounds(short=20, whole=1000)


@pytest.mark.soak
def test_many_short_runs_lose_no_tail(home, sh):
    script = f'for i in $(seq {RUNS}); do {sh} -c "echo x$i"; done'

    ended = home.run("bash", "-c", script, timeout=3 * RUNS)

    assert ended.stdout == "".join(f"x{each}\n" for each in range(1, RUNS + 1))


def test_fifty_at_once_all_get_their_own(home, sh):
    home.run(sh, "-c", "true", check=True)
    script = f'for i in $(seq 50); do {sh} -c "cat; echo $i" <<< in$i > out$i & done; wait; cat $(seq -f out%g 50)'

    assert home.run("bash", "-c", script).stdout == "".join(f"in{each}\n{each}\n" for each in range(1, 51))


SILENCE = rounds(short=12, whole=70)  # seconds; docker-py's own limit is 60


@pytest.mark.soak
def test_a_long_silence_is_no_timeout(home, sh):
    ended = home.run(sh, "-c", f"sleep {SILENCE}; echo still here")

    assert (ended.returncode, ended.stdout) == (0, "still here\n")


@pytest.mark.parametrize(
    ("line", "what", "code"),
    [
        ("bsh -c 'cat $0' <(echo hi)", "/dev/fd/63", 1),
        ("bsh -c 'cat $0 || true' <(echo hi)", "/dev/fd/63", 0),
        ("bsh -c 'echo hi | tee $0 >/dev/null' >(cat)", "/dev/fd/63", 1),
        ("bsh -c 'cat <&3' 3</dev/null", "descriptor 3", 1),
        ("bsh -c 'exec 3</dev/null; cat <&3' 3</dev/null", "", 0),
    ],
)
@pytest.mark.about("engine")
def test_a_descriptor_that_no_container_gets_is_told_once(home, sh, line, what, code):
    ended = home.run("bash", "-c", f"{line} 2> >(grep ^applaunch: >&2); code=$?; wait $!; exit $code")

    note = (
        f"applaunch: bsh: note: {what} is open in your shell only: a container has no descriptors of yours;"
        " use a pipe or a file, or applaunch override bsh --runtime bubblewrap\n"
    )
    assert (ended.stderr, ended.returncode) == (note if what else "", code)
