import pytest

from launcher.core.deploy.record import Change
from launcher.core.deploy.undo_plan import action, changes_between, redo, roll_back_to, state_after, undo
from launcher.errors import StateError
from tests.core.examples import deployment, transaction

ONE, TWO, THREE = (deployment(number, parent=number - 1) for number in (1, 2, 3))
YQ = deployment(4, "yq")
TABLE = {"image": "docker.io/x/jq:1", "environment": ["A=1"]}
OTHER = {"image": "docker.io/x/jq:2"}


def change(before, after, own=None, word=None):
    app = (before or after).app
    return Change(app, word or action(before, after), before, after, own)


INSTALLED = transaction(1, change(None, ONE))
UPGRADED = transaction(2, change(ONE, TWO), change(None, YQ))
REMOVED = transaction(3, change(TWO, None))
FAILED = transaction(4, change(None, THREE), status="Failed")
PAST = [FAILED, REMOVED, UPGRADED, INSTALLED]


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        (None, ONE, "Install"),
        (ONE, None, "Remove"),
        (None, None, "Remove"),
        (ONE, TWO, "Upgrade"),
        (TWO, ONE, "Downgrade"),
        (ONE, ONE, "Reinstall"),
        (ONE, ONE._replace(pinned=True), "Pin"),
        (ONE._replace(pinned=True), ONE, "Unpin"),
        (TWO, ONE._replace(pinned=True), "Downgrade"),
    ],
)
def test_a_step_has_dnfs_noun(before, after, word):
    assert action(before, after) == word


@pytest.mark.parametrize(
    ("number", "state"),
    [(0, {}), (1, {"jq": ONE}), (2, {"jq": TWO, "yq": YQ}), (3, {"yq": YQ}), (4, {"yq": YQ}), (99, {"yq": YQ})],
)
def test_what_was_deployed_after_a_transaction_is_what_the_good_ones_made(number, state):
    assert state_after(PAST, number) == state


def test_a_pin_belongs_to_the_state():
    held = ONE._replace(pinned=True)
    past = [transaction(2, change(ONE, held)), INSTALLED]

    assert (state_after(past, 1), state_after(past, 2)) == ({"jq": ONE}, {"jq": held})


def test_the_way_changes_what_is_not_as_wanted_and_nothing_else():
    gh = deployment(7, "gh")

    changes = changes_between({"jq": ONE, "yq": YQ, "gh": gh}, {"jq": TWO, "yq": YQ, "rg": deployment(8, "rg")}, {})

    assert [(each.app, each.action) for each in changes] == [("gh", "Remove"), ("jq", "Upgrade"), ("rg", "Install")]


def test_the_way_does_not_care_what_a_pull_has_filled_in_since():
    assert changes_between({"jq": ONE}, {"jq": ONE._replace(digest="", image_id="")}, {}) == []
    assert [each.action for each in changes_between({"jq": ONE}, {"jq": ONE._replace(pinned=True)}, {})] == ["Pin"]


def test_where_only_the_users_catalog_has_to_change_the_app_is_reinstalled():
    assert changes_between({"jq": ONE}, {"jq": ONE}, {"jq": (TABLE, None)}) == [
        Change("jq", "Reinstall", ONE, ONE, (TABLE, None))
    ]


def test_an_install_is_undone_by_a_removal_and_a_removal_by_an_install():
    assert undo(INSTALLED, {"jq": ONE}, [INSTALLED]) == [Change("jq", "Remove", ONE, None)]
    assert undo(REMOVED, {"yq": YQ}, PAST) == [Change("jq", "Install", None, TWO)]


def test_all_that_a_transaction_did_is_undone_together():
    changes = undo(UPGRADED, {"jq": TWO, "yq": YQ, "gh": ONE}, [UPGRADED, INSTALLED])

    assert changes == [Change("jq", "Downgrade", TWO, ONE), Change("yq", "Remove", YQ, None)]


def test_what_it_did_to_the_users_catalog_is_undone_too():
    rebased = transaction(2, change(ONE, TWO, own=(TABLE, OTHER), word="Rebase"))

    assert undo(rebased, {"jq": TWO}, [rebased, INSTALLED]) == [Change("jq", "Downgrade", TWO, ONE, (OTHER, TABLE))]


def test_undoing_an_undoing_leads_back():
    back = transaction(3, *undo(UPGRADED, {"jq": TWO, "yq": YQ}, [UPGRADED, INSTALLED]))

    again = undo(back, {"jq": ONE}, [back, UPGRADED, INSTALLED])

    assert again == [Change("jq", "Upgrade", ONE, TWO), Change("yq", "Install", None, YQ)]


def test_what_a_later_transaction_changed_is_not_undone_and_that_one_is_named():
    with pytest.raises(StateError) as caught:
        undo(UPGRADED, {"yq": YQ}, PAST)

    assert caught.value.line == (
        "applaunch: transaction 2: transaction 3 changed jq after it; "
        "applaunch history undo 3 first, or: applaunch history rollback 1"
    )


def test_the_first_of_the_later_ones_is_named_and_all_the_apps_that_it_shares():
    later = transaction(5, change(TWO, THREE), change(YQ, None))
    last = transaction(6, change(THREE, None))

    with pytest.raises(StateError, match="transaction 5 changed jq, yq after it"):
        undo(UPGRADED, {}, [last, later, UPGRADED, INSTALLED])


def test_a_later_transaction_of_other_apps_or_one_that_failed_is_in_nobodys_way():
    other = transaction(5, change(None, deployment(9, "gh")))

    assert undo(REMOVED, {"yq": YQ}, [other, *PAST]) == [Change("jq", "Install", None, TWO)]


@pytest.mark.parametrize("status", ["Failed", "Started"])
def test_what_did_nothing_cannot_be_undone(status):
    with pytest.raises(StateError) as caught:
        undo(FAILED._replace(status=status), {}, PAST)

    assert caught.value.line == (
        f"applaunch: transaction 4: is {status}: there is nothing to undo; applaunch history list"
    )


def test_a_transaction_is_done_once_more_where_all_is_as_it_was_before_it():
    assert redo(UPGRADED, {"jq": ONE, "gh": THREE}) == [*UPGRADED.changes]
    assert redo(REMOVED, {"jq": TWO, "yq": YQ}) == [*REMOVED.changes]


def test_done_once_more_the_users_catalog_changes_again():
    added = transaction(1, change(None, ONE, own=(None, TABLE)))

    assert redo(added, {}) == [Change("jq", "Install", None, ONE, (None, TABLE))]


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"jq": TWO, "yq": YQ}, "transaction 2: jq is so already; applaunch status jq"),
        ({"jq": ONE, "yq": YQ}, "transaction 2: yq is so already; applaunch status yq"),
        ({"jq": THREE}, "transaction 2: jq is not what it was before it; applaunch status jq"),
        ({}, "transaction 2: jq is not what it was before it; applaunch status jq"),
    ],
)
def test_where_an_app_is_not_what_it_was_nothing_is_done_once_more(now, said):
    with pytest.raises(StateError) as caught:
        redo(UPGRADED, now)

    assert caught.value.line == f"applaunch: {said}"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, [("yq", "Remove")]),
        (1, [("jq", "Install"), ("yq", "Remove")]),
        (2, [("jq", "Install")]),
        (3, []),
        (4, []),
    ],
)
def test_a_state_is_brought_back_whatever_came_after_it(number, words):
    changes = roll_back_to(number, {"yq": YQ}, PAST)

    assert [(each.app, each.action) for each in changes] == words
    deployed = {"yq": YQ} | {each.app: each.after for each in changes}
    assert {app: each for app, each in deployed.items() if each} == state_after(PAST, number)


def test_with_a_state_comes_back_what_the_users_catalog_said_then():
    added = transaction(1, change(None, ONE, own=(None, TABLE)))
    rebased = transaction(2, change(ONE, TWO, own=(TABLE, OTHER), word="Rebase"))
    again = transaction(3, change(TWO, THREE, own=(OTHER, "docker.io/x/jq:3"), word="Rebase"))
    past = [again, rebased, added]

    assert roll_back_to(1, {"jq": THREE}, past) == [Change("jq", "Downgrade", THREE, ONE, ("docker.io/x/jq:3", TABLE))]
    assert roll_back_to(2, {"jq": THREE}, past) == [Change("jq", "Downgrade", THREE, TWO, ("docker.io/x/jq:3", OTHER))]
    assert roll_back_to(0, {"jq": THREE}, past) == [Change("jq", "Remove", THREE, None, ("docker.io/x/jq:3", None))]


def test_what_the_users_catalog_says_again_is_not_written():
    there = transaction(2, change(ONE, TWO, own=(TABLE, OTHER), word="Rebase"))
    back = transaction(3, change(TWO, ONE, own=(OTHER, TABLE)))

    assert roll_back_to(1, {"jq": ONE}, [back, there, INSTALLED]) == []


def test_the_catalogs_word_on_an_app_that_came_and_went_goes_too():
    added = transaction(1, change(None, ONE, own=(None, TABLE)))
    removed = transaction(2, change(ONE, None))

    assert roll_back_to(0, {}, [removed, added]) == [Change("jq", "Remove", None, None, (TABLE, None))]


def test_what_failed_has_said_nothing_in_the_users_catalog():
    failed = transaction(2, change(ONE, TWO, own=(TABLE, OTHER), word="Rebase"), status="Failed")

    assert roll_back_to(1, {"jq": ONE}, [failed, INSTALLED]) == []
