"""The child that outlives us: what it does when we say farewell, when we are killed, and when a moment has come."""

import os
import signal
import time

import pytest

from launcher.host.watcher import Watcher


def watched(tmp_path, during, due=0.0):
    """Fork a process that is watched while it does *during*; return what its watcher wrote down."""
    notes = tmp_path / "notes"

    def note(word):
        with notes.open("a") as file:
            file.write(f"{word}\n")

    launcher = os.fork()
    if launcher == 0:
        at_due = (lambda: note("due")) if due else None
        with Watcher(lambda told: note(f"clear {told}"), lambda: note("afterwards"), due, at_due) as watcher:
            during(watcher)
        os._exit(0)
    os.waitpid(launcher, 0)
    end = time.monotonic() + 5
    while time.monotonic() < end and not (notes.exists() and notes.read_text().count("\n") > bool(due)):
        time.sleep(0.01)
    return notes.read_text().split("\n")[:-1]


def die(_):
    os.kill(os.getpid(), signal.SIGKILL)


def test_after_a_farewell_it_does_what_can_wait(tmp_path):
    assert watched(tmp_path, lambda _: None) == ["afterwards"]


def test_after_a_kill_it_clears_up(tmp_path):
    assert watched(tmp_path, die) == ["clear "]


def test_it_is_told_what_to_clear_up(tmp_path):
    def during(watcher):
        watcher.tell("abc123")
        die(watcher)

    assert watched(tmp_path, during) == ["clear abc123"]


@pytest.mark.parametrize("ending", [lambda _: None, die])
def test_what_is_due_is_done_once_and_the_end_is_still_heard(tmp_path, ending):
    def during(watcher):
        watcher.tell("abc")
        time.sleep(0.5)
        ending(watcher)

    found = watched(tmp_path, during, due=time.time() + 0.1)

    assert found == ["due", "afterwards" if ending is not die else "clear abc"]


def test_what_is_not_due_yet_is_not_done(tmp_path):
    assert watched(tmp_path, lambda _: None, due=time.time() + 3600) == ["afterwards"]
