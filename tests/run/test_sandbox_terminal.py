"""A program in a sandbox has the caller's own terminal: its size, its keys and its job control."""

import os
import signal
import time
from contextlib import suppress

import pexpect
import pytest

from tests.leftovers import eventually_none

pytestmark = pytest.mark.engine

TRAP = 'trap "sleep 0.3; echo handled; exit 9" INT; echo ready; while :; do sleep 0.1; done'


@pytest.fixture
def tool(sandboxed):
    return sandboxed()


@pytest.fixture
def typed(user, tool):
    """Start a line of the caller's shell on a terminal of its own; an interactive shell where there is none."""
    started = []

    def start(line="", rows=24, columns=80):
        words = ["--norc", *(["-c", line] if line else ["-i"])]
        how = {"env": user.env | {"PS1": "@@ "}, "cwd": str(user.work), "timeout": 30, "encoding": "utf-8"}
        child = pexpect.spawn("bash", words, dimensions=(rows, columns), **how)
        started.append(child)
        if not line:
            child.expect_exact("@@ ")
        return child

    yield start
    for child in started:
        child.close(force=True)


def test_the_first_instruction_sees_the_size(typed, tool):
    assert "31 97" in typed(f"{tool} -c 'stty size'", 31, 97).read()


def test_a_resize_reaches_the_program(typed, tool):
    child = typed(f"{tool} -c 'trap \"stty size\" WINCH; echo ready; while :; do sleep 0.1; done'")
    child.expect("ready")

    child.setwinsize(41, 123)

    child.expect("41 123")


def test_a_terminal_at_one_end_only_is_one_at_that_end(typed, tool):
    child = typed(
        f"{tool} -c 'test -t 0 && echo typed; test -t 1 || echo piped' | cat; echo x | {tool} -c 'test -t 1 && echo shown'"
    )

    child.expect("typed\r\npiped\r\nshown")


def test_ctrl_z_stops_the_program_and_fg_continues_it(typed, tool):
    child = typed()
    child.sendline(f"{tool} -c 'echo rea''dy; read -r x; echo got $x'")
    child.expect("ready\r\n")
    time.sleep(0.3)

    child.sendcontrol("z")
    child.expect("Stopped")
    child.expect_exact("@@ ")
    child.sendline("jobs")
    child.expect(r"\[1\]\+ +Stopped")
    child.sendline("fg")
    child.expect(r"read -r x.*\r\n")
    child.sendline("a line")

    child.expect("got a line")


def test_a_stopped_program_continues_in_the_background(typed, tool, user):
    child = typed()
    child.sendline(f"{tool} -c 'echo rea''dy; sleep 1; echo > done'")
    child.expect("ready\r\n")
    time.sleep(0.3)
    child.sendcontrol("z")
    child.expect("Stopped")

    child.sendline("bg")

    child.expect(r"\[1\]\+")
    assert not eventually_none(lambda: not (user.work / "done").exists(), 10)


def test_a_handler_of_ctrl_c_runs_to_its_end(typed, tool):
    child = typed(f"{tool} -c '{TRAP}'; echo ended $?")
    child.expect("ready")

    child.sendcontrol("c")

    child.expect("handled")
    child.expect("ended 9")


def test_ctrl_c_ends_a_program_and_the_callers_script(typed, tool):
    child = typed(f"{tool} -c 'echo ready; exec sleep 60'; echo ended $?")
    child.expect("ready")

    child.sendcontrol("c")

    child.expect(pexpect.EOF)
    assert "ended" not in child.before  # bash ends a script whose program died of Ctrl-C


def test_ctrl_backslash_ends_a_program(typed, tool):
    program = 'exec sh -c "echo ready; exec sleep 60"'  # bash itself ignores that signal
    child = typed(f"{tool} -c '{program}'; echo ended $?")
    child.expect("ready")

    child.sendcontrol("\\")

    child.expect("ended 131")


def test_an_interactive_python_survives_ctrl_c(typed, sandboxed):
    sandboxed("repl", entrypoint='["python3", "-q"]')
    child = typed("repl; echo ended $?")
    child.expect(">>> ")

    child.sendcontrol("c")
    child.expect("KeyboardInterrupt")
    child.sendline("6 * 7")
    child.expect("42")
    child.sendcontrol("d")

    child.expect("ended 0")


def test_a_background_job_that_reads_is_stopped(typed, tool):
    child = typed()

    child.sendline(f"{tool} -c 'read -r x; echo got $x' &")
    child.expect(r"\[1\] \d+")
    child.sendline("for i in $(seq 50); do sleep 0.2; jobs | grep Stopped && break; done")

    child.expect(r"\[1\]\+ +Stopped")


def test_an_interactive_shell_in_a_sandbox_has_job_control(typed, tool):
    child = typed(f"{tool} --norc -i")
    child.expect("[#$] ")
    child.sendline("sleep 30")
    time.sleep(0.5)

    child.sendcontrol("z")
    child.expect("Stopped")
    child.sendline("kill %1; echo going on")

    child.expect("[\r\n]going on")
    assert "no job control" not in child.before


def test_the_terminal_is_the_callers_again_if_the_launcher_is_killed(typed, tool, user):
    child = typed()
    child.sendline(f"{tool} -c 'echo rea''dy; sleep 60'")
    child.expect("ready\r\n")

    os.kill(max(user.processes()), signal.SIGKILL)

    child.expect("Killed")
    child.sendline("echo going $((1 + 1))")
    child.expect("going 2")


@pytest.mark.parametrize("how", ["alone", "in a shell"])
def test_a_terminal_that_is_closed_ends_the_program(user, tool, how):
    ours, theirs = os.openpty()
    mark = f"sleep {10**6 + os.getpid()}.{['alone', 'in a shell'].index(how)}"
    line = f"{tool} -c 'echo ready; {mark}; echo late'" + ("" if how == "alone" else "; true")
    words = ["setsid", "--ctty", "bash", "--norc", *(["-c", line] if how == "alone" else ["-ic", line])]
    with user.popen(*words, stdin=theirs, stdout=theirs, stderr=theirs) as child:
        os.close(theirs)
        said = b""
        while b"ready" not in said:
            said += os.read(ours, 1000)
        os.close(ours)
        try:
            child.wait(20)
        finally:
            child.kill()

    assert not eventually_none(lambda: [words for words in command_lines() if mark in words])


def command_lines():
    """Return the command lines of all processes."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
            found.append(file.read().replace(b"\0", b" ").decode(errors="replace"))
    return found
