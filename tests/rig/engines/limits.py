"""What an engine cannot do, whatever the launcher does: such a case is skipped there, aloud, with its reason.

What a case is about may also not be there at all: then the column leaves it out, and counts it.
"""

from fnmatch import fnmatch

CANNOT = (
    (
        "podman-rootless",
        "test_limits_are_in_force",
        "podman 4 ignores every limit of an ordinary user's container where cgroups are version 1",
    ),
    (
        "podman*",
        "test_ctrl_z_never_wedges_the_terminal",
        "podman's init, catatonit 0.1.7, starts the program with SIGTSTP blocked (podman#18095)",
    ),
    (
        "podman*",
        "test_job_control::test_*stop*",
        "podman's init, catatonit 0.1.7, starts the program with SIGTSTP blocked (podman#18095)",
    ),
    (
        "podman*",
        "test_job_control::test_an_editor_leaves_the_screen_and_is_drawn_again",
        "podman's init, catatonit 0.1.7, starts the program with SIGTSTP blocked (podman#18095)",
    ),
    (
        "[dp]*-* podman",
        "test_warm::*",
        "the rig keeps this engine in a pid namespace of its own: from outside nobody could signal a program in it",
    ),
    (
        "[dp]*-* podman",
        "test_closed_folders::*cannot_enter*",
        "the rig keeps this engine in a mount namespace of its own, where nothing is mounted later",
    ),
)
"""Engines (several patterns with a space between them) and test, or file and test, and why."""
ABSENT = (
    ("bubblewrap*", "engine", "the engine itself: it dies, hangs, pulls, keeps a container warm"),
    ("bubblewrap *-rootless", "root", "root: the caller is an ordinary user"),
)
"""Columns, what none of their launches has, and what the cases are about that they leave out for it."""


def left_out(column: str, subjects: set[str]) -> str | None:
    """Return what a case with these *subjects* (``@pytest.mark.about``) is about that *column* does not have, if any."""
    return next(
        (
            about
            for columns, subject, about in ABSENT
            if subject in subjects and any(fnmatch(column, each) for each in columns.split())
        ),
        None,
    )


def why_not(engine: str, test: str) -> str | None:
    """Return why *engine* cannot do *test* (``FILE::NAME``, without parameters); nothing where it can."""
    name = test.partition("::")[2]
    return next(
        (
            why
            for engines, tests, why in CANNOT
            if any(fnmatch(engine, each) for each in engines.split()) and (fnmatch(test, tests) or fnmatch(name, tests))
        ),
        None,
    )
