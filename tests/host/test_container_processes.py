"""Programs in containers, seen from outside."""

import os
import signal
import subprocess
import sys
import time

import pytest

from launcher.host import container_processes

ROOT = pytest.mark.skipif(os.getuid() != 0, reason="a pid namespace of our own needs root")


def contained(*words):
    """Start a program as the first of a pid namespace, as an engine does; return it and its pid as we see it."""
    process = subprocess.Popen(["unshare", "--pid", "--fork", "--kill-child", *words])
    end = time.monotonic() + 5
    while time.monotonic() < end:
        pids = [
            pid
            for pid in container_processes.descendants(process.pid)
            if container_processes.runs_in_container(pid, words)
        ]
        if pids:
            return process, pids[0]
        time.sleep(0.01)
    raise AssertionError("it does not start")


@ROOT
def test_a_program_in_a_container_gets_its_signal():
    process, pid = contained("sleep", "60")

    assert container_processes.send_signal(pid, signal.SIGKILL)
    assert process.wait(5) != 0


@ROOT
def test_a_signal_with_descendants_ends_all_of_them():
    process, pid = contained("sh", "-c", "sleep 61 & sleep 62 & wait; :")
    end = time.monotonic() + 5
    while len(children := container_processes.descendants(pid)) < 2 and time.monotonic() < end:
        time.sleep(0.01)

    assert container_processes.send_signal(-pid, signal.SIGKILL)
    process.wait(5)
    assert not [each for each in children if os.path.exists(f"/proc/{each}")]


FORKED = "import os, time; os.fork(); time.sleep(60)"


@ROOT
@pytest.mark.parametrize(
    ("init", "is_there"),
    [(("sh", "-c", "sleep 60 & wait", "sleep", "60"), True), ((sys.executable, "-c", FORKED, "sleep", "60"), False)],
    ids=["started", "forked"],
)
def test_the_fork_of_an_init_is_not_the_program_yet(init, is_there):
    process, pid = contained(*init)
    end = time.monotonic() + 5
    while not (children := container_processes.descendants(pid)) and time.monotonic() < end:
        time.sleep(0.01)
    assert children
    while (
        container_processes.has_started(pid, ("sleep", "60"), by_init=True) is not is_there and time.monotonic() < end
    ):
        time.sleep(0.01)  # until the one that is to exec has done so

    assert container_processes.has_started(pid, ("sleep", "60"), by_init=True) is is_there
    assert container_processes.has_started(pid, ("sleep", "60"), by_init=False)
    process.kill()
    process.wait()


def test_a_process_outside_containers_gets_no_signal():
    process = subprocess.Popen(["sleep", "60"])

    assert not container_processes.send_signal(process.pid, signal.SIGKILL)
    assert process.poll() is None
    process.kill()
    process.wait()


def test_a_process_that_has_ended_is_no_error():
    process = subprocess.Popen(["true"])
    process.wait()

    assert not container_processes.send_signal(process.pid, signal.SIGTERM)


def test_a_replaced_folder_has_another_identity(tmp_path):
    folder = tmp_path / "a"
    folder.mkdir()
    before = container_processes.file_identities([str(folder)])
    folder.rename(tmp_path / "old")
    assert container_processes.file_identities([str(folder)]) == [(str(folder), 0, 0)]
    folder.mkdir()

    assert container_processes.file_identities([str(folder)]) != before
