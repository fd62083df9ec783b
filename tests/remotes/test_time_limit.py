"""Work that hangs is left behind; work that fails is told."""

import threading

import pytest

from launcher.remotes.time_limit import at_once, within


def test_what_ends_in_time_is_returned():
    assert within(5, lambda: 7) == 7


def test_what_fails_is_raised():
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 / 0)


def test_what_does_not_end_is_left_behind():
    with pytest.raises(TimeoutError):
        within(0.1, threading.Event().wait)


def test_all_begin_at_the_same_time():
    gate = threading.Barrier(3, timeout=10)

    assert at_once({name: lambda name=name: (gate.wait(), name)[1] for name in "abc"}) == {"a": "a", "b": "b", "c": "c"}


def test_one_that_fails_is_raised():
    with pytest.raises(ZeroDivisionError):
        at_once({"a": lambda: 1, "b": lambda: 1 / 0})
