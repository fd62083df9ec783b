import pytest

from launcher.core.deploy.record import Change
from launcher.core.deploy.retention import collectable, numbers_to_keep, rollback_numbers
from tests.core.examples import deployment, transaction

ONE, TWO, THREE = (deployment(number, parent=number - 1) for number in (1, 2, 3))
YQ = deployment(4, "yq")


def step(number, before, after, status="Ok"):
    return transaction(number, Change((before or after).app, "Upgrade", before, after), status=status)


UPGRADES = [step(3, TWO, THREE), step(2, ONE, TWO), step(1, None, ONE)]
"""Newest first, as the record gives them."""


@pytest.mark.parametrize(
    ("now", "past", "numbers"),
    [
        (ONE, UPGRADES[2:], set()),
        (TWO, UPGRADES[1:], {1}),
        (THREE, UPGRADES, {2}),
        (TWO, [step(4, THREE, TWO), *UPGRADES], {1, 3}),  # gone back: further back, or forward again
        (THREE, [step(5, TWO, THREE), step(4, THREE, TWO), *UPGRADES], {2}),
        (THREE, [step(4, THREE, THREE._replace(pinned=True)), *UPGRADES], {2}),
        (THREE, [step(4, THREE, TWO, "Failed"), *UPGRADES], {2}),
        (THREE, [step(4, YQ, None), *UPGRADES], {2}),
        (THREE, [], {2}),  # a record made anew remembers only the parent
        (ONE, [step(4, THREE, ONE), *UPGRADES], {3}),
    ],
)
def test_one_step_away_is_the_parent_and_what_was_current_before_the_last_step(now, past, numbers):
    assert rollback_numbers("jq", {"jq": now}, past) == numbers


def test_an_app_that_is_not_deployed_has_no_step_back():
    assert rollback_numbers("jq", {"yq": YQ}, UPGRADES) == set()


def test_what_runs_stays_with_one_step_back_of_each_app_and_with_what_is_kept():
    past = [step(4, None, YQ), *UPGRADES]

    assert numbers_to_keep({"jq": THREE, "yq": YQ}, past, set()) == {3, 2, 4}
    assert numbers_to_keep({"jq": THREE, "yq": YQ}, past, {1, 17}) == {3, 2, 4, 1, 17}
    assert numbers_to_keep({}, past, {1}) == {1}


@pytest.mark.parametrize(
    ("stays", "before", "numbers"),
    [
        ({3, 2}, "", [1, 4]),
        ({1, 2, 3, 4}, "", []),
        ({3}, "2026-11-02T00:00:00Z", [1]),
        (set(), "2026-11-02T00:00:01Z", [1, 2]),
        (set(), "2026-11-01T00:00:00Z", []),
    ],
)
def test_what_nothing_holds_can_go_where_it_is_old_enough(stays, before, numbers):
    every = [each._replace(created=f"2026-11-0{each.number}T00:00:00Z") for each in (ONE, TWO, THREE, YQ)]

    assert [each.number for each in collectable(every, stays, before)] == numbers
