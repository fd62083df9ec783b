"""Nothing is left running, however the launcher ends (design.md, promise 3; peers.md, M11)."""

import contextlib
import os
import signal
import subprocess
import time

import pexpect
import pytest

from tests.leftovers import eventually_none, leftovers

pytestmark = pytest.mark.engine

SOON = 2.0  # seconds


def started(home, *words):
    """Start a program that says when it runs, and return its launcher."""
    process = home.popen(*words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"ready\n"
    return process


def ended(process):
    """Reap a launcher and return its exit code."""
    process.stdout.close()
    return process.wait(20)


@pytest.mark.parametrize(
    "program", ["exec sleep 600", "exec yes > /dev/null", "trap '' TERM HUP INT; while :; do sleep 1; done"]
)
def test_a_killed_launcher_takes_its_container_along(home, sh, engine, program):
    process = started(home, sh, "-c", f"echo ready; {program}")

    process.kill()

    assert not eventually_none(lambda: leftovers(engine), SOON)
    assert ended(process) == -signal.SIGKILL


def test_a_killed_process_group_takes_its_container_along(home, sh, engine):
    process = started(home, "setsid", sh, "-c", "echo ready; exec sleep 600")

    os.killpg(process.pid, signal.SIGKILL)

    assert not eventually_none(lambda: leftovers(engine), SOON)
    ended(process)


def test_a_closed_terminal_takes_its_container_along(home, bash, engine):
    home.run(bash, "-c", "true", check=True)
    child = pexpect.spawn(
        str(home.bin / bash), ["-c", "trap '' HUP; echo ready; sleep 600"], env=home.env, cwd=str(home.work)
    )
    child.expect("ready")

    with contextlib.suppress(pexpect.ExceptionPexpect):  # the launcher is a moment longer at it than pexpect waits
        child.close(force=False)

    assert not eventually_none(lambda: leftovers(engine), SOON + 1)


def test_a_killed_parent_shell_takes_its_container_along(home, bash, engine):
    home.run(bash, "-c", "true", check=True)
    child = pexpect.spawn("bash", ["--norc", "-i"], env=home.env, cwd=str(home.work), timeout=30)
    child.sendline(f"{bash} -c 'echo rea''dy; sleep 600'")
    child.expect("ready")

    os.kill(child.pid, signal.SIGKILL)

    assert not eventually_none(lambda: leftovers(engine), SOON + 1)
    child.close(force=True)


def test_a_second_term_kills_what_ignored_the_first(home, sh):
    process = started(home, sh, "-c", "trap 'echo asked' TERM; echo ready; while :; do sleep 0.1; done")

    process.terminate()
    assert process.stdout.readline() == b"asked\n"
    process.terminate()

    assert ended(process) == 137


def test_term_without_a_reaction_kills_when_the_grace_period_is_over(home, engine):
    image = engine.ref("docker.io/library/busybox:latest")
    home.app("stubborn", image, entrypoint='["sh"]', network_mode='"none"', stop_grace_period='"1s"')
    process = started(home, "stubborn", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done")
    began = time.monotonic()

    process.terminate()

    assert ended(process) == 137
    assert time.monotonic() - began > 1


def test_term_ends_a_program_that_is_pid_1_and_ignores_it(home, engine):
    image = engine.ref("docker.io/library/busybox:latest")
    home.app("naked", image, entrypoint='["sh"]', network_mode='"none"', init="false", stop_grace_period='"1s"')
    home.run("naked", "-c", "true", check=True)
    process = started(home, "naked", "-c", "echo ready; exec sleep 600")

    process.terminate()

    assert ended(process) != 0


@pytest.mark.parametrize("name", ["INT", "TERM", "HUP", "QUIT", "USR1", "USR2", "CONT"])
def test_a_signal_reaches_the_program(home, sh, name):
    process = started(home, sh, "-c", f"trap 'echo got {name}; exit 9' {name}; echo ready; while :; do sleep 0.1; done")

    process.send_signal(getattr(signal, f"SIG{name}"))

    assert process.stdout.readline() == f"got {name}\n".encode()
    assert ended(process) == 9


def test_nobody_waits_for_the_watcher(home, sh):
    home.run(sh, "-c", "true", check=True)

    ended = home.run("bash", "-c", f"x=$({sh} -c 'echo one'); echo $x; {sh} -c 'echo two' | cat", timeout=60)

    assert ended.stdout == "one\ntwo\n"
    assert not eventually_none(home.processes, SOON)


@pytest.mark.about("engine")
def test_a_watcher_that_died_too_leaves_its_container_to_the_next_sweep(home, sh, engine):
    process = started(home, sh, "-c", "echo ready; exec sleep 600")
    for pid in home.processes():
        os.kill(pid, signal.SIGKILL)
    ended(process)
    assert leftovers(engine)

    (home.path / ".local/state/applaunch/swept").unlink(missing_ok=True)
    home.run(sh, "-c", "true", check=True)

    assert not eventually_none(lambda: leftovers(engine), 5)
