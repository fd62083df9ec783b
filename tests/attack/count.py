"""A pytest plugin that counts attacks: one for each test, or as many as the test reports as its property "tried"."""

import json
import os
from pathlib import Path


def pytest_runtest_logreport(report):
    """Append one line of JSON for each test that ran, failed or was skipped."""
    if report.when != "call" and report.passed:
        return
    tried = dict(report.user_properties).get("tried", 1)
    line = {"test": report.nodeid, "outcome": report.outcome, "tried": tried}
    with Path(os.environ["APPLAUNCH_ATTACKS"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
