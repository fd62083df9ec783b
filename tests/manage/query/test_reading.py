"""Commands that only read write nothing: the record stays as it is, byte for byte, and is known to be incomplete."""

import json
import os

import pytest

from launcher.cli.dispatch import run
from launcher.manage.apps import add
from launcher.manage.apps.add import AddRequest
from launcher.manage.context import Context
from launcher.run.find_image import hold_image, pull_image
from launcher.run.lookup import find_command

IMAGE = "docker.io/library/a:1"
READING = [
    "list",
    "search",
    "info a",
    "which a",
    "permissions",
    "status",
    "log a",
    "history",
    "history info 1",
    "runs",
    "outdated",
    "upgrade --check",
    "upgrade --dry-run",
    "export a",
    "config",
    "remote list",
    "run --dry-run a",
]


@pytest.fixture
def called(world):
    """An app that was called once since it was added: its launch file knows its image, and the record does not yet."""
    world.registry.publish(IMAGE, "a 1")
    world.catalog(f'[apps.a]\nimage = "{IMAGE}"\n')
    add.add_apps(world.context("add", "a"), AddRequest(("a",)))
    context = world.context("a")
    known = find_command("a", world.places, world.home)
    hold_image(known, pull_image(context.engine(), "a", IMAGE, context.call), context.engine())
    world.registry.publish(IMAGE, "a 2")
    return world


@pytest.fixture
def typed(called, monkeypatch, capfd):
    """Type a command, and return its exit code and what it printed."""

    def type_in(line):
        monkeypatch.setattr(Context, "open", lambda: called.context(*line.split()))
        code = run(line.split())
        return code, capfd.readouterr().out

    return type_in


def state(world):
    """Return every file that applaunch has written in this home, with its time; not SQLite's notes of who reads."""
    found = {}
    for top in (world.places.state, world.places.config, world.places.bin):
        for folder, _, files in os.walk(top):
            for name in files:
                path = f"{folder}/{name}"
                with open(path, "rb") as file:
                    found[path] = (os.stat(path).st_mtime_ns, file.read())
    return {path: each for path, each in found.items() if not path.endswith("-shm") and (each[1] or "-wal" not in path)}


@pytest.mark.parametrize("line", READING)
def test_a_reading_command_writes_nothing(called, typed, line):
    before = state(called)

    assert typed(line)[0] in (0, 100), line

    assert state(called) == before
    assert called.context("list").record.deployed()["a"].digest == ""


def test_the_image_that_a_first_call_found_is_shown(typed):
    (listed,) = json.loads(typed("list --json")[1])
    (installed,) = json.loads(typed("history --json")[1])

    assert listed["digest"].startswith("sha256:")
    assert installed["changes"][0]["after"]["digest"] == listed["digest"]


def test_a_changing_command_records_the_image_of_a_first_call(called, typed):
    typed("pin a")

    first = called.context("log").record.deployments("a")[0]
    assert (first.number, first.digest[:7]) == (1, "sha256:")
