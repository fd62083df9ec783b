"""Soaks: tests that repeat one thing for minutes. Every run of the tests does a short form; `make soak` does the whole."""

import os

WHOLE = os.environ.get("APPLAUNCH_SOAK") == "1"


def rounds(*, short: int, whole: int) -> int:
    """Return how often a soak repeats what it does in this run."""
    return whole if WHOLE else short
