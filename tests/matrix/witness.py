"""A pytest plugin that writes down what became of each test as it happens, and lets none of them last for ever."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.conftest import LEFT_OUT

PATIENCE = 240
"""Seconds that one test may take; the longest is silent for 70 on purpose."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item, nextitem):
    """Break into a test that hangs: with an engine that lost it, no timeout of its own may be left."""

    def enough(*_):
        raise TimeoutError(f"the test took more than {PATIENCE} s")

    before = signal.signal(signal.SIGALRM, enough)
    signal.alarm(PATIENCE)
    try:
        return (yield)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def pytest_runtest_logreport(report):
    """Append one line of JSON: the test, its phase, what became of it, why, and the seconds it took."""
    if report.when != "call" and report.passed:
        return
    why = ""
    if report.skipped and isinstance(report.longrepr, tuple):
        why = report.longrepr[2].removeprefix("Skipped: ")
    elif report.failed:
        why = getattr(getattr(report.longrepr, "reprcrash", None), "message", None) or str(report.longrepr)
    told = {"test": report.nodeid, "when": report.when, "outcome": report.outcome, "why": why}
    _write(told | {"seconds": round(report.duration, 2)})


def pytest_deselected(items):
    """Append a line for each test that the column leaves out, and what that is about."""
    for item in items:
        if about := item.stash.get(LEFT_OUT, ""):
            _write({"test": item.nodeid, "outcome": "left out", "why": about})


def pytest_sessionstart(session):
    """Begin the seconds of the column."""
    _write({"began": time.time()})


def _write(told):
    with Path(os.environ["APPLAUNCH_MATRIX"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(told) + "\n")
