"""Time limits around work."""

import subprocess
import sys
import threading
import time

import pytest

from launcher.net.deadline import run_together, within


def test_a_result_or_an_exception_in_time_is_passed_on():
    assert within(60, lambda: "done") == "done"
    with pytest.raises(KeyError, match="mine"):
        within(60, lambda: {}["mine"])


def test_late_work_is_abandoned():
    with pytest.raises(TimeoutError):
        within(0.1, threading.Event().wait)  # for ever


def test_late_work_does_not_keep_the_process_alive():
    program = """
import time
from launcher.net.deadline import within
try:
    within(0.1, lambda: time.sleep(600))
except TimeoutError:
    print("left")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert (done.stdout, done.stderr) == ("left\n", "")


def test_all_start_at_the_same_time():
    gate = threading.Barrier(3, timeout=10)

    found = run_together({name: lambda name=name: (gate.wait(), name)[1] for name in "abc"})

    assert found == {"a": "a", "b": "b", "c": "c"}


def test_one_that_fails_is_raised_after_all_have_ended():
    ended = []

    with pytest.raises(ZeroDivisionError):
        run_together({"a": lambda: 1 / 0, "b": lambda: (time.sleep(0.2), ended.append("b"))})
    assert ended == ["b"]
