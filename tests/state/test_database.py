import json
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from launcher.core.deploy.record import Change
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import StateError
from launcher.state.database import open_for_reading, open_for_writing
from launcher.state.database_schema import STEPS, migrate, schema_version
from launcher.state.transactions import Record
from tests.state.conftest import written

NOW = 1795449600.0
FOUND = ResolvedImage("sha256:d", "sha256:i", pulled=True)


@pytest.fixture
def record(place, deployment):
    """A record in which jq is deployed."""
    record = Record(place, wait=0)
    record.commit(record.begin(["applaunch", "add", "jq"], "ana", NOW, [added(deployment("jq"))]).id, NOW)
    return record


def added(deployment):
    return Change(deployment.app, "Install", None, deployment)


def every_way_in(record, change):
    """All that a record can be asked, each a function of nothing."""
    reads = [
        *(record.deployed, record.transactions, record.interrupted, lambda: record.transaction(1)),
        *(record.deployments, record.kept, record.id),
    ]
    writes = [
        lambda: record.begin(["applaunch"], "ana", NOW, [change]),
        lambda: record.commit(1, NOW),
        lambda: record.fail(1, NOW, "no"),
        lambda: record.settle("jq", FOUND),
        lambda: record.fill(1, FOUND),
        lambda: record.keep(1, wanted=True),
    ]
    return [*reads, *writes]


def test_a_database_that_is_not_there_is_an_empty_one_and_reading_makes_none(place):
    record = Record(place)

    assert (record.deployed(), record.transactions(), record.interrupted()) == ({}, [], [])
    assert not Path(place).parent.exists()


def test_a_file_of_no_bytes_is_an_empty_database(place):
    Path(place).parent.mkdir()
    Path(place).touch()

    assert Record(place).deployed() == {}


def test_only_its_owner_reads_it(record):
    files = [Path(record.path), Path(record.path + ".lock"), Path(record.path).parent]

    assert [stat.S_IMODE(each.stat().st_mode) for each in files] == [0o600, 0o600, 0o700]


def test_readers_and_a_writer_do_not_wait_for_each_other(record):
    with open_for_writing(record.path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        connection.execute("DELETE FROM deployed")

        assert list(record.deployed()) == ["jq"]
    assert record.deployed() == {}


def test_a_block_that_fails_leaves_nothing_of_itself(record):
    def half():
        with open_for_writing(record.path) as connection:
            connection.execute("DELETE FROM deployed")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert list(record.deployed()) == ["jq"]


def test_a_path_with_signs_that_mean_something_in_an_address_is_a_path(tmp_path, deployment):
    record = Record(str(tmp_path / "a b?mode=memory#%41" / "state.db"))
    record.begin([], "ana", NOW, [added(deployment("jq"))])

    assert len(record.transactions()) == 1
    assert Path(record.path).exists()


def test_a_database_from_a_newer_version_is_refused_by_name_and_untouched(record, deployment):
    with closing(sqlite3.connect(record.path)) as newer:
        newer.execute("CREATE TABLE wonders (x)")
        newer.execute("PRAGMA user_version = 99")
    before = Path(record.path).read_bytes()

    for way in every_way_in(record, added(deployment("yq"))):
        with pytest.raises(StateError) as caught:
            way()
        assert caught.value.where == record.path
        assert caught.value.what == f"is of a newer applaunch (schema 99; this one knows {len(STEPS)})"
    assert Path(record.path).read_bytes() == before


def test_another_programs_database_is_refused_and_untouched(place, deployment):
    Path(place).parent.mkdir()
    with closing(sqlite3.connect(place)) as foreign:
        foreign.execute("CREATE TABLE transactions (x)")
    before = Path(place).read_bytes()

    for way in every_way_in(Record(place), added(deployment("yq"))):
        with pytest.raises(StateError, match="is another program's database"):
            way()
    assert Path(place).read_bytes() == before


def scribbled(path):
    path.write_bytes(b"not a database at all" * 500)


def cut_short(path):
    path.write_bytes(path.read_bytes()[:5000])


def pages_overwritten(path):
    path.write_bytes(path.read_bytes()[:4096] + b"\xa5" * (path.stat().st_size - 4096))


@pytest.mark.parametrize("harm", [scribbled, cut_short, pages_overwritten])
def test_a_damaged_database_is_one_line_with_its_fix_and_is_kept(record, deployment, harm):
    path = Path(record.path)
    harm(path)
    before = path.read_bytes()

    for way in every_way_in(record, added(deployment("yq"))):
        with pytest.raises(StateError) as caught:
            way()
        assert caught.value.line.startswith(f"applaunch: {path}: is damaged: ")
        assert caught.value.line.endswith("; applaunch doctor --fix")
    assert path.read_bytes() == before


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"app": 3}', "not json"])
def test_a_row_that_is_none_of_ours_is_damage(record, text):
    with open_for_writing(record.path) as connection:
        connection.execute("UPDATE deployments SET value = ?", (text,))

    for read in (record.deployed, record.transactions):
        with pytest.raises(StateError, match="is damaged"):
            read()


def test_a_mistake_in_our_sql_is_no_trouble_of_the_users(record):
    def mistaken():
        with open_for_reading(record.path) as connection:
            connection.execute("SELECT nonsense")

    with pytest.raises(sqlite3.OperationalError, match="no such column"):
        mistaken()


def test_reading_changes_nothing(record):
    def changing():
        with open_for_reading(record.path) as connection:
            connection.execute("DELETE FROM deployed")

    with pytest.raises(StateError, match="readonly database"):
        changing()


def test_an_older_database_gains_the_steps_it_lacks_and_keeps_its_rows():
    steps = [["CREATE TABLE a (x)"], ["CREATE TABLE b (x)", "INSERT INTO b SELECT x FROM a"]]
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, steps[:1])
        connection.execute("INSERT INTO a VALUES (7)")
        migrate(connection, steps)
        migrate(connection, steps)

        assert schema_version(connection) == 2
        assert connection.execute("SELECT x FROM b").fetchall() == [(7,)]


def test_a_record_of_the_first_schema_is_read_and_written_on(place, deployment):
    Path(place).parent.mkdir()
    jq = deployment("jq")
    old = {key: value for key, value in jq.to_dict().items() if key in FIRST}
    with closing(sqlite3.connect(place, isolation_level=None)) as connection:
        migrate(connection, STEPS[:1])
        connection.execute("INSERT INTO transactions VALUES (1, 'then', 'then', 'ana', '[]', 'Ok', '0.1.0', '')")
        connection.execute("INSERT INTO deployments VALUES (7, 'jq', ?)", (json.dumps(old),))
        connection.execute("INSERT INTO changes VALUES (1, 0, 'jq', 'Install', NULL, 7)")
        connection.execute("INSERT INTO deployed VALUES ('jq', 7)")
    record = Record(place, wait=0)

    jq = jq._replace(number=7)
    assert record.deployed() == {"jq": jq}
    assert record.transaction(1).changes == (added(jq),)
    number = record.begin([], "ana", NOW, [Change("jq", "Pin", jq, jq._replace(pinned=True))]).id
    record.commit(number, NOW)
    assert record.deployed() == {"jq": jq._replace(pinned=True)}


FIRST = ("app", "image", "digest", "image_id", "pulled", "source", "entry_hash", "commands", "created")


def opened_to_all(record, shelf):
    """Copy a record, with what lies beside it, to where others may read and not write."""
    for each in Path(record.path).parent.iterdir():
        copy = Path(shutil.copy(each, shelf))
        copy.chmod(0o444)
    shelf.chmod(0o555)
    return Record(str(shelf / "state.db"), wait=0)


def test_a_folder_that_cannot_be_written_can_be_read(record, deployment, shelf, without_rights):
    copy = opened_to_all(record, shelf)

    def look():
        assert copy.deployed() == {"jq": written(copy, deployment("jq"), 1)}
        assert [each.status for each in copy.transactions()] == ["Ok"]
        assert copy.interrupted() == []

    without_rights(look)
    assert sorted(each.name for each in shelf.iterdir()) == ["state.db", "state.db.lock"]


def test_what_a_killed_writer_left_in_its_log_can_be_read_where_nothing_can_be_written(
    record, deployment, shelf, without_rights
):
    with open_for_writing(
        record.path
    ) as connection:  # held open, so that the log of the next commit stays beside the file
        connection.execute("ROLLBACK")
        record.settle("jq", FOUND)
        copy = opened_to_all(record, shelf)
        connection.execute("BEGIN")
    assert (shelf / "state.db-wal").stat().st_size > 0

    def look():
        assert copy.deployed() == {"jq": written(copy, deployment("jq"), 1).with_image(FOUND)}

    without_rights(look)


def test_a_folder_that_cannot_be_written_refuses_a_writer_with_one_line(record, deployment, shelf, without_rights):
    copy = opened_to_all(record, shelf)

    def write():
        with pytest.raises(StateError, match=f"cannot be written: Permission denied; .*ls -ld {shelf}$"):
            copy.begin(["applaunch"], "ana", NOW, [added(deployment("yq"))])
        with pytest.raises(StateError, match="cannot be written: Permission denied"):
            copy.settle("jq", FOUND)

    without_rights(write)


def test_a_folder_that_may_not_be_entered_is_not_taken_for_an_empty_record(shelf, without_rights):
    shelf.joinpath("locked").mkdir(mode=0)

    def look():
        with pytest.raises(StateError, match="cannot be read: Permission denied"):
            Record(f"{shelf}/locked/state.db").deployed()

    without_rights(look)


def test_a_path_that_begins_with_two_slashes_is_one_path(place):
    with open_for_writing(f"/{place}") as connection:
        connection.execute("CREATE TABLE mine (x)")

    with open_for_reading(place) as connection:
        assert connection.execute("SELECT count(*) FROM mine").fetchone() == (0,)
