import os
import resource
import signal

import pytest

from launcher.core.deploy.record import Change
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import StateError
from launcher.state.database import open_for_writing
from launcher.state.transactions import Record
from tests.state.conftest import written

NOW = 1795449600.0
ADD = ["applaunch", "add", "jq"]
PATIENT = 60.0


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


def test_a_second_writer_is_told_who_the_first_is(record, place, deployment, jq):
    record.begin(ADD, "ana", NOW, [added(jq)])

    with pytest.raises(StateError) as caught:
        Record(place, wait=0.05).begin(["applaunch", "add", "yq"], "ana", NOW, [added(deployment("yq"))])
    assert caught.value.line == (
        f"applaunch: {place}.lock: held by applaunch add jq (pid {os.getpid()}); wait for it to end, and try again"
    )


@pytest.mark.parametrize("end", ["commit", "fail"])
def test_the_end_of_a_transaction_lets_the_next_writer_in(record, place, deployment, jq, end):
    number = record.begin(ADD, "ana", NOW, [added(jq)]).id
    record.commit(number, NOW) if end == "commit" else record.fail(number, NOW, "no")

    assert do(Record(place, wait=0), added(deployment("yq"))) == 2


def test_what_was_read_alone_holds_until_the_end(record, place, deployment, jq):
    other = Record(place, wait=0)

    with record.alone(["applaunch", "add", "jq"]):
        with pytest.raises(StateError, match="held by applaunch add jq"):
            do(other, added(jq))
        do(record, added(jq))
        with pytest.raises(StateError, match="held by applaunch add jq"):
            do(other, added(deployment("yq")))
        do(record, removed(record.deployed()["jq"]))
    do(other, added(deployment("yq")))

    assert [each.id for each in record.transactions()] == [3, 2, 1]


def test_a_refused_plan_lets_the_next_writer_in(record, place, jq):
    with pytest.raises(StateError, match="was changed"):
        record.begin(ADD, "ana", NOW, [removed(jq)])

    assert do(Record(place, wait=0), added(jq)) == 1


def test_a_writer_that_is_under_way_is_not_interrupted(record, place, jq):
    number = record.begin(ADD, "ana", NOW, [added(jq)]).id

    assert record.interrupted() == Record(place).interrupted() == []
    record.commit(number, NOW)
    assert record.interrupted() == []


def test_two_concurrent_adds_both_succeed(place, deployment, at_once):
    def add(number):
        app = ("jq", "yq")[number]
        do(Record(place, wait=PATIENT), added(deployment(app)))

    at_once(add, 2)

    assert list(Record(place).deployed()) == ["jq", "yq"]


def test_eight_writers_at_once_lose_nothing(place, deployment, at_once):
    def work(number):
        record = Record(place, wait=PATIENT)
        for each in range(6):
            do(record, added(deployment(f"app{number}-{each}")))
            assert (
                record.settle(f"app{number}-{each}", ResolvedImage(f"sha256:{each}", "sha256:i", pulled=True))
                is not None
            )

    at_once(work, 8)

    record = Record(place)
    assert {app: each.digest for app, each in record.deployed().items()} == {
        f"app{number}-{each}": f"sha256:{each}" for number in range(8) for each in range(6)
    }
    assert [(each.id, each.status) for each in record.transactions()] == [(id_, "Ok") for id_ in range(48, 0, -1)]
    assert [each.number for each in record.deployments()] == [*range(48, 0, -1)]


def test_eight_writers_of_one_app_are_one_after_the_other(place, jq, at_once):
    def work(number):
        record = Record(place, wait=PATIENT)
        for each in range(4):
            with record.alone(["applaunch", "upgrade", "jq"]):
                was = record.deployed().get("jq")
                newer = jq._replace(digest=f"sha256:{number}-{each}")
                do(record, Change("jq", "Upgrade" if was else "Install", was, newer))

    at_once(work, 8)

    changes = [each.changes[0] for each in reversed(Record(place).transactions())]
    assert len(changes) == 32
    assert [each.before for each in changes[1:]] == [each.after for each in changes[:-1]]


@pytest.mark.parametrize("end", ["commit", "fail"])
def test_a_writer_that_is_killed_leaves_a_started_row_and_no_lock(record, deployment, jq, killed, end):
    def somebody_is_at_it():
        assert [each.status for each in record.transactions()] == ["Started"]
        assert record.interrupted() == []

    killed(lambda: record.begin(ADD, "ana", NOW, [added(jq)]), somebody_is_at_it)

    assert [(each.id, each.mark) for each in record.interrupted()] == [(1, "*")]
    assert do(record, added(deployment("yq"))) == 2
    with record.alone(["applaunch", "doctor", "--fix"]):
        assert [each.id for each in record.interrupted()] == [1]
        record.commit(1, NOW) if end == "commit" else record.fail(1, NOW, "interrupted")
    assert record.interrupted() == []
    assert list(record.deployed()) == (["jq", "yq"] if end == "commit" else ["yq"])


def test_an_interrupted_transaction_cannot_undo_what_came_after_it(record, jq, killed):
    killed(lambda: record.begin(ADD, "ana", NOW, [added(jq)]))
    later = jq._replace(digest="sha256:later")
    do(record, added(later))

    with pytest.raises(StateError, match="jq: was changed by somebody else meanwhile"):
        record.commit(1, NOW)
    record.fail(1, NOW, "interrupted")
    assert record.deployed() == {"jq": written(record, later, 2)}


def test_a_writer_that_is_killed_inside_a_write_leaves_nothing_of_it(record, deployment, jq, killed):
    do(record, added(jq))

    def half():
        inside = open_for_writing(record.path)
        connection = inside.__enter__()
        connection.execute("DELETE FROM deployed")
        connection.execute("PRAGMA cache_spill = 1")
        keep.append((inside, connection))

    keep = []
    killed(half)

    assert record.deployed() == {"jq": written(record, jq, 1)}
    assert do(record, added(deployment("yq"))) == 2


def test_a_full_disk_is_one_line_and_leaves_what_was(shelf, jq, deployment, without_rights):
    shelf.chmod(0o777)
    many = [added(deployment(f"app{number}")) for number in range(500)]

    def work():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        record = Record(f"{shelf}/state/state.db", wait=0)
        do(record, added(jq))
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, resource.RLIM_INFINITY))
        with pytest.raises(StateError) as caught:
            record.begin(ADD, "ana", NOW, many)
        assert caught.value.where == record.path
        assert str(shelf) in caught.value.fix
        assert record.deployed() == {"jq": written(record, jq, 1)}
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert do(record, *many) == 2

    without_rights(work)
