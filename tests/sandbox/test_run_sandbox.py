"""A program in a sandbox of the real bwrap: exit codes, signals, descriptors."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from launcher.core.sandbox.start_program import start_program
from launcher.errors import ReplacedError, SandboxError
from launcher.sandbox.detect_sandbox import detect_sandbox
from launcher.sandbox.run_sandbox import HELD_SIGNALS, Bind, SandboxStart, run_sandbox


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """What this machine offers, and its start program."""
    folder = tmp_path_factory.mktemp("sandbox")
    traits = detect_sandbox(str(folder), os.environ)
    assert not traits.why_not
    program = folder / "start"
    program.write_bytes(start_program(traits.arch, HELD_SIGNALS))
    program.chmod(0o755)
    return traits, str(program)


@pytest.fixture
def start(machine):
    """A function that makes the start of a shell's line in a sandbox over this machine's own files."""
    traits, program = machine

    def make(line, *more, **changes):
        shown = ("--ro-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "--dev", "/dev", "--die-with-parent")
        options = (
            *shown,
            "--ro-bind",
            program,
            "/dev/init",
            *more,
            "--clearenv",
            "--setenv",
            "PATH",
            os.environ["PATH"],
        )
        return SandboxStart(
            bwrap=traits.bwrap,
            options=options,
            program=("/dev/init", "/bin/sh", "sh", "-c", line),
            seccomp=traits.seccomp,
            binds_descriptors=traits.binds_descriptors,
        )._replace(**changes)

    return make


@pytest.mark.parametrize("code", [0, 1, 42, 125, 126, 127, 128, 137, 255])
def test_the_exit_code_is_the_programs_own(start, code):
    assert run_sandbox(start(f"exit {code}")).exit_code == code


def test_a_program_that_a_signal_kills(start):
    assert run_sandbox(start("kill -9 $$")).exit_code == 137


def test_a_sandbox_that_bwrap_cannot_make_is_told_from_a_program_that_fails(start, capfd):
    with pytest.raises(SandboxError, match="Can't find source path /no/such"):
        run_sandbox(start("exit 0", "--ro-bind", "/no/such", "/mnt"))

    assert capfd.readouterr() == ("", "")


def test_a_bwrap_that_is_not_there(start):
    with pytest.raises(SandboxError, match="cannot be started"):
        run_sandbox(start("exit 0", bwrap="/no/such/bwrap"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGINT])
def test_a_signal_reaches_the_program_itself(start, number):
    name = signal.Signals(number).name[3:]
    timer = threading.Timer(0.3, os.kill, (os.getpid(), number))
    timer.start()

    end = run_sandbox(start(f'trap "exit 9" {name}; while :; do sleep 0.02; done'))

    assert end == (9, (number,))


def test_a_program_that_ignores_the_request_to_end_is_killed_after_its_grace_period(start):
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    began = time.monotonic()

    end = run_sandbox(start('trap "" TERM; while :; do sleep 0.02; done', grace=0.3))

    assert end == (137, (signal.SIGTERM,))
    assert time.monotonic() - began < 5


def test_signals_are_as_before_afterwards(start):
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())

    run_sandbox(start("exit 0"))

    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_a_mount_shows_what_was_planned(start, tmp_path, capfd):
    (tmp_path / "f").write_text("mine")
    seen = tmp_path.stat()

    run_sandbox(start("cat /mnt/f", Bind("ro-bind", str(tmp_path), "/mnt", seen.st_dev, seen.st_ino)))

    assert capfd.readouterr().out == "mine"


def test_a_mount_whose_source_was_replaced_is_refused(start, tmp_path):
    with pytest.raises(ReplacedError, match="was replaced"):
        run_sandbox(start("exit 0", Bind("bind", str(tmp_path), "/mnt", 1, 2)))


def test_no_environment_value_is_on_a_command_line(start, capfd):
    run_sandbox(start("cat /proc/*/cmdline", "--setenv", "SECRET", "hunter2"))

    assert b"hunter2" not in os.fsencode(capfd.readouterr().out)


def test_stdin_can_be_closed_to_it(start, capfd):
    run_sandbox(start("wc -c", reads=False))

    assert capfd.readouterr().out.strip() == "0"


def test_limits_are_the_programs_and_not_the_launchers(start, capfd):
    run_sandbox(start("ulimit -n", limits=(("nofile", 77, 77),)))

    assert capfd.readouterr().out.strip() == "77"
    assert subprocess.run(["sh", "-c", "ulimit -n"], capture_output=True, text=True, check=True).stdout.strip() != "77"


@pytest.mark.parametrize("by", ["the caller", "the entry"])
def test_a_limit_on_descriptors_that_bwrap_cannot_work_with_is_told_and_nothing_waits(start, by):
    """With few descriptors, bwrap ends in the middle of making the sandbox, and its child waits for it for ever."""
    ended = [_run_limited(start, most, by) for most in range(8, 28)]

    refused = "launcher.errors.SandboxError: bubblewrap: cannot be started: too many open files; ulimit -n 64"
    assert set(ended) == {refused, "0"}
    assert ended == sorted(ended, reverse=True)


def _run_limited(start, most, by):
    """Return the last line that a launcher of its own prints about a run that ends with 0, or fails."""
    begun = start("exit 0", limits=(("nofile", most, most),) if by == "the entry" else ())
    program = f"""
import resource, sys
sys.path[:0] = {sys.path!r}
from launcher.sandbox.run_sandbox import *
import launcher.sandbox.limited_start, traceback
if {by == "the caller"}:
    resource.setrlimit(resource.RLIMIT_NOFILE, ({most}, {most}))
try:
    print(run_sandbox(SandboxStart(*{tuple(begun)!r})).exit_code)
except SandboxError as error:
    print("launcher.errors.SandboxError: " + str(error))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=20)
    return done.stdout.splitlines()[-1]


def test_the_program_has_the_callers_descriptors_and_none_of_ours(start, capfd):
    reading, writing = os.pipe()
    os.set_inheritable(reading, True)
    try:
        run_sandbox(start("ls /proc/self/fd"))
    finally:
        os.close(reading)
        os.close(writing)

    # ls itself opens one for the folder
    inherited = {int(name) for name in os.listdir("/proc/self/fd") if _is_inheritable(int(name))}
    assert {int(name) for name in capfd.readouterr().out.split()} - {reading} <= {0, 1, 2, *inherited, 3, 4}


def _is_inheritable(descriptor):
    try:
        return os.get_inheritable(descriptor)
    except OSError:
        return False


def test_a_killed_launcher_leaves_nothing(machine, start, tmp_path):
    begun = start(f"echo x > {tmp_path}/begun; exec sleep 1000", "--bind", str(tmp_path), str(tmp_path))
    program = f"import sys; sys.path[:0] = {sys.path!r}\nfrom launcher.sandbox.run_sandbox import *\nrun_sandbox(SandboxStart(*{tuple(begun)!r}))"
    with subprocess.Popen([sys.executable, "-c", program]) as launcher:
        while not (tmp_path / "begun").exists():
            time.sleep(0.01)
        children = subprocess.run(
            ["pgrep", "-f", "exec sleep 1000|^sleep 1000"], capture_output=True, text=True, check=False
        )
        launcher.kill()
    assert children.stdout
    deadline = time.monotonic() + 5
    while (
        time.monotonic() < deadline
        and subprocess.run(["pgrep", "-f", f"{tmp_path}/begun"], capture_output=True, check=False).stdout
    ):
        time.sleep(0.02)

    assert (
        subprocess.run(["pgrep", "-f", f"{tmp_path}/begun"], capture_output=True, text=True, check=False).stdout == ""
    )


def test_the_end_of_a_program_is_noticed_if_another_thread_gets_its_signal(start):
    over = threading.Event()
    others = [threading.Thread(target=over.wait) for _ in range(8)]
    for each in others:
        each.start()
    try:
        assert [run_sandbox(start("exit 3")).exit_code for _ in range(5)] == [3] * 5
    finally:
        over.set()
        for each in others:
            each.join()
