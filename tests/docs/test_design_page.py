"""docs/design.md lists every room, and the arrows between them that are checked."""

import re

import pytest

from tests.docs.markdown import ROOT, rows, section, words
from tests.test_rooms import ROOMS

DESIGN_MD = (ROOT / "docs/design.md").read_text()


def design_rows(title, folder):
    """Return the rows of a table of rooms on the design page, by the name of the room in *folder*."""
    named = [
        (re.fullmatch(rf"{folder}/(\w+)(?:\.py|/)", words(row[0])[0]), row) for row in rows(section(DESIGN_MD, title))
    ]
    return {found[1]: row for found, row in named if found}


@pytest.mark.parametrize(
    ("title", "folder"),
    [
        ("Rooms with one-way arrows", "launcher"),
        ("Rooms in core", "launcher/core"),
        ("Rooms in manage", "launcher/manage"),
        ("Modules in run", "launcher/run"),
    ],
)
def test_the_design_page_lists_every_room(title, folder):
    entries = {path.stem for path in (ROOT / folder).iterdir() if path.suffix == ".py" or any(path.glob("*.py"))}
    not_rooms = {"__init__"} if folder != "launcher/manage" else {path.stem for path in (ROOT / folder).glob("*.py")}

    assert {*design_rows(title, folder)} == entries - not_rooms


def test_the_arrows_of_the_design_page_are_those_that_are_checked():
    told = {room: {*row[2].split(", ")} for room, row in design_rows("Rooms with one-way arrows", "launcher").items()}

    assert {*told} == {*ROOMS}
    for room in ("core", "host", "engine", "registry", "state", "remotes", "run"):
        assert told[room] == ROOMS[room]
