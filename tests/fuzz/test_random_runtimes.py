"""A few random entries and calls: what the engine gives, bubblewrap gives (`fuzz_runtimes` is the long form)."""

import os

import pytest

from tests.conftest import forget_own_tags
from tests.fuzz.runtime_pair import Pair, differences
from tests.soak import rounds

pytestmark = [pytest.mark.engine, pytest.mark.skipif(os.getuid() != 0, reason="an ordinary user is made by root")]

RUNS = rounds(short=6, whole=500)


@pytest.mark.soak
def test_random_runs_are_the_same_by_both_runtimes(engine, tmp_path):
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == 0 and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)
    pair = Pair(tmp_path, engine)
    try:
        found = {seed: pair.compare(f"suite/{seed}") for seed in range(RUNS)}
    finally:
        pair.end()
        forget_own_tags(pair.home.path, engine)

    assert {seed: each for seed, each in found.items() if each.differences} == {}
    assert "bubblewrap" in {each.runtime for each in found.values()}


def test_a_difference_is_reduced_to_its_values():
    one, other = {"a": {"x": 1, "y": 2}, "b": "x", "c": 1}, {"a": {"x": 1, "y": 4}, "b": "x"}

    assert differences(one, other) == {"a": ({"y": 2}, {"y": 4}), "c": (1, None)}
