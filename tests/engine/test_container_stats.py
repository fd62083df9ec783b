"""Memory of a container, by docker's rule, from what each kind of engine and kernel tells."""

import pytest

from launcher.engine.container_stats import parse_memory_usage


@pytest.mark.parametrize(
    ("said", "used"),
    [
        ({"usage": 1000, "stats": {"total_inactive_file": 300, "inactive_file": 5}}, 700),  # cgroup v1
        ({"usage": 1000, "stats": {"inactive_file": 400}}, 600),  # cgroup v2
        ({"usage": 1000, "stats": {"inactive_file": 1000}}, 1000),
        ({"usage": 1000, "stats": None}, 1000),  # podman
        ({"usage": 1000}, 1000),
        ({"usage": 0}, None),
        ({"usage": "many"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_reclaimable_file_cache_does_not_count_as_memory(said, used):
    assert parse_memory_usage({"memory_stats": said}) == used


def test_missing_statistics_give_no_memory():
    assert parse_memory_usage({}) is None
