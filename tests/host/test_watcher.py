"""The child that outlives us: what it does when we say farewell, when we are killed, and when a moment has come."""

import os
import signal
import time
from contextlib import suppress

import pytest

from launcher.host.watcher import Watcher


def watched(tmp_path, during, due=0.0, *, group=False):
    """Fork a process that is watched while it does *during*; return what its watcher wrote down."""
    notes = tmp_path / "notes"

    def note(word):
        with notes.open("a") as file:
            file.write(f"{word}\n")

    launcher = os.fork()
    if launcher == 0:
        if group:
            os.setpgid(0, 0)
            signal.signal(signal.SIGINT, signal.default_int_handler)
        at_due = (lambda: note("due")) if due else None
        watcher = Watcher(lambda told: note(f"clear {told}"), lambda: note("afterwards"), due, at_due)
        with suppress(KeyboardInterrupt), watcher:
            during(watcher)
        os._exit(0)
    os.waitpid(launcher, 0)
    end = time.monotonic() + 5
    while time.monotonic() < end and not (notes.exists() and notes.read_text().count("\n") > bool(due)):
        time.sleep(0.01)
    return notes.read_text().split("\n")[:-1]


def die(_):
    os.kill(os.getpid(), signal.SIGKILL)


def test_after_a_farewell_the_watcher_does_the_later_work(tmp_path):
    assert watched(tmp_path, lambda _: None) == ["afterwards"]


def test_the_watcher_cleans_up_after_a_kill(tmp_path):
    assert watched(tmp_path, die) == ["clear "]


def test_the_watcher_learns_what_to_clean_up(tmp_path):
    def during(watcher):
        watcher.tell("abc123")
        die(watcher)

    assert watched(tmp_path, during) == ["clear abc123"]


@pytest.mark.parametrize("ending", [lambda _: None, die])
def test_due_work_is_done_once_and_the_end_is_still_noticed(tmp_path, ending):
    def during(watcher):
        watcher.tell("abc")
        time.sleep(0.5)
        ending(watcher)

    found = watched(tmp_path, during, due=time.time() + 0.1)

    assert found == ["due", "afterwards" if ending is not die else "clear abc"]


def test_work_is_not_done_before_it_is_due(tmp_path):
    assert watched(tmp_path, lambda _: None, due=time.time() + 3600) == ["afterwards"]


def test_a_guarded_run_is_cleaned_up_without_a_kill(tmp_path):
    assert watched(tmp_path, lambda watcher: watcher.guard(True)) == ["clear "]


def test_nothing_is_cleaned_up_twice(tmp_path):
    def during(watcher):
        watcher.guard(True)
        watcher.guard(False)

    assert watched(tmp_path, during) == ["afterwards"]


@pytest.mark.parametrize("_", range(20))
def test_the_watcher_ignores_ctrl_c_from_the_start(tmp_path, _):
    def during(watcher):
        watcher.guard(True)
        os.killpg(0, signal.SIGINT)

    assert watched(tmp_path, during, group=True) == ["clear "]
