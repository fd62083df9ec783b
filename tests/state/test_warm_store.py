"""The files of the containers that wait: found by their whole key, taken once, and told from what was left."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from launcher.core.run.warm_policy import Idle
from launcher.state import call_pace, warm_store

NOW = 1_000_000.0


def idle(container="c1", reuse="fresh", made=NOW, expires=NOW + 300):
    return Idle(container, "jq", "unix:///s", reuse, made, expires, 7, ("jq",), ("--help",))


@pytest.fixture
def folder(tmp_path):
    return str(tmp_path / "warm")


def test_a_fresh_one_is_taken_once(folder):
    warm_store.add(folder, "key", idle())

    loan = warm_store.borrow(folder, "key", NOW)

    assert loan.idle == idle()
    assert warm_store.borrow(folder, "key", NOW) is None
    assert not warm_store.is_free(loan.path)
    loan.close()
    assert warm_store.is_free(loan.path)


def test_a_shared_one_is_lent_to_all_until_it_is_retired(folder):
    warm_store.add(folder, "key", idle(reuse="shared"))
    first, second = warm_store.borrow(folder, "key", NOW), warm_store.borrow(folder, "key", NOW)
    assert first.idle == second.idle

    warm_store.retire(folder, first.path, "c1")

    path = warm_store.taken_path(folder, "c1")
    assert warm_store.borrow(folder, "key", NOW) is None
    first.close()
    assert not warm_store.is_free(path)
    second.close()
    assert warm_store.is_free(path)


def test_another_key_of_the_same_checksum_finds_nothing(folder, monkeypatch):
    monkeypatch.setattr(warm_store, "crc32", lambda _: 7)
    warm_store.add(folder, "key", idle())

    assert warm_store.borrow(folder, "yek", NOW) is None
    assert warm_store.borrow(folder, "key", NOW)


@pytest.mark.parametrize(("made", "expires", "lent"), [
    (NOW, NOW + 6, True),
    (NOW - 290, NOW + 10, True),
    (NOW - 296, NOW + 4, False),
    (NOW - 5, NOW + 1, False),
    (NOW - 300, NOW - 1, False),
])  # fmt: skip
def test_one_whose_time_is_nearly_over_is_not_lent(folder, made, expires, lent):
    warm_store.add(folder, "key", idle(made=made, expires=expires))

    assert bool(warm_store.borrow(folder, "key", NOW)) is lent


def test_fifty_at_once_take_ten_that_wait_once_each(folder):
    for number in range(10):
        warm_store.add(folder, "key", idle(f"c{number}"))

    with ThreadPoolExecutor(50) as pool:
        loans = list(pool.map(lambda _: warm_store.borrow(folder, "key", NOW), range(50)))

    assert sorted(loan.idle.container for loan in loans if loan) == [f"c{number}" for number in range(10)]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"key": 1}', '{"key": "key", "idle": {"container": "x"}}', "\0" * 99])
def test_a_damaged_file_is_passed_over(folder, text):
    warm_store.add(folder, "key", idle())
    (path,) = [path for path, _ in warm_store.list_idle(folder)]
    Path(path).write_text(text)

    assert warm_store.borrow(folder, "key", NOW) is None


def test_what_a_killed_process_took_is_free(folder):
    warm_store.add(folder, "key", idle())
    program = (
        f"import os, sys; sys.path[:0] = {sys.path!r}\n"
        f"from launcher.state import warm_store\nloan = warm_store.borrow({folder!r}, 'key', {NOW})\n"
        "print(loan.idle.container, flush=True); input()"
    )
    child = subprocess.Popen([sys.executable, "-c", program], stdin=-1, stdout=-1, text=True)
    assert child.stdout.readline() == "c1\n"
    path = warm_store.taken_path(folder, "c1")
    assert not warm_store.is_free(path)

    child.kill()
    child.communicate()

    assert warm_store.is_free(path)


def test_so_many_are_made_at_once_and_no_more(folder):
    makers = [call_pace.lock_maker(folder, "key", 2) for _ in range(3)]

    assert [maker >= 0 for maker in makers] == [True, True, False]
    for maker in makers[:2]:
        os.close(maker)
    again = call_pace.lock_maker(folder, "key", 1)
    assert again >= 0
    os.close(again)


def test_what_is_over_is_tidied_away_and_what_is_in_use_stays(folder):
    warm_store.add(folder, "key", idle("over", expires=NOW - 1))
    warm_store.add(folder, "key", idle("waits"))
    warm_store.add(folder, "other", idle("used", expires=NOW + 10))
    loan = warm_store.borrow(folder, "other", NOW)

    warm_store.remove_expired(folder, NOW + 20)

    assert sorted(each.container for _, each in warm_store.list_idle(folder)) == ["used", "waits"]
    loan.close()


def test_a_folder_that_nobody_waits_in_any_more_goes(folder):
    warm_store.add(folder, "key", idle())
    os.close(call_pace.lock_maker(folder, "key", 1))
    warm_store.borrow(folder, "key", NOW).close()
    for kind in Path(folder).iterdir():
        os.utime(kind, (1, 1))

    warm_store.remove_expired(folder, NOW)

    assert [each.name for each in Path(folder).iterdir()] == ["taken"]
