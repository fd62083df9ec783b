"""The kinds of attacks, and the tests of each."""

from typing import NamedTuple


class Area(NamedTuple):
    """One kind of attack."""

    name: str
    attack: str
    """What is tried, as shown in the table."""
    tests: tuple[str, ...]
    """Paths for pytest, and its options."""


AREAS = (
    Area(
        "permissions",
        "Permissions: paths, variables, links, users and keys written so that they appear to grant less than they do",
        (
            *(
                "tests/core/policy/test_derive_permissions.py",
                "tests/core/values/test_possible_values.py",
                "tests/run/test_grants.py",
            ),
            *(
                "tests/manage/change/test_permission_consent.py",
                "tests/cli/test_critical_permissions.py",
                "tests/run/test_reach.py",
            ),
            *("tests/run/test_granted.py", "tests/core/catalog/test_deny.py"),
        ),
    ),
    Area(
        "secrets",
        "Secrets and start-up files: links, arguments, sockets and races that lead to them",
        (
            *(
                "tests/core/policy/test_masked_paths.py",
                "tests/core/values/test_protected_paths.py",
                "tests/host/test_path_check.py",
            ),
            "tests/run/test_secrets.py",
        ),
    ),
    Area(
        "projects",
        "Projects of others: files of other users, replaced texts, changed images, inherited trust",
        (
            *(
                "tests/core/catalog/test_project_catalog.py",
                "tests/host/test_find_project.py",
                "tests/host/test_ownership.py",
            ),
            *("tests/cli/test_foreign_projects.py", "tests/cli/test_project_trust.py", "tests/run/test_projects.py"),
            *("tests/host/test_project_folders.py", "tests/core/policy/test_project_mounts.py"),
        ),
    ),
    Area(
        "remotes",
        "Remotes: modified, old, unsigned, replaced or endless catalogs, in transit or at the source",
        (
            *(
                "tests/core/remotes/test_remote.py",
                "tests/core/catalog/test_publish_rules.py",
                "tests/core/remotes/test_ssh_signature.py",
            ),
            *(
                "tests/core/remotes/test_digest_tampering.py",
                "tests/core/remotes/test_trust_policy.py",
                "tests/core/remotes/test_keyring.py",
            ),
            *("tests/remotes", "tests/cli/test_remote_refusals.py", "tests/cli/test_remote_keys.py"),
            "tests/manage/remotes/test_team_attacked.py",
        ),
    ),
    Area(
        "text",
        "Text of catalogs and images on the terminal: control sequences, line breaks, invisible characters",
        ("tests/cli/test_hostile_text.py", "tests/cli/test_hostile_labels.py", "tests/cli/test_hostile_upgrades.py"),
    ),
    Area(
        "engine",
        "An engine that hangs or goes away: signals at each request, leftover containers",
        (
            *(
                "tests/engine/test_signal_forwarding.py",
                "tests/run/test_engine_hangs.py",
                "tests/manage/apps/test_hanging_engine.py",
            ),
            *("tests/run/test_engine_gone.py", "tests/run/test_few_descriptors.py"),
            *("tests/run/test_leftovers.py", "tests/run/test_sweeping.py", "tests/manage/apps/test_broken_off.py"),
        ),
    ),
    Area(
        "record",
        "A lost, old or damaged database; interrupted commands",
        (
            *(
                "tests/cli/test_lost_record.py",
                "tests/cli/test_rebuilding.py",
                "tests/manage/doctor/test_rebuild_record.py",
            ),
            *("tests/state/test_restore_record.py", "tests/cli/test_signals.py", "tests/state/test_writers.py"),
        ),
    ),
    Area(
        "files",
        "Damaged files of a launch: truncated and modified JSON",
        ("tests/state/test_damaged_json.py", "tests/run/test_damaged_files.py", "tests/cli/test_damaged_journal.py"),
    ),
    Area(
        "places",
        "Unusual environments: full, closed and read-only streams and disks, homes, users, umasks, sudo",
        (
            *("tests/cli/test_odd_places.py", "tests/cli/test_streams.py", "tests/cli/test_file_modes.py"),
            *("tests/run/test_odd_homes.py", "tests/run/test_full_streams.py", "tests/run/test_sudo.py"),
            "tests/core/values/test_file_error_fixes.py",
        ),
    ),
    Area("masks", "Secrets in the history and the journal", ("tests/state/test_secrets.py",)),
)
