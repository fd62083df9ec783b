"""Work that ends in time."""

import subprocess
import sys
import threading

import pytest

from launcher.registry.deadline import within


def test_what_is_done_in_time_is_given_or_raised():
    assert within(60, lambda: "done") == "done"
    with pytest.raises(KeyError, match="mine"):
        within(60, lambda: {}["mine"])


def test_what_is_late_is_left():
    with pytest.raises(TimeoutError):
        within(0.1, threading.Event().wait)  # for ever


def test_what_is_late_keeps_no_process_alive():
    program = """
import threading
import time
from launcher.registry.deadline import within
try:
    within(0.1, lambda: time.sleep(600))
except TimeoutError:
    print("left")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert (done.stdout, done.stderr) == ("left\n", "")
