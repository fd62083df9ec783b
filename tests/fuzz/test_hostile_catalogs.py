"""Hostile catalogs and lines start nothing; and what looks for that would see it."""

import os
import socket
import subprocess
import sys

import pytest

from launcher.core.catalog.keys import KEYS
from tests.fuzz import fuzz_catalogs, guard


@pytest.fixture(scope="module", autouse=True)
def _all_is_loaded():
    guard.load_everything()


@pytest.mark.parametrize("seed", range(3))
def test_a_few_hundred_hostile_catalogs_start_nothing(seed, tmp_path):
    found, troubles = zip(*fuzz_catalogs.examples(seed, 100, str(tmp_path)), strict=True)
    counts = sum(found, start=type(found[0])())

    assert not [each for each in troubles if each]
    assert {"plans", "launch files", "exports", "proposals", "catalogs refused"} <= {*counts}


ACTS = {
    "subprocess.Popen": lambda: subprocess.run(["true"], check=False),
    "os.system": lambda: os.system("true"),
    "os.exec": lambda: os.execv("/bin/true", ["true"]),
    "os.posix_spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "os.fork": lambda: os._exit(0) if os.fork() == 0 else None,
    "socket.": lambda: socket.socket().close(),
    "import": lambda: __import__("this_is_no_module"),
    "compile": lambda: compile("1", "x", "eval"),
    "exec": lambda: exec((lambda: None).__code__),
    "open": lambda: open("/etc/hostname").close(),
    "os.mkdir": lambda: os.mkdir("/tmp/applaunch-guard"),
    "os.rename": lambda: os.rename("/tmp/applaunch-guard", "/tmp/applaunch-guard-2"),
    "ctypes.": lambda: sys.audit("ctypes.dlopen", "libc.so.6"),
}


@pytest.mark.parametrize("event", ACTS)
def test_an_act_under_the_guard_is_caught_before_it_is_done(event, tmp_path):
    with pytest.raises(guard.Started, match=rf"^{event}"), guard.Guard(str(tmp_path)):
        ACTS[event]()


def test_below_its_own_folder_alone_a_file_may_be_written(tmp_path):
    own, other = tmp_path / "own", tmp_path / "own-not"
    own.mkdir()

    with guard.Guard(str(own)):
        (own / "x").write_text("")
        (own / "x").rename(own / "y")
        for path in (other, own / ".." / "z"):
            with pytest.raises(guard.Started):
                path.write_text("")

    assert sorted(each.name for each in tmp_path.rglob("*")) == ["own", "y"]


def test_when_the_guard_is_gone_all_is_as_before():
    with guard.Guard():
        pass

    assert subprocess.run(["true"], check=False).returncode == 0


@pytest.mark.parametrize(
    "defect",
    [lambda text: os.system(f"true {text!r}"), lambda text: compile(text, "x", "exec"), lambda text: {}[text]],
    ids=["runs", "compiles", "breaks"],
)
def test_a_reader_that_does_more_than_read_is_told_with_its_example(defect, tmp_path, monkeypatch):
    monkeypatch.setitem(KEYS, "hostname", KEYS["hostname"]._replace(parse=lambda text: defect(text) and ""))

    troubles = [trouble for _, trouble in fuzz_catalogs.examples(1, 120, str(tmp_path)) if trouble]

    assert troubles
    assert all(each.startswith("1/") for each in troubles)
