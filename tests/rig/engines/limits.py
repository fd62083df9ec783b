"""What an engine cannot do, whatever the launcher does: such a case is skipped there, aloud, with its reason."""

from fnmatch import fnmatch

CANNOT: tuple[tuple[str, str, str], ...] = ()
"""Engine and test (both may hold ``*``), and why."""


def why_not(engine: str, test: str) -> str | None:
    """Return why *engine* cannot do *test*, a test's name without its parameters; nothing where it can."""
    return next((why for engines, tests, why in CANNOT if fnmatch(engine, engines) and fnmatch(test, tests)), None)
