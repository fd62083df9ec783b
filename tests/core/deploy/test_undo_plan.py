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
def test_a_change_has_dnfs_name(before, after, word):
    assert action(before, after) == word


@pytest.mark.parametrize(
    ("number", "state"),
    [(0, {}), (1, {"jq": ONE}), (2, {"jq": TWO, "yq": YQ}), (3, {"yq": YQ}), (4, {"yq": YQ}), (99, {"yq": YQ})],
)
def test_the_state_after_a_transaction_ignores_failed_ones(number, state):
    assert state_after(PAST, number) == state


def test_the_state_includes_pins():
    held = ONE._replace(pinned=True)
    past = [transaction(2, change(ONE, held)), INSTALLED]

    assert (state_after(past, 1), state_after(past, 2)) == ({"jq": ONE}, {"jq": held})


def test_only_apps_that_differ_are_changed():
    gh = deployment(7, "gh")

    changes = changes_between({"jq": ONE, "yq": YQ, "gh": gh}, {"jq": TWO, "yq": YQ, "rg": deployment(8, "rg")}, {})

    assert [(each.app, each.action) for each in changes] == [("gh", "Remove"), ("jq", "Upgrade"), ("rg", "Install")]


def test_a_pull_since_then_is_not_a_difference():
    assert changes_between({"jq": ONE}, {"jq": ONE._replace(digest="", image_id="")}, {}) == []
    assert [each.action for each in changes_between({"jq": ONE}, {"jq": ONE._replace(pinned=True)}, {})] == ["Pin"]


def test_an_app_is_reinstalled_if_only_the_users_catalog_changes():
    assert changes_between({"jq": ONE}, {"jq": ONE}, {"jq": (TABLE, None)}) == [
        Change("jq", "Reinstall", ONE, ONE, (TABLE, None))
    ]


def test_an_install_is_undone_by_a_removal_and_a_removal_by_an_install():
    assert undo(INSTALLED, {"jq": ONE}, [INSTALLED]) == [Change("jq", "Remove", ONE, None)]
    assert undo(REMOVED, {"yq": YQ}, PAST) == [Change("jq", "Install", None, TWO)]


def test_all_changes_of_a_transaction_are_undone_together():
    changes = undo(UPGRADED, {"jq": TWO, "yq": YQ, "gh": ONE}, [UPGRADED, INSTALLED])

    assert changes == [Change("jq", "Downgrade", TWO, ONE), Change("yq", "Remove", YQ, None)]


def test_changes_of_the_users_catalog_are_undone_too():
    rebased = transaction(2, change(ONE, TWO, own=(TABLE, OTHER), word="Rebase"))

    assert undo(rebased, {"jq": TWO}, [rebased, INSTALLED]) == [Change("jq", "Downgrade", TWO, ONE, (OTHER, TABLE))]


def test_undoing_an_undo_restores_the_state():
    back = transaction(3, *undo(UPGRADED, {"jq": TWO, "yq": YQ}, [UPGRADED, INSTALLED]))

    again = undo(back, {"jq": ONE}, [back, UPGRADED, INSTALLED])

    assert again == [Change("jq", "Upgrade", ONE, TWO), Change("yq", "Install", None, YQ)]


def test_undo_is_refused_if_a_later_transaction_changed_the_app():
    with pytest.raises(StateError) as caught:
        undo(UPGRADED, {"yq": YQ}, PAST)

    assert caught.value.line == (
        "applaunch: transaction 2: transaction 3 changed jq after it; "
        "applaunch history undo 3 first, or: applaunch history rollback 1"
    )


def test_the_error_names_the_first_later_transaction_and_the_shared_apps():
    later = transaction(5, change(TWO, THREE), change(YQ, None))
    last = transaction(6, change(THREE, None))

    with pytest.raises(StateError, match="transaction 5 changed jq, yq after it"):
        undo(UPGRADED, {}, [last, later, UPGRADED, INSTALLED])


def test_a_later_transaction_of_other_apps_or_a_failed_one_does_not_prevent_undo():
    other = transaction(5, change(None, deployment(9, "gh")))

    assert undo(REMOVED, {"yq": YQ}, [other, *PAST]) == [Change("jq", "Install", None, TWO)]


@pytest.mark.parametrize("status", ["Failed", "Started"])
def test_a_transaction_without_effect_cannot_be_undone(status):
    with pytest.raises(StateError) as caught:
        undo(FAILED._replace(status=status), {}, PAST)

    assert caught.value.line == (
        f"applaunch: transaction 4: is {status}: there is nothing to undo; applaunch history list"
    )


def test_a_transaction_is_redone_if_the_state_is_as_before_it():
    assert redo(UPGRADED, {"jq": ONE, "gh": THREE}) == [*UPGRADED.changes]
    assert redo(REMOVED, {"jq": TWO, "yq": YQ}) == [*REMOVED.changes]


def test_redo_changes_the_users_catalog_again():
    added = transaction(1, change(None, ONE, own=(None, TABLE)))

    assert redo(added, {}) == [Change("jq", "Install", None, ONE, (None, TABLE))]


@pytest.mark.parametrize(
    ("now", "message"),
    [
        ({"jq": TWO, "yq": YQ}, "transaction 2: jq is in that state already; applaunch status jq"),
        ({"jq": ONE, "yq": YQ}, "transaction 2: yq is in that state already; applaunch status yq"),
        ({"jq": THREE}, "transaction 2: jq has changed since; applaunch status jq"),
        ({}, "transaction 2: jq has changed since; applaunch status jq"),
    ],
)
def test_redo_is_refused_if_an_app_has_changed(now, message):
    with pytest.raises(StateError) as caught:
        redo(UPGRADED, now)

    assert caught.value.line == f"applaunch: {message}"


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
def test_rollback_restores_any_earlier_state(number, words):
    changes = roll_back_to(number, {"yq": YQ}, PAST)

    assert [(each.app, each.action) for each in changes] == words
    deployed = {"yq": YQ} | {each.app: each.after for each in changes}
    assert {app: each for app, each in deployed.items() if each} == state_after(PAST, number)


def test_rollback_restores_the_users_catalog():
    added = transaction(1, change(None, ONE, own=(None, TABLE)))
    rebased = transaction(2, change(ONE, TWO, own=(TABLE, OTHER), word="Rebase"))
    again = transaction(3, change(TWO, THREE, own=(OTHER, "docker.io/x/jq:3"), word="Rebase"))
    past = [again, rebased, added]

    assert roll_back_to(1, {"jq": THREE}, past) == [Change("jq", "Downgrade", THREE, ONE, ("docker.io/x/jq:3", TABLE))]
    assert roll_back_to(2, {"jq": THREE}, past) == [Change("jq", "Downgrade", THREE, TWO, ("docker.io/x/jq:3", OTHER))]
    assert roll_back_to(0, {"jq": THREE}, past) == [Change("jq", "Remove", THREE, None, ("docker.io/x/jq:3", None))]


def test_an_unchanged_table_of_the_users_catalog_is_not_written():
    there = transaction(2, change(ONE, TWO, own=(TABLE, OTHER), word="Rebase"))
    back = transaction(3, change(TWO, ONE, own=(OTHER, TABLE)))

    assert roll_back_to(1, {"jq": ONE}, [back, there, INSTALLED]) == []


def test_rollback_removes_the_table_of_an_app_that_was_added_and_removed():
    added = transaction(1, change(None, ONE, own=(None, TABLE)))
    removed = transaction(2, change(ONE, None))

    assert roll_back_to(0, {}, [removed, added]) == [Change("jq", "Remove", None, None, (TABLE, None))]


def test_a_failed_transaction_has_no_table_to_restore():
    failed = transaction(2, change(ONE, TWO, own=(TABLE, OTHER), word="Rebase"), status="Failed")

    assert roll_back_to(1, {"jq": ONE}, [failed, INSTALLED]) == []
