"""A program is a job of the caller's shell: Ctrl-Z stops it, `fg` and `bg` continue it, and in the background it runs on."""

import os
import re
import signal
import time

import pexpect
import pytest

from tests.home import SANDBOXED
from tests.leftovers import eventually_none

pytestmark = pytest.mark.engine

READY = "echo rea''dy"  # the line that is typed does not hold what it prints


@pytest.fixture
def shell(home):
    """Start an interactive shell on a terminal of its own."""
    started = []

    def start(*words):
        home.warmed()
        (home.path / ".inputrc").write_text("set enable-bracketed-paste off\n")
        words = words or ("bash", "--norc", "-i")
        how = {"env": home.env | {"PS1": "@@ "}, "cwd": str(home.work), "timeout": 30, "encoding": "utf-8"}
        started.append(child := pexpect.spawn(words[0], list(words[1:]), dimensions=(24, 80), **how))
        return child

    yield start
    for child in started:
        child.close(force=True)


@pytest.fixture
def typed(shell, home, sh):
    """Type a line into an interactive shell; the image is there already."""
    home.run(sh, "-c", "true", check=True)
    child = shell()
    child.expect_exact("@@ ")

    def type_line(line):
        child.sendline(line)
        child.expect_exact(f"{line}\r\n")
        return child

    return type_line


def stop(child):
    """Type Ctrl-Z once the program runs, and wait for the prompt."""
    child.expect("ready\r\n")
    time.sleep(0.3)
    child.sendcontrol("z")
    child.expect(r"\[\d\]\+ +Stopped")
    child.expect_exact("@@ ")


def is_line_mode(home, child):
    """Return whether the terminal of *child* is in the mode that a shell's programs expect."""
    child.sendline("stty -a > modes; cat modes")
    child.expect_exact("@@ ")
    return {"icanon", "isig", "echo", "opost"} <= {*(home.work / "modes").read_text().replace(";", " ").split()}


def test_ctrl_z_stops_the_program_and_ctrl_c_ends_it_after_fg(typed, home, sh):
    child = typed(f"{sh} -c '{READY}; exec sleep 300'")
    stop(child)
    assert is_line_mode(home, child)

    child.sendline("fg")
    child.expect("exec sleep 300'\r\n")
    time.sleep(0.5)
    child.sendcontrol("c")

    child.expect_exact("@@ ")
    assert is_line_mode(home, child)


def test_a_stopped_program_does_nothing_until_bg_and_reads_after_fg(typed, home, sh):
    child = typed(f"{sh} -c '{READY}; sleep 1; echo > later; read x; echo got $x'")
    stop(child)
    time.sleep(1.5)
    assert not (home.work / "later").exists()

    child.sendline("bg")
    assert not eventually_none(lambda: not (home.work / "later").exists(), 10)
    child.expect_exact("@@ ")
    child.sendline("fg")
    child.expect("echo got .*'\r\n")
    time.sleep(0.6)
    child.sendline("a line")

    child.expect("got a line")


def test_an_editor_leaves_the_screen_and_is_drawn_again(shell, home, engine):
    home.app("pvim", engine.ref("docker.io/applaunch/probe:latest"), entrypoint='["vim.tiny"]', network_mode='"none"')
    home.run("pvim", "--version", check=True)
    (home.work / "poem").write_text("first\n")
    child = shell()
    child.sendline("pvim poem")
    child.expect("first")
    child.expect("All")
    time.sleep(0.5)

    child.sendcontrol("z")
    child.expect_exact("\x1b[?1049l")  # xterm's: back to the screen of the shell
    child.expect("Stopped")
    child.expect_exact("@@ ")
    child.sendline("fg")
    child.expect_exact("\x1b[?1049h")
    child.expect("first")
    child.send("Gosecond\x1b:wq\r")

    child.expect_exact("@@ ")
    assert (home.work / "poem").read_text() == "first\nsecond\n"


def test_all_processes_of_a_program_stop_and_continue(typed, sh):
    child = typed(f"{sh} -c 'sh -c \"{READY}; read x; echo got \\$x\"; echo after $?'")
    stop(child)

    child.sendline("fg")
    time.sleep(1)
    child.sendline("a line")

    child.expect("got a line")
    child.expect("after 0")


def test_a_pipeline_stops_and_continues(typed, home, sh):
    child = typed(f"{sh} -c '{READY}; for i in 1 2 3; do sleep 0.5; echo $i >> count; done; echo e''nd' | cat")
    stop(child)
    time.sleep(2)
    assert "3" not in ((home.work / "count").read_text() if (home.work / "count").exists() else "")

    child.sendline("fg")

    child.expect("\nend")


def test_a_stopped_program_can_be_killed(typed, home, sh):
    child = typed(f"{sh} -c '{READY}; exec sleep 300'")
    stop(child)

    child.sendline("kill %1")
    child.expect_exact("@@ ")

    assert not eventually_none(home.processes, 10)
    assert is_line_mode(home, child)


def test_a_stopped_program_ends_with_its_shell(typed, home, sh):
    child = typed(f"{sh} -c '{READY}; exec sleep 300'")
    stop(child)

    child.sendline("exit")
    child.expect("stopped jobs")
    child.sendline("exit")
    child.expect(pexpect.EOF)

    assert not eventually_none(home.processes, 10)


def test_a_launch_that_was_stopped_from_elsewhere_goes_on(typed, home, sh):
    child = typed(f"{sh} -c '{READY}; exec sleep 300'")
    child.expect("ready\r\n")
    os.kill(os.tcgetpgrp(child.child_fd), signal.SIGSTOP)
    child.expect("Stopped")
    child.expect_exact("@@ ")

    child.sendline("fg")
    time.sleep(0.5)
    child.sendcontrol("c")

    child.expect_exact("@@ ")
    assert is_line_mode(home, child)


def test_ctrl_z_does_nothing_where_no_shell_could_continue_the_program(shell, home, sh):
    home.run(sh, "-c", "true", check=True)
    child = shell("sh", "-c", f"exec {sh} -c '{READY}; read x; echo got $x'")
    child.expect("ready\r\n")
    time.sleep(0.3)

    child.sendcontrol("z")
    time.sleep(0.7)
    child.sendline("a line")

    child.expect("got a line")
    child.expect(pexpect.EOF)


def test_a_background_job_writes_to_the_terminal_and_ends(typed, home, sh):
    child = typed(f"{sh} -c 'sleep 1; echo writ''ten' &")
    child.expect(r"\[1\] \d+\r\n")

    child.expect("written\r")
    assert not eventually_none(home.processes, 10)
    child.sendline("jobs; echo no m''ore")

    child.expect(r"\[1\]\+ +Done")
    child.expect("no more")


def test_a_background_job_takes_no_line_from_the_shell(typed, home, sh):
    child = typed(f"{sh} -c 'sleep 3; echo > done' &")
    child.expect_exact("@@ ")

    for number in range(10):
        child.sendline(f"echo line$(({number}))")
        child.expect(f"\nline{number}\r")
        child.expect_exact("@@ ")
        time.sleep(0.1)

    child.sendline("wait; echo w''aited")
    child.expect("waited")
    assert (home.work / "done").exists()


@pytest.mark.about("engine")  # natively, a background job that reads is stopped at once (test_sandbox_terminal)
def test_a_background_job_reads_after_fg(typed, sh):
    child = typed(f"{sh} -c 'echo start''ed; read x; echo got $x' &")
    child.expect("started")

    child.sendline("fg")
    child.expect("echo got .*'\r\n")
    time.sleep(0.6)
    child.sendline("a line")

    child.expect("got a line")


def test_a_pager_gets_all_keys_and_q_ends_it(typed, sh):
    child = typed(f"{sh} -c 'for i in $(seq 2000); do echo line $i; sleep 0.02; done' | less")
    child.expect("line 23")

    for number in range(24, 44):
        child.send("j")
        child.expect(rf"line {number}\D", timeout=5)
    child.send("q")

    child.expect_exact("@@ ", timeout=5)


def test_a_pager_gets_all_keys_while_the_program_waits(typed, sh):
    child = typed(f"{sh} -c 'for i in $(seq 100); do echo line $i; done; sleep 4' | less")
    child.expect("line 23")

    for number in range(24, 34):
        child.send("j")
        child.expect(rf"line {number}\D", timeout=3)
    child.send("q")

    child.expect_exact("@@ ", timeout=10)


def test_typed_lines_reach_a_program_whose_output_goes_elsewhere(typed, home, sh):
    child = typed(f"{sh} -c 'while read x; do echo got $x; done; echo e''nd' | tee file")
    time.sleep(0.7)

    for word in ("one", "two"):
        child.sendline(word)
        child.expect(f"got {word}")
    child.sendcontrol("d")

    child.expect("end")
    child.expect_exact("@@ ")
    assert (home.work / "file").read_text() == "got one\ngot two\nend\n"


def test_a_line_that_the_program_does_not_read_is_the_shells(typed, home, engine, sh):
    if home.way not in SANDBOXED and "podman" in engine.name:
        pytest.skip("podman does not tell what its processes wait for")
    child = typed(f"{sh} -c 'sleep 2' > file")
    time.sleep(0.7)

    child.sendline("echo typed ahe''ad")

    child.expect("\ntyped ahead")


def test_a_line_that_comes_early_is_read_when_the_program_asks_for_it(typed, home, sh):
    child = typed(f"{sh} -c 'sleep 2; read x; echo got $x' > file; cat file")
    time.sleep(0.7)

    child.sendline("early")

    child.expect("got early")
    assert not re.search("early.*not found", child.before)
