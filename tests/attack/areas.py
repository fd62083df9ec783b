"""What is attacked, and which tests do it."""

from typing import NamedTuple


class Area(NamedTuple):
    """One kind of attack."""

    name: str
    attack: str
    """What is tried, as the table has it."""
    tests: tuple[str, ...]
    """Paths for pytest, and its options."""


AREAS = (
    Area(
        "permissions",
        "Permissions: spellings of paths, variables, links, users and keys that would pass for less than they give",
        (
            *("tests/core/test_permissions.py", "tests/core/test_outcomes.py", "tests/test_granting.py"),
            *("tests/manage/test_consent.py", "tests/cli/test_critical.py", "tests/launch/test_reach.py"),
            *("tests/launch/test_granted.py", "tests/core/test_denied.py"),
        ),
    ),
    Area(
        "secrets",
        "Secrets and start-up files: links, arguments, sockets and races that lead to them",
        (
            *("tests/core/test_covered.py", "tests/core/test_protected.py", "tests/host/test_looking.py"),
            "tests/launch/test_secrets.py",
        ),
    ),
    Area(
        "projects",
        "Projects of others: foreign files, swapped texts, moved images, inherited trust",
        (
            *("tests/core/test_project.py", "tests/host/test_project.py", "tests/host/test_ownership.py"),
            *("tests/cli/test_foreign_projects.py", "tests/cli/test_project_trust.py", "tests/launch/test_projects.py"),
        ),
    ),
    Area(
        "remotes",
        "Remotes: changed, old, unsigned, exchanged or endless catalogs, on the way or at the source",
        (
            *("tests/core/test_remote.py", "tests/core/test_restrictions.py", "tests/core/test_sshsig.py"),
            *("tests/core/test_swapped.py", "tests/core/test_trust.py", "tests/core/test_keyring.py"),
            *("tests/remotes", "tests/cli/test_remote_refusals.py", "tests/cli/test_remote_keys.py"),
            "tests/apps/test_team_attacked.py",
        ),
    ),
    Area(
        "text",
        "Text of catalogs and images on the terminal: escapes, line ends, invisible letters",
        ("tests/cli/test_hostile_text.py", "tests/cli/test_hostile_labels.py", "tests/cli/test_hostile_upgrades.py"),
    ),
    Area(
        "engine",
        "An engine that hangs or goes away: signals at each request, what is left behind",
        (
            *("tests/engine/test_passing.py", "tests/launch/test_engine_hangs.py", "tests/apps/test_engine_hangs.py"),
            *("tests/launch/test_engine_gone.py", "tests/launch/test_few_descriptors.py"),
            *("tests/launch/test_leftovers.py", "tests/launch/test_sweeping.py", "tests/apps/test_broken_off.py"),
        ),
    ),
    Area(
        "record",
        "A record that is lost, old or damaged; commands that are interrupted",
        (
            *("tests/cli/test_lost_record.py", "tests/cli/test_rebuilding.py", "tests/manage/test_rebuilding.py"),
            *("tests/state/test_restoring.py", "tests/cli/test_signals.py", "tests/state/test_writers.py"),
        ),
    ),
    Area(
        "files",
        "Damaged files of a launch: truncated and altered JSON",
        ("tests/test_damaged_json.py", "tests/launch/test_damaged_files.py", "tests/cli/test_damaged_journal.py"),
    ),
    Area(
        "places",
        "Odd surroundings: full, closed and read-only streams and disks, homes, users, umasks, sudo",
        (
            *("tests/cli/test_odd_places.py", "tests/cli/test_streams.py", "tests/cli/test_modes.py"),
            *("tests/launch/test_odd_homes.py", "tests/launch/test_full_streams.py", "tests/launch/test_sudo.py"),
            "tests/core/test_remedies.py",
        ),
    ),
    Area("masks", "Secrets in the history and the journal", ("tests/state/test_secrets.py",)),
)
