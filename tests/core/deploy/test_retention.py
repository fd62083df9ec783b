import pytest

from launcher.core.deploy.record import Change
from launcher.core.deploy.retention import collectable, numbers_to_keep, rollback_numbers
from tests.core.examples import deployment, transaction

ONE, TWO, THREE = (deployment(number, parent=number - 1) for number in (1, 2, 3))
YQ = deployment(4, "yq")


def step(number, before, after, status="Ok"):
    return transaction(number, Change((before or after).app, "Upgrade", before, after), status=status)


UPGRADES = [step(3, TWO, THREE), step(2, ONE, TWO), step(1, None, ONE)]
"""Newest first, as the record returns them."""


@pytest.mark.parametrize(
    ("now", "past", "numbers"),
    [
        (ONE, UPGRADES[2:], set()),
        (TWO, UPGRADES[1:], {1}),
        (THREE, UPGRADES, {2}),
        (TWO, [step(4, THREE, TWO), *UPGRADES], {1, 3}),  # after a rollback: further back, or forward again
        (THREE, [step(5, TWO, THREE), step(4, THREE, TWO), *UPGRADES], {2}),
        (THREE, [step(4, THREE, THREE._replace(pinned=True)), *UPGRADES], {2}),
        (THREE, [step(4, THREE, TWO, "Failed"), *UPGRADES], {2}),
        (THREE, [step(4, YQ, None), *UPGRADES], {2}),
        (THREE, [], {2}),  # a rebuilt record only has the parent
        (ONE, [step(4, THREE, ONE), *UPGRADES], {3}),
    ],
)
def test_rollback_goes_to_the_parent_or_the_previously_current_deployment(now, past, numbers):
    assert rollback_numbers("jq", {"jq": now}, past) == numbers


def test_an_app_that_is_not_deployed_has_no_rollback():
    assert rollback_numbers("jq", {"yq": YQ}, UPGRADES) == set()


def test_current_rollback_and_kept_deployments_stay():
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
def test_old_unneeded_deployments_are_collectable(stays, before, numbers):
    every = [each._replace(created=f"2026-11-0{each.number}T00:00:00Z") for each in (ONE, TWO, THREE, YQ)]

    assert [each.number for each in collectable(every, stays, before)] == numbers
