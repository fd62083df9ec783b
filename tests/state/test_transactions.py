import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from launcher.core.moment import iso
from launcher.core.record import Change, Transaction
from launcher.errors import StateError
from launcher.state.transactions import Record

NOW = 1795449600.0
ADD = ["applaunch", "add", "jq"]


@pytest.fixture
def record(place):
    return Record(place, wait=0)


@pytest.fixture
def jq(deployment):
    return deployment("jq")


def added(deployment):
    return Change(deployment.app, "Install", None, deployment)


def removed(deployment):
    return Change(deployment.app, "Remove", deployment, None)


def do(record, *changes, now=NOW):
    number = record.begin(ADD, "ana", now, changes)
    record.commit(number, now + 1)
    return number


def test_a_transaction_is_started_and_nothing_is_deployed_until_it_is_committed(record, jq):
    number = record.begin(ADD, "ana", NOW, [added(jq)], version="0.1.0")

    started = Transaction(1, iso(NOW), "", "ana", tuple(ADD), "Started", "0.1.0", (added(jq),))
    assert (number, record.transactions(), record.deployed()) == (1, [started], {})

    record.commit(number, NOW + 5)

    assert record.transaction(1) == started._replace(status="Ok", ended=iso(NOW + 5))
    assert record.deployed() == {"jq": jq}


def test_a_failed_transaction_changes_nothing_and_says_why(record, jq):
    record.fail(record.begin(ADD, "ana", NOW, [added(jq)]), NOW + 5, "no such tag\n\udcff")

    assert record.deployed() == {}
    assert (record.transaction(1).status, record.transaction(1).why) == ("Failed", "no such tag\\n\\udcff")


def test_all_changes_of_a_transaction_hold_or_none(record, deployment, jq):
    do(record, added(jq))
    yq, newer = deployment("yq"), jq._replace(digest="sha256:new")

    do(record, Change("jq", "Upgrade", jq, newer), added(yq))

    assert record.deployed() == {"jq": newer, "yq": yq}
    do(record, removed(newer), removed(yq))
    assert record.deployed() == {}
    assert record.transaction(2).changes == (Change("jq", "Upgrade", jq, newer), added(yq))


def test_a_number_is_never_given_twice(record, jq):
    do(record, added(jq))
    do(record, removed(jq))
    with closing(sqlite3.connect(record.path)) as connection, connection:
        connection.execute("DELETE FROM changes")
        connection.execute("DELETE FROM transactions")
        connection.execute("DELETE FROM deployments")

    assert do(record, added(jq)) == 3


def test_secrets_of_a_command_line_are_not_written_down(record, jq):
    record.begin(["applaunch", "add", "https://ana:s3cret@example.org/c.toml"], "ana", NOW, [added(jq)])

    assert record.transactions()[0].command_line[2] == "https://ana:***@example.org/c.toml"
    assert b"example.org" in Path(record.path + ".lock").read_bytes()
    assert b"s3cret" not in Path(record.path + ".lock").read_bytes()


def test_an_app_that_is_not_what_it_was_taken_for_is_refused_whole(record, deployment, jq):
    do(record, added(jq))

    for change in (added(jq), removed(jq._replace(digest="sha256:other"))):
        with pytest.raises(StateError, match="jq: was changed by somebody else meanwhile"):
            record.begin(ADD, "ana", NOW, [added(deployment("yq")), change])
    assert len(record.transactions()) == 1
    assert do(record, removed(jq)) == 2


def test_what_has_ended_cannot_end_again(record, jq):
    number = do(record, added(jq))

    for end in (lambda: record.commit(7, NOW), lambda: record.fail(number, NOW, "no")):
        with pytest.raises(StateError, match="is not under way; applaunch history list"):
            end()
    assert record.transaction(number).status == "Ok"


def test_a_transaction_that_is_not_there_is_named(record):
    with pytest.raises(StateError) as caught:
        record.transaction(7)

    assert caught.value.line == "applaunch: history: no transaction 7; applaunch history list"


def test_history_is_newest_first_and_can_be_narrowed(record, deployment, jq):
    do(record, added(jq), now=NOW)
    do(record, added(deployment("yq")), now=NOW + 100)
    do(record, removed(jq), added(deployment("gh")), now=NOW + 200)

    def numbers(**narrowed):
        return [each.id for each in record.transactions(**narrowed)]

    assert numbers() == [3, 2, 1]
    assert numbers(app="jq") == [3, 1]
    assert numbers(app="nothing") == []
    assert numbers(since=NOW + 100) == [3, 2]
    assert numbers(until=NOW + 100) == [2, 1]
    assert numbers(limit=1) == [3]
    assert numbers(app="jq", until=NOW + 150, limit=5) == [1]
    assert len(record.transactions(app="jq")[0].changes) == 2


def test_the_first_pull_settles_the_digest_everywhere_and_is_no_transaction(record, jq):
    do(record, added(jq))
    settled = jq._replace(digest="sha256:d", image_id="sha256:i", pulled=True)

    assert record.settle("jq", "sha256:d", "sha256:i", pulled=True) == settled
    assert record.deployed() == {"jq": settled}
    assert [each.changes for each in record.transactions()] == [(added(settled),)]


def test_a_digest_that_is_known_stays(record, jq):
    do(record, added(jq))
    first = record.settle("jq", "sha256:first", "sha256:i", pulled=True)

    assert record.settle("jq", "sha256:second", "sha256:j", pulled=True) == first
    assert record.settle("jq", "sha256:first", "sha256:i", pulled=False) == first
    assert record.deployed() == {"jq": first}


def test_a_launch_may_settle_while_its_app_is_being_installed(record, jq):
    number = record.begin(ADD, "ana", NOW, [added(jq)])

    assert record.settle("jq", "sha256:d", "sha256:i", pulled=True) is not None
    record.commit(number, NOW)
    assert record.deployed()["jq"].digest == "sha256:d"


def test_what_is_not_deployed_cannot_be_settled(record, jq):
    assert record.settle("jq", "sha256:d", "sha256:i", pulled=True) is None
    record.fail(record.begin(ADD, "ana", NOW, [added(jq)]), NOW, "no such tag")
    assert record.settle("jq", "sha256:d", "sha256:i", pulled=True) is None
    do(record, added(jq))
    do(record, removed(jq))
    assert record.settle("jq", "sha256:d", "sha256:i", pulled=True) is None


STEPS = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(["jq", "yq", "gh", "go"]), st.none() | st.integers(0, 5), min_size=1),
        st.booleans(),
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_what_is_deployed_is_what_the_good_transactions_said(tmp_path_factory, deployment, steps):
    record, model = Record(str(tmp_path_factory.mktemp("state") / "state.db"), wait=0), {}
    for wanted, good in steps:
        after = {
            app: digest if digest is None else deployment(app, digest=f"{digest}") for app, digest in wanted.items()
        }
        changes = [Change(app, "Upgrade", model.get(app), new) for app, new in after.items()]
        number = record.begin(ADD, "ana", NOW, changes)
        if good:
            record.commit(number, NOW)
            model = {app: new for app, new in (model | after).items() if new is not None}
        else:
            record.fail(number, NOW, "no")

        assert record.deployed() == dict(sorted(model.items()))
        assert record.transaction(number).changes == tuple(changes)
    assert [each.status for each in reversed(record.transactions())] == [
        "Ok" if good else "Failed" for _, good in steps
    ]
