import json
import os
import resource
import signal
import stat
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.state.journal import BLOCK, LONGEST, Run, append, prune, read


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


NOON = at("2026-11-23T12:00")
DAY = 86400
JQ = Run(NOON, "jq", "jq", "sha256:d", 0, 0.25, "/home/ana")

COUNTER = Path("/proc/self/io")
counted = pytest.mark.skipif(not COUNTER.exists(), reason="only Linux counts what a process reads and writes")

FLOATS = st.floats(min_value=0, max_value=4e9)
RUNS = st.builds(
    Run,
    FLOATS,
    st.text(),
    st.text(),
    st.text(),
    st.integers(0, 255),
    st.floats(0, 1e6),
    st.text(),
    st.none() | st.lists(st.text(st.characters())).map(tuple),
)


def listed(folder):
    return sorted(each.name for each in Path(folder).iterdir())


@pytest.fixture
def runs(tmp_path):
    return str(tmp_path / "state" / "runs")


@given(st.lists(RUNS, max_size=5))
def test_what_was_appended_is_read(tmp_path_factory, given_runs):
    folder = str(tmp_path_factory.mktemp("runs"))

    assert all(append(folder, run) for run in given_runs)
    assert sorted(read(folder), key=repr) == sorted(given_runs, key=repr)


def test_an_argument_that_is_no_utf8_comes_back_as_it_was(runs):
    run = JQ._replace(args=(os.fsdecode(b"\xff\n"), "", '{"time":'), cwd=os.fsdecode(b"/home/\xe9"))

    append(runs, run)

    assert list(read(runs)) == [run]


def test_a_run_is_one_json_line_of_its_month_that_only_its_owner_reads(runs):
    append(runs, JQ)

    file = Path(runs, "2026-11.jsonl")
    assert json.loads(file.read_text()) == JQ._asdict()
    assert file.read_text().endswith("}\n")
    assert [stat.S_IMODE(each.stat().st_mode) for each in (file, file.parent, file.parent.parent)] == [
        0o600,
        0o700,
        0o700,
    ]


def test_a_run_belongs_to_the_month_that_it_ended_in(runs):
    append(runs, JQ._replace(time=at("2026-11-30T23:59"), seconds=120.0))

    assert listed(runs) == ["2026-12.jsonl"]


def test_the_last_to_end_comes_first_over_months(runs):
    days = [JQ._replace(time=NOON + day * DAY) for day in range(-70, 0, 7)]
    for run in days:
        append(runs, run)

    assert len(listed(runs)) > 2
    assert list(read(runs)) == days[::-1]


def test_since_leaves_out_what_had_ended_before(runs):
    began_before = JQ._replace(time=NOON - 100, seconds=200.0)
    for run in (JQ._replace(time=NOON - 40 * DAY), JQ._replace(time=NOON - 1000), JQ._replace(time=NOON - 1)):
        append(runs, run)
    append(runs, began_before)

    assert list(read(runs, since=NOON)) == [began_before]


def test_an_app_has_its_own_runs(runs):
    yq = JQ._replace(app="yq")
    for run in (JQ, yq, JQ):
        append(runs, run)

    assert list(read(runs, app="yq")) == [yq]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"\xff\xfe\x00",
        b"not json",
        b'{"time":1}',
        b'{"time":"then","app":"a","command":"a","digest":"","exit_code":0,"seconds":1,"cwd":"/"}',
        b'{"time":1,"app":3,"command":"a","digest":"","exit_code":0,"seconds":1,"cwd":"/"}',
        b'{"time":1,"app":"a","command":"a","digest":"","exit_code":null,"seconds":1,"cwd":"/"}',
        b'{"time":1,"app":"a","command":"a","digest":"","exit_code":0,"seconds":1,"cwd":"/","args":7}',
        b'{"time":1,"app":"a","command":"a","digest":"","exit_code":0,"seconds":1,"cwd":"/","runtime":7}',
        b'{"time":' + b"[" * 50_000,
        b"x" * (5 * BLOCK),
    ],
)
def test_a_line_that_is_none_of_ours_is_passed_over(runs, line):
    append(runs, JQ)
    with Path(runs, "2026-11.jsonl").open("ab") as file:
        file.write(line + b"\n")
    append(runs, JQ)

    assert list(read(runs)) == [JQ, JQ]


def test_a_torn_line_takes_no_other_with_it(runs):
    append(runs, JQ)
    file = Path(runs, "2026-11.jsonl")
    with file.open("ab") as torn:
        torn.write(file.read_bytes()[:40])
    append(runs, JQ._replace(app="yq"))

    assert [run.app for run in read(runs)] == ["yq", "jq"]


def test_a_key_of_a_later_version_is_left_out(runs):
    append(runs, JQ)
    file = Path(runs, "2026-11.jsonl")
    file.write_text(file.read_text().replace("}", ',"energy":3}'))

    assert list(read(runs)) == [JQ]


def test_arguments_that_are_too_long_are_dropped_with_a_mark(runs):
    append(runs, JQ._replace(args=("x" * LONGEST,)))

    assert list(read(runs)) == [JQ._replace(cut=True)]


def test_a_strangers_file_is_neither_read_nor_pruned(runs):
    append(runs, JQ)
    for name in ("notes.txt", "2026-11.jsonl.old", "1999-1.jsonl", "abcd-ef.jsonl", "0000-00"):
        Path(runs, name).write_text("mine")

    assert list(read(runs)) == [JQ]
    assert prune(runs, 0, NOON + 400 * DAY) == [f"{runs}/2026-11.jsonl"]
    assert len(listed(runs)) == 5


def test_only_months_that_lie_wholly_too_far_back_are_pruned(runs):
    for month in ("2026-08", "2026-09", "2026-10", "2026-11"):
        append(runs, JQ._replace(time=at(f"{month}-30T12:00")))

    prune(runs, 60 * DAY, at("2026-11-30T13:00"))  # 60 days back is the first of October

    assert listed(runs) == ["2026-10.jsonl", "2026-11.jsonl"]


def test_where_there_are_no_runs_there_is_nothing_to_read_or_prune(runs):
    assert list(read(runs)) == []
    assert prune(runs, 0, NOON) == []


def test_twenty_processes_lose_no_run_and_tear_no_line(runs, at_once):
    def run_often(number):
        for each in range(200):
            assert append(runs, JQ._replace(app=f"app{number}", exit_code=each % 256, args=("x" * 50 * number,)))

    at_once(run_often, 20)

    lines = Path(runs, "2026-11.jsonl").read_bytes().splitlines()
    assert len(lines) == 4000
    for number in range(20):
        assert [run.exit_code for run in read(runs, app=f"app{number}")] == list(range(199, -1, -1))
    assert all(json.loads(line)["args"] == ["x" * 50 * int(json.loads(line)["app"][3:])] for line in lines)


def so_far(what):
    counts = dict(line.split(": ") for line in COUNTER.read_text().splitlines())
    return int(counts[what])


@counted
def test_a_run_is_one_write(runs):
    before = so_far("syscw")
    append(runs, JQ._replace(args=("x" * (LONGEST - 500),)))

    assert so_far("syscw") - before == 1


@counted
def test_the_newest_of_a_hundred_thousand_runs_are_read_alone(runs):
    append(runs, JQ)
    file = Path(runs, "2026-11.jsonl")
    line = file.read_text()
    file.write_text("".join(line.replace(str(NOON), str(NOON + each)) for each in range(100_000)))

    before = so_far("rchar")
    newest = list(islice(read(runs), 100))
    late = list(read(runs, since=NOON + 99_900))
    took = so_far("rchar") - before

    assert [run.time - NOON for run in newest] == list(range(99_999, 99_899, -1))
    assert late == newest
    assert took < 5 * BLOCK < file.stat().st_size / 20
    times = [run.time for run in read(runs)]
    assert len(times) == 100_000
    assert all(later > earlier for later, earlier in pairwise(times))


def test_a_folder_that_cannot_be_written_is_no_trouble_to_the_launch(shelf, without_rights):
    shelf.chmod(0o555)

    def launch():
        assert append(f"{shelf}/runs", JQ) is False
        assert list(read(f"{shelf}/runs")) == []

    without_rights(launch)


@pytest.mark.parametrize("place", ["file", "file/deeper"])
def test_a_file_in_the_place_of_the_folder_is_no_trouble_to_the_launch(tmp_path, place):
    (tmp_path / "file").write_text("")

    assert append(f"{tmp_path}/{place}", JQ) is False


def test_a_full_disk_is_no_trouble_to_the_launch_and_tears_one_line_at_most(without_rights, shelf):
    shelf.chmod(0o777)

    def launch():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
        assert append(f"{shelf}/runs", JQ) is True
        while append(f"{shelf}/runs", JQ):
            pass
        assert append(f"{shelf}/runs", JQ) is False
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        whole = len(list(read(f"{shelf}/runs")))
        assert append(f"{shelf}/runs", JQ) is True
        assert len(list(read(f"{shelf}/runs"))) == whole + 1

    without_rights(launch)
