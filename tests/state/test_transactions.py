import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from launcher.core.deploy.record import Change, Transaction
from launcher.core.values.duration import iso
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import StateError
from launcher.state.database import open_for_writing
from launcher.state.transactions import Record
from tests.state.conftest import written

NOW = 1795449600.0
ADD = ["applaunch", "add", "jq"]
FOUND = ResolvedImage("sha256:d", "sha256:i", pulled=True, platform="linux/amd64")


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
    number = record.begin(ADD, "ana", now, changes).id
    record.commit(number, now + 1)
    return number


def test_a_transaction_is_started_and_nothing_is_deployed_until_it_is_committed(record, jq):
    number = record.begin(ADD, "ana", NOW, [added(jq)], version="0.1.0").id

    jq = written(record, jq, 1)
    started = Transaction(1, iso(NOW), "", "ana", tuple(ADD), "Started", "0.1.0", (added(jq),))
    assert (number, record.transactions(), record.deployed()) == (1, [started], {})

    record.commit(number, NOW + 5)

    assert record.transaction(1) == started._replace(status="Ok", ended=iso(NOW + 5))
    assert record.deployed() == {"jq": jq}


def test_a_failed_transaction_changes_nothing_and_says_why(record, jq):
    record.fail(record.begin(ADD, "ana", NOW, [added(jq)]).id, NOW + 5, "no such tag\n\udcff")

    assert record.deployed() == {}
    assert (record.transaction(1).status, record.transaction(1).why) == ("Failed", "no such tag\\n\\udcff")


def test_all_changes_of_a_transaction_hold_or_none(record, deployment, jq):
    do(record, added(jq))
    jq = record.deployed()["jq"]
    yq, newer = deployment("yq"), jq._replace(digest="sha256:new", number=0)

    do(record, Change("jq", "Upgrade", jq, newer), added(yq))

    newer, yq = written(record, newer, 2), written(record, yq, 3)
    assert record.deployed() == {"jq": newer, "yq": yq}
    do(record, removed(newer), removed(yq))
    assert record.deployed() == {}
    assert record.transaction(2).changes == (Change("jq", "Upgrade", jq, newer), added(yq))


def test_a_number_is_never_given_twice(record, jq):
    do(record, added(jq))
    do(record, removed(record.deployed()["jq"]))
    with closing(sqlite3.connect(record.path)) as connection, connection:
        connection.execute("DELETE FROM changes")
        connection.execute("DELETE FROM transactions")
        connection.execute("DELETE FROM deployments")

    assert do(record, added(jq)) == 3
    assert record.deployed()["jq"].number == 2


def test_secrets_of_a_command_line_are_not_written_down(record, jq):
    record.begin(["applaunch", "add", "https://ana:s3cret@example.org/c.toml"], "ana", NOW, [added(jq)])

    assert record.transactions()[0].command_line[2] == "https://ana:***@example.org/c.toml"
    assert b"example.org" in Path(record.path + ".lock").read_bytes()
    assert b"s3cret" not in Path(record.path + ".lock").read_bytes()


def test_an_app_that_is_not_what_it_was_taken_for_is_refused_whole(record, deployment, jq):
    do(record, added(jq))
    jq = record.deployed()["jq"]

    for change in (added(jq), removed(jq._replace(digest="sha256:other")), removed(jq._replace(pinned=True))):
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
    do(record, removed(record.deployed()["jq"]), added(deployment("gh")), now=NOW + 200)

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
    settled = written(record, jq, 1).with_image(FOUND)

    assert record.settle("jq", FOUND) == settled
    assert record.deployed() == {"jq": settled}
    assert [each.changes for each in record.transactions()] == [(added(settled),)]


def test_a_digest_that_is_known_stays(record, jq):
    do(record, added(jq))
    first = record.settle("jq", FOUND)

    assert record.settle("jq", ResolvedImage("sha256:second", "sha256:j", pulled=True)) == first
    assert record.settle("jq", FOUND._replace(pulled=False)) == first
    assert record.deployed() == {"jq": first}


def test_a_launch_may_settle_while_its_app_is_being_installed(record, jq):
    number = record.begin(ADD, "ana", NOW, [added(jq)]).id

    assert record.settle("jq", FOUND) is not None
    record.commit(number, NOW)
    assert record.deployed()["jq"].digest == "sha256:d"


def test_what_is_not_deployed_cannot_be_settled(record, jq):
    assert record.settle("jq", FOUND) is None
    record.fail(record.begin(ADD, "ana", NOW, [added(jq)]).id, NOW, "no such tag")
    assert record.settle("jq", FOUND) is None
    do(record, added(jq))
    do(record, removed(record.deployed()["jq"]))
    assert record.settle("jq", FOUND) is None


def test_a_pull_between_two_deployments_settles_the_one_that_is_current(record, jq):
    do(record, added(jq))
    jq = record.deployed()["jq"]
    record.begin(ADD, "ana", NOW, [Change("jq", "Upgrade", jq, jq._replace(image="docker.io/x/jq:2", number=0))])

    record.settle("jq", FOUND)

    newer, older = record.deployments("jq")
    assert (newer.pin, older.pin) == (ResolvedImage(), FOUND)


def test_a_deployment_that_is_about_to_be_current_is_told_its_image(record, jq):
    number = record.begin(ADD, "ana", NOW, [added(jq)]).id

    filled = record.fill(1, FOUND)
    record.commit(number, NOW)

    assert filled == record.deployed()["jq"] == written(record, jq, 1).with_image(FOUND)


def test_an_app_may_go_back_to_a_deployment_that_it_had(record, jq):
    do(record, added(jq))
    first = record.deployed()["jq"]
    do(record, Change("jq", "Upgrade", first, jq._replace(digest="sha256:new", parent=1)))
    second = record.deployed()["jq"]

    do(record, Change("jq", "Downgrade", second, first))

    assert record.deployed() == {"jq": first}
    assert [each.number for each in record.deployments("jq")] == [2, 1]


def test_a_pin_is_the_apps_and_not_the_deployments(record, jq):
    do(record, added(jq))
    first = record.deployed()["jq"]
    held = first._replace(pinned=True)
    do(record, Change("jq", "Pin", first, held))

    assert record.deployed() == {"jq": held}
    assert record.transaction(2).changes == (Change("jq", "Pin", first, held),)
    assert record.deployments() == [first]


def test_what_the_users_catalog_said_is_told_with_the_change(record, jq):
    own = (None, {"image": "docker.io/x/jq", "environment": ["A=1"]})

    do(record, added(jq)._replace(own=own))

    assert record.transaction(1).changes[0].own == own


def test_deployments_are_newest_first_and_stay_when_their_app_is_gone(record, deployment, jq):
    do(record, added(jq), added(deployment("yq")))
    do(record, removed(record.deployed()["jq"]))
    record.fail(record.begin(ADD, "ana", NOW, [added(jq)]).id, NOW, "no")

    assert [(each.app, each.number) for each in record.deployments()] == [("jq", 3), ("yq", 2), ("jq", 1)]
    assert [each.number for each in record.deployments("jq")] == [3, 1]


def test_a_record_is_told_from_others_for_as_long_as_there_is_one(record, tmp_path, jq):
    other = Record(str(tmp_path / "other" / "state.db"), wait=0)
    for each in (record, other):
        do(each, added(jq))

    assert re.fullmatch("[0-9a-f]{6}", record.id())
    assert record.id() == Record(record.path).id() != other.id()
    assert record.deployed()["jq"].tag == f"docker.io/applaunch/jq:1-{record.id()}"
    assert record.deployed()["jq"].tag != other.deployed()["jq"].tag


def test_what_is_kept_is_kept_until_somebody_says_no_and_is_no_transaction(record, jq):
    do(record, added(jq))

    record.keep(1, wanted=True)
    record.keep(1, wanted=True)
    assert record.kept() == {1}
    record.keep(1, wanted=False)
    record.keep(1, wanted=False)
    assert record.kept() == set()
    assert len(record.transactions()) == 1


WANTED = st.none() | st.tuples(st.integers(0, 5), st.booleans())
STEPS = st.lists(
    st.tuples(st.dictionaries(st.sampled_from(["jq", "yq", "gh", "go"]), WANTED, min_size=1), st.booleans()),
    max_size=8,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_what_is_deployed_is_what_the_good_transactions_said(tmp_path_factory, deployment, steps):
    record, model, every = Record(str(tmp_path_factory.mktemp("state") / "state.db"), wait=0), {}, {}
    with open_for_writing(record.path):
        pass  # it is told from others from now on
    for wanted, good in steps:
        asked, after = {}, {}
        for app, meant in wanted.items():
            digest, pinned = meant or ("", False)
            known = every.get((app, digest), deployment(app, digest=f"{digest}"))  # one that was there is gone back to
            asked[app] = after[app] = meant and known._replace(pinned=pinned)
            if meant and not known.number:
                every[app, digest] = written(record, known, len(every) + 1)
                after[app] = every[app, digest]._replace(pinned=pinned)
        changes = [Change(app, "Upgrade", model.get(app), new) for app, new in after.items()]
        number = record.begin(ADD, "ana", NOW, [each._replace(after=asked[each.app]) for each in changes]).id
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
