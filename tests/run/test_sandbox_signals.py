"""Signals, exit codes and the end of a program that runs in a sandbox, as an ordinary user calls it."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.leftovers import eventually_none

pytestmark = pytest.mark.engine

SOON = 3.0  # seconds
INTERNAL = 0b11 << 31  # signals 32 and 33, which glibc keeps to itself and posix_spawn ignores in a child


@pytest.fixture
def tool(sandboxed):
    return sandboxed("tool", "docker.io/library/busybox:latest", entrypoint='["sh"]', stop_grace_period='"1s"')


def started(user, script):
    process = user.popen("tool", "-c", script, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"ready\n"
    return process


def left(user):
    """Return the processes that belong to this home: launchers, bwrap, and what runs in it."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
            told = (words, Path(f"/proc/{pid}/environ").read_bytes(), os.readlink(f"/proc/{pid}/cwd").encode())
        except OSError:
            continue
        if any(bytes(user.path) in each for each in told) and b"tests.command_server" not in words:
            found.append(words.replace(b"\0", b" "))
    return found


@pytest.fixture(autouse=True)
def _nothing_runs_on(user):
    yield
    assert not eventually_none(lambda: left(user), SOON)


def test_every_exit_code_is_the_programs_own(user, tool):
    said = user.run("bash", "-c", 'for i in $(seq 0 255); do tool -c "exit $i"; test $? = $i || echo $i; done')

    assert (said.stdout, said.stderr) == ("", "")


def test_a_program_that_is_not_there_is_127(user, sandboxed):
    sandboxed("nope", "docker.io/library/busybox:latest", entrypoint='["no-such-program"]')

    ended = user.run("nope")

    assert ended.returncode == 127
    assert ended.stderr == (
        "applaunch: no-such-program: not found in the image; check entrypoint and command with: applaunch info NAME\n"
    )


def test_a_file_that_may_not_run_is_126(user, sandboxed):
    sandboxed("plain", "docker.io/library/busybox:latest", entrypoint='["/etc/passwd"]')

    ended = user.run("plain")

    assert ended.returncode == 126
    assert ended.stderr == "applaunch: /etc/passwd: exists in the image but may not run; check entrypoint and user\n"


@pytest.mark.usefixtures("tool")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM, signal.SIGINT, signal.SIGPIPE])
def test_a_signal_from_within_is_128_and_its_number(user, number):
    assert user.run("bash", "-c", f"tool -c 'kill -{int(number)} $$'; echo $?").stdout == f"{128 + number}\n"


@pytest.mark.usefixtures("tool")
@pytest.mark.parametrize("name", ["INT", "TERM", "HUP", "QUIT", "USR1", "USR2", "CONT"])
def test_a_signal_to_the_launcher_alone_reaches_the_program(user, name):
    process = started(user, f"trap 'echo got {name}; exit 9' {name}; echo ready; while :; do sleep 0.1; done")

    process.send_signal(getattr(signal, f"SIG{name}"))

    assert process.stdout.readline() == f"got {name}\n".encode()
    assert process.wait(20) == 9
    process.stdout.close()


@pytest.mark.usefixtures("tool")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_that_ends_the_program_ends_the_launcher_the_same_way(user, number):
    process = started(user, "echo ready; exec sleep 60")

    process.send_signal(number)

    assert process.wait(20) == -number
    process.stdout.close()


@pytest.mark.usefixtures("tool")
def test_term_kills_what_ignores_it_after_the_grace_period(user):
    process = started(user, "trap '' TERM; echo ready; while :; do sleep 0.1; done")

    process.terminate()

    assert process.wait(20) == 137
    process.stdout.close()


@pytest.mark.usefixtures("tool")
@pytest.mark.parametrize(
    "program", ["exec sleep 600", "trap '' TERM HUP INT; while :; do sleep 1; done", "sleep 600 & sleep 600"]
)
def test_a_killed_launcher_leaves_no_process(user, program):
    process = started(user, f"echo ready; {program}")

    process.kill()

    assert process.wait(20) == -signal.SIGKILL
    assert not eventually_none(lambda: left(user), SOON)
    process.stdout.close()


@pytest.mark.usefixtures("tool")
def test_a_second_term_kills_what_ignored_the_first(user):
    process = started(user, "trap 'echo asked' TERM; echo ready; while :; do sleep 0.1; done")

    process.terminate()
    assert process.stdout.readline() == b"asked\n"
    process.terminate()

    assert process.wait(20) == 137
    process.stdout.close()


@pytest.mark.usefixtures("tool")
def test_an_interrupt_alone_starts_no_grace_period(user):
    process = started(user, "trap 'echo caught' INT; echo ready; for i in 1 2 3 4; do sleep 0.5; done; exit 5")

    process.send_signal(signal.SIGINT)

    assert process.stdout.readline() == b"caught\n"
    assert process.wait(20) == 5
    process.stdout.close()


@pytest.mark.usefixtures("tool")
def test_what_a_program_leaves_running_ends_with_it(user):
    user.run("tool", "-c", "sleep 600 & echo started", check=True)

    assert not eventually_none(lambda: left(user), SOON)


@pytest.mark.usefixtures("tool")
def test_an_ignored_signal_stays_ignored(user):
    said = user.run("bash", "-c", "trap '' USR1; exec tool -c 'kill -USR1 $$; echo on'")

    assert said.stdout == "on\n"


@pytest.mark.usefixtures("tool")
def test_the_programs_signal_mask_is_the_callers(user):
    ask = 'exec grep -E "^(SigBlk|SigIgn)" /proc/self/status'

    here, inside = (user.run("bash", "-c", f"{words} -c '{ask}'").stdout.split() for words in ("bash", "tool"))

    assert inside[1] == here[1]
    assert int(inside[3], 16) & ~INTERNAL == int(here[3], 16) & ~INTERNAL


@pytest.mark.usefixtures("tool")
def test_nohup_works(user):
    user.run("bash", "-c", "nohup tool -c 'kill -HUP $$; echo survived' > out 2>/dev/null")

    assert (user.work / "out").read_text() == "survived\n"


@pytest.mark.usefixtures("tool")
def test_timeout_ends_a_program(user):
    assert user.run("bash", "-c", "timeout 1 tool -c 'exec sleep 60'; echo $?").stdout == "124\n"


@pytest.mark.usefixtures("tool")
def test_a_loop_of_background_calls_gives_each_its_own(user):
    said = user.run("bash", "-c", 'for i in $(seq 20); do tool -c "echo $i > out$i; exit $i" & done; wait; cat out*')

    assert not said.stderr
    assert sorted(map(int, said.stdout.split())) == list(range(1, 21))


@pytest.mark.usefixtures("tool")
def test_the_first_calls_at_once_share_what_is_made_once(user):
    call = 'tool -c "exit 7" || echo $?'
    said = user.run("bash", "-c", f"rm -r ~/.cache/applaunch; for i in $(seq 24); do ({call}) & done; wait")

    assert (said.stderr, said.stdout) == ("", "7\n" * 24)
