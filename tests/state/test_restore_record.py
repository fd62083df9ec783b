import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from launcher.core.deploy.record import Change
from launcher.errors import StateError
from launcher.state.database import open_for_writing
from launcher.state.restore_record import Restored, replace_record
from launcher.state.salvage import Salvaged, read_salvageable
from launcher.state.transactions import Record

NOW = 1795449600.0
FIX = ["applaunch", "doctor", "--fix"]


@pytest.fixture
def record(place, deployment):
    """A record of two deployments of jq; the first of them is kept."""
    record = Record(place, wait=0)
    for _ in range(2):
        now = record.deployed().get("jq")
        record.commit(record.begin([], "ana", NOW, [Change("jq", "Upgrade", now, deployment("jq"))]).id, NOW)
    record.keep(1, wanted=True)
    return record


def scribbled(path):
    path.write_bytes(b"not a database at all" * 500)


def a_row_is_none_of_ours(path):
    with open_for_writing(str(path)) as connection:
        connection.execute("UPDATE deployments SET value = 'scribble'")


def installed(deployment):
    return Change(deployment.app, "Install", None, deployment)


def test_what_can_still_be_read_of_a_damaged_record_is_known(record):
    own = record.id()
    a_row_is_none_of_ours(Path(record.path))

    found = read_salvageable(record.path)

    assert found._replace(transactions=(), changes=()) == Salvaged(
        own, deployment=2, transaction=2, kept=frozenset({1})
    )
    assert [each["id"] for each in found.transactions] == [1, 2]


def test_of_a_record_that_is_no_database_nothing_is_known(record):
    scribbled(Path(record.path))

    assert read_salvageable(record.path) == Salvaged()


@pytest.mark.parametrize("scribble", ["'much'", "-3", "99999999999999", "NULL", "2.5"])
def test_a_number_that_cannot_be_one_is_not_believed(record, scribble):
    with closing(sqlite3.connect(record.path)) as connection, connection:
        connection.execute(f"UPDATE sqlite_sequence SET seq = {scribble} WHERE name = 'deployments'")

    assert read_salvageable(record.path).deployment == 0


@pytest.mark.parametrize("scribble", ["'a b'", "3", "'; DROP'", "x'1a2b3c'"])
def test_an_id_that_cannot_be_one_is_not_believed(record, scribble):
    with closing(sqlite3.connect(record.path)) as connection, connection:
        connection.execute(f"UPDATE record SET id = {scribble}")

    assert read_salvageable(record.path).record == ""


@pytest.mark.parametrize("harm", [scribbled, a_row_is_none_of_ours])
def test_the_new_record_is_in_place_and_the_old_one_beside_it(record, deployment, harm):
    path = Path(record.path)
    harm(path)
    before = path.read_bytes()
    first, jq = deployment("jq", number=5), deployment("jq", number=7, parent=5, pinned=True)

    replace_record(
        record.path, f"{path}.damaged-1", Restored([first, jq], [installed(jq)], Salvaged()), FIX, "ana", NOW, "1"
    )

    assert record.deployed() == {"jq": jq}
    assert record.deployments() == [jq._replace(pinned=False), first]
    (transaction,) = record.transactions()
    assert (transaction.status, transaction.command_line, transaction.user) == ("Ok", tuple(FIX), "ana")
    assert Path(f"{path}.damaged-1").read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir() if each.name.endswith(".new")] == []


@pytest.mark.parametrize(
    ("numbers", "highest", "following"), [([5, 7], 0, 8), ([5], 9, 10), ([], 3, 4), ([], 0, 1), ([5], 2, 6)]
)
def test_a_number_that_was_given_before_is_never_given_again(record, deployment, numbers, highest, following):
    scribbled(Path(record.path))
    known = [deployment("jq", number=number) for number in numbers]

    replace_record(
        record.path,
        f"{record.path}.old",
        Restored(known, [], Salvaged("", highest, transaction=4)),
        FIX,
        "ana",
        NOW,
        "",
    )

    assert record.begin([], "ana", NOW, [installed(deployment("yq"))]).id == 5
    assert record.deployments()[0].number == following


def test_one_whose_number_nobody_knows_is_given_a_new_one(record, deployment):
    scribbled(Path(record.path))
    jq, yq = deployment("jq", number=7), deployment("yq")
    restored = Restored([jq], [installed(yq), installed(jq)], Salvaged(deployment=9))

    replace_record(record.path, f"{record.path}.old", restored, FIX, "ana", NOW, "")

    assert {app: each.number for app, each in record.deployed().items()} == {"jq": 7, "yq": 10}


def test_tags_are_this_records_as_before(record, deployment):
    scribbled(Path(record.path))
    jq, yq = deployment("jq", number=7, tag="docker.io/applaunch/jq:7-1a2b3c"), deployment("yq")
    restored = Restored([jq], [installed(jq), installed(yq)], Salvaged("1a2b3c"))

    replace_record(record.path, f"{record.path}.old", restored, FIX, "ana", NOW, "")

    assert record.id() == "1a2b3c"
    assert [each.tag for each in record.deployments()] == ["docker.io/applaunch/yq:8-1a2b3c", jq.tag]


def test_what_was_kept_is_kept_where_it_is_still_known(record, deployment):
    scribbled(Path(record.path))
    restored = Restored([deployment("jq", number=7)], [], Salvaged(kept=frozenset({7, 8})))

    replace_record(record.path, f"{record.path}.old", restored, FIX, "ana", NOW, "")

    assert record.kept() == {7}


def test_what_a_log_of_the_old_record_holds_does_not_come_back(record, deployment):
    with open_for_writing(record.path) as connection:  # held open, so that its log stays beside it
        connection.execute("ROLLBACK")
        record.keep(2, wanted=True)
        assert Path(record.path + "-wal").stat().st_size > 0
        jq = deployment("jq", number=7)
        replace_record(
            record.path, f"{record.path}.old", Restored([jq], [installed(jq)], Salvaged()), FIX, "ana", NOW, ""
        )
        connection.execute("BEGIN")

    assert (record.deployed(), record.kept()) == ({"jq": jq}, set())
    assert Path(record.path + ".old-wal").exists()


def test_where_it_cannot_be_made_the_damaged_one_stays(shelf, deployment, without_rights):
    (shelf / "state.db").write_bytes(b"not a database at all")
    jq = deployment("jq", number=7)

    def restore():
        with pytest.raises(StateError, match="cannot be written: Permission denied"):
            replace_record(
                f"{shelf}/state.db", f"{shelf}/old", Restored([jq], [installed(jq)], Salvaged()), FIX, "ana", NOW, ""
            )

    without_rights(restore)
    assert [each.name for each in shelf.iterdir()] == ["state.db"]
