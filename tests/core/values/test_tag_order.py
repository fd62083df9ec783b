"""The order in which tags are listed."""

import random

import pytest

from launcher.core.values.tag_order import highest_first

SIGNATURE = "sha256-" + "0" * 64


@pytest.mark.parametrize(
    "ordered",
    [
        ["latest", "2", "1"],
        ["1.10", "1.9", "1.2", "1"],
        ["v2.0.0", "1.9.9", "v1.9.8"],
        ["3.12.1", "3.12.0", "3.12", "3.11.9", "3.11", "3"],
        ["1.7.1", "1.7.1-alpine", "1.7.1-slim", "1.7.1-rc2", "1.7.1-rc1", "1.7.0"],
        ["1.0", "1.0-rc10", "1.0-rc9", "1.0-beta2", "1.0-alpha"],
        ["1.0", "1.0rc1", "1.0b2", "1.0a1", "0.9"],
        ["1.0", "1.0-alpine3.9", "1.0-alpine3.10", "1.0-beta"],
        ["1.0", "1.0-alpine3.20", "1.0.dev3", "1.0-pre"],
        ["1.2.3_build.5", "1.2.2"],
        ["2024.10.01", "2024.9.30"],
        ["latest", "9", "edge", "main", "stable"],
        ["1", "7a3f2b1", "centos", "rig-48bb3add", "v"],
        ["latest", "1", "nightly", SIGNATURE, f"{SIGNATURE}.sig"],
        ["1.0", "v1.0", "0.9"],
        ["99999999999999999999999", "1"],
        ["latest-slim", "latest1"],
        [],
    ],
)
def test_tags_are_sorted_with_the_highest_version_first(ordered):
    shuffled = [*ordered]
    random.Random(7).shuffle(shuffled)

    assert highest_first(shuffled) == ordered
    assert highest_first(reversed(ordered)) == ordered


def test_non_ascii_digits_are_not_numbers():
    assert highest_first(["1", "\u0663", "1.\u0663"]) == ["1", "1.\u0663", "\u0663"]
