"""What an engine cannot do, whatever the launcher does: such a case is skipped there, aloud, with its reason."""

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
        "[dp]*-* podman",
        "test_warm::*",
        "the rig keeps this engine in a pid namespace of its own: from outside nobody could signal a program in it",
    ),
    *(
        (
            "bubblewrap bubblewrap-root",
            test,
            "it tells something about an engine's container, and this way needs no engine",
        )
        for test in (
            "test_exit_codes::test_no_engine_is_125_with_one_line",
            "test_leftovers::test_term_ends_a_program_that_is_pid_1_and_ignores_it",
            "test_leftovers::test_a_watcher_that_died_too*",
            "test_terminal::test_a_pull_shows_its_layers*",
            "test_arguments::test_an_argument_that_no_engine_can_carry*",
            "test_engine_gone::*",
            "test_engine_hangs::*",
            "test_warm::*",
        )
    ),
    ("bubblewrap", "test_identity::test_supplementary_groups_come_along", "they work, and are shown as 65534"),
    ("*-rootless", "test_root_keeps_its_rights_over_the_files_it_was_given", "nobody there is root"),
)
"""Engines (several patterns with a space between them) and test, or file and test, and why."""


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
