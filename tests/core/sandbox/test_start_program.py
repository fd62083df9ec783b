"""The start program unblocks signals and executes the program, or ends as a shell would."""

import os
import platform
import signal
import subprocess

import pytest

from launcher.core.sandbox.start_program import start_program
from launcher.sandbox.run_sandbox import HELD_SIGNALS

HERE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]


@pytest.fixture
def program(tmp_path):
    """The start program of this machine."""
    path = tmp_path / "start"
    path.write_bytes(start_program(HERE, HELD_SIGNALS))
    path.chmod(0o755)
    return path


def test_it_executes_a_program_with_its_own_argv_and_environment(program):
    done = subprocess.run(
        [program, "2", "/bin/sh", "other name", "-c", 'echo "$0|$1|$A"', "zero", "one"],
        env={"A": "b c"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.returncode) == ("zero|one|b c\n", 0)


def test_it_unblocks_the_held_signals_and_no_others(program):
    def block():
        signal.pthread_sigmask(signal.SIG_BLOCK, (*HELD_SIGNALS, signal.SIGWINCH))

    done = subprocess.run(
        [program, "2", "/bin/grep", "grep", "SigBlk", "/proc/self/status"],
        preexec_fn=block,
        capture_output=True,
        text=True,
        check=False,
    )

    assert int(done.stdout.split()[1], 16) == 1 << (signal.SIGWINCH - 1)


def test_it_gives_the_program_another_descriptor_as_stderr(program):
    reading, writing = os.pipe()
    done = subprocess.run(
        [
            program,
            str(writing),
            "/bin/sh",
            "sh",
            "-c",
            f"echo told >&2; test -e /proc/self/fd/{writing} || echo closed",
        ],
        pass_fds=[writing],
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(writing)
    with open(reading) as file:
        told = file.read()

    assert (told, done.stderr, done.stdout) == ("told\n", "", "closed\n")


@pytest.mark.parametrize(("path", "code"), [("/no such", 127), ("/etc/passwd", 126), ("/", 126)])
def test_a_program_that_cannot_be_executed_ends_it_as_a_shell_would(program, path, code):
    assert subprocess.run([program, "2", path, "x"], check=False).returncode == code


def test_an_architecture_without_one_has_none():
    assert start_program("riscv64", HELD_SIGNALS) == b""


@pytest.mark.parametrize("arch", ["amd64", "arm64"])
def test_it_is_one_small_static_executable(arch):
    data = start_program(arch, (signal.SIGINT, signal.SIGTERM))

    assert data.startswith(b"\x7fELF")
    assert len(data) == 64 + 56 + {"amd64": 128, "arm64": 152}[arch] + 8
    assert int.from_bytes(data[-8:], "little") == (1 << 1) | (1 << 14)
    assert int.from_bytes(data[24:32], "little") - 0x400000 == 120  # the entry point
