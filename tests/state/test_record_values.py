import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.core.deploy.record import Action, Change, Command, Deployment, Transaction
from launcher.core.values.resolved_image import ResolvedImage

WORDS = st.text(max_size=12)
COMMANDS = st.builds(Command, WORDS, WORDS, WORDS)
TABLES = st.dictionaries(WORDS, WORDS | st.integers() | st.lists(WORDS, max_size=2), max_size=3)
DEPLOYMENTS = st.builds(
    Deployment,
    WORDS,
    WORDS,
    WORDS,
    WORDS,
    st.booleans(),
    WORDS,
    WORDS,
    st.lists(COMMANDS, max_size=3).map(tuple),
    WORDS,
    number=st.integers(0),
    tag=WORDS,
    parent=st.integers(0),
    loaded=st.booleans(),
    platform=WORDS,
    recipe=WORDS,
    entries=TABLES,
    published=st.lists(st.tuples(WORDS, WORDS, TABLES).map(list), max_size=2).map(tuple),
    own=st.none() | WORDS | TABLES,
    pinned=st.booleans(),
)
ACTIONS = st.sampled_from(get_args(Action))
OWNS = st.none() | st.tuples(st.none() | WORDS | TABLES, st.none() | TABLES)
CHANGES = st.builds(Change, WORDS, ACTIONS, st.none() | DEPLOYMENTS, st.none() | DEPLOYMENTS, OWNS)
TRANSACTIONS = st.builds(
    Transaction,
    st.integers(),
    WORDS,
    WORDS,
    WORDS,
    st.lists(WORDS, max_size=3).map(tuple),
    st.sampled_from(["Started", "Ok", "Failed"]),
    WORDS,
    st.lists(CHANGES, max_size=3).map(tuple),
    WORDS,
)
EMPTY = Transaction(1, "2026-11-23T16:00:00Z", "", "ana", ("applaunch", "add", "jq"), "Started", "0.1.0", ())


@given(DEPLOYMENTS)
def test_a_deployment_survives_json(deployment):
    assert Deployment.from_dict(json.loads(json.dumps(deployment.to_dict()))) == deployment


@given(TRANSACTIONS)
def test_a_transaction_survives_json(transaction):
    assert Transaction.from_dict(json.loads(json.dumps(transaction.to_dict()))) == transaction


def test_a_deployment_of_an_earlier_version_lacks_what_was_not_known_then(deployment):
    value = deployment("jq").to_dict()
    for later in Deployment._field_defaults:
        del value[later]

    assert Deployment.from_dict(value) == deployment("jq")


def test_a_deployment_is_held_on_an_image_and_tells_which(deployment):
    found = ResolvedImage("sha256:d", "sha256:i", pulled=True, loaded=True, platform="linux/arm64")

    assert deployment("jq").with_image(found).pin == found
    assert deployment("jq").pin == ResolvedImage()


def test_what_a_later_version_added_is_left_out(deployment):
    value = deployment("jq").to_dict() | {"kept": True}

    assert Deployment.from_dict(value) == deployment("jq")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"app": None}, "app of a deployment is None"),
        ({"pulled": 1}, "pulled of a deployment is 1"),
        ({"commands": "jq"}, "'commands' is not a list"),
        ({"commands": [{"name": "jq"}]}, "a command lacks shim, target"),
        ({"commands": [3]}, "3 is not a command"),
    ],
)
def test_a_value_that_is_no_deployment_says_why(deployment, wrong, said):
    with pytest.raises(ValueError, match=said):
        Deployment.from_dict(deployment("jq").to_dict() | wrong)


def test_an_action_or_a_status_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="status of a transaction is 'Odd'"):
        Transaction.from_dict(EMPTY.to_dict() | {"status": "Odd"})


def test_actions_are_named_once_each_in_their_order(deployment):
    jq, yq = deployment("jq"), deployment("yq")
    changes = (Change("jq", "Install", None, jq), Change("yq", "Remove", yq, None), Change("gh", "Install", None, jq))

    transaction = EMPTY._replace(changes=changes)

    assert (transaction.actions, transaction.altered) == ("Install, Remove", 3)


@pytest.mark.parametrize(("status", "mark"), [("Started", "*"), ("Failed", "#"), ("Ok", "")])
def test_the_mark_is_dnfs(status, mark):
    assert EMPTY._replace(status=status).mark == mark
