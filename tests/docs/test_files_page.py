"""docs/files.md lists every file that applaunch writes, with its place and mode, and no other."""

import re
from pathlib import Path

import pytest

from launcher.host.locations import Places, places
from tests.docs.markdown import ROOT, rows, section, words

FILES_MD = (ROOT / "docs/files.md").read_text()


ANA = "/home/ana"
FILE_ROWS = {words(row[0])[0]: row for row in rows(section(FILES_MD, "Its own files")) if words(row[0])}
VARIABLES = {words(row[0])[0]: words(row[1])[0] for row in rows(section(FILES_MD, "Where they are")) if words(row[0])}


def every(place):
    """Return all paths that a `Places` knows, by name."""
    names = [*Places._fields, *(name for name, each in vars(Places).items() if isinstance(each, property))]
    return {name: getattr(place, name) for name in names}


def test_every_place_is_documented():
    known = {path.replace(ANA, "~") for path in every(places({}, ANA)).values()}

    assert known - {*FILE_ROWS} == set()


def test_every_documented_file_is_in_a_place():
    known = {path.replace(ANA, "~") for path in every(places({}, ANA)).values()}

    below = r"~/\.cache/applaunch/accounts/[^/]+/\w+|.*/warm/\w+/[A-Z]+|~/\.cache/applaunch/remotes/NAME/[A-Z]+\.\w+|.*/catalog\.d/\*\.toml"  # two folders below
    strange = [path for path in FILE_ROWS if path not in known and path.rpartition("/")[0] not in known]

    assert [path for path in strange if not re.fullmatch(below, path)] == []


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_documented_variable_moves_what_the_page_says(variable):
    before, after = every(places({}, ANA)), every(places({variable: "/elsewhere"}, ANA))
    default = VARIABLES[variable].replace("~", ANA)
    moved = {name: path for name, path in after.items() if path != before[name]}

    assert moved
    assert moved == {
        name: "/elsewhere" + path.removeprefix(default) for name, path in before.items() if path.startswith(default)
    }


def test_every_file_that_is_written_is_documented_with_its_mode(lived_in):
    lived_in.run("applaunch", "remove", "upper", check=True)
    lived_in.run("applaunch", "edit", "mine", env={"EDITOR": "sed -i s/schema/schemer/"})
    patterns = {path: re.sub(r"(?<![A-Za-z])[A-Z]{2,}(-[A-Z]+)*|\*", "*", path).replace("~/", "") for path in FILE_ROWS}

    found = []
    for path in sorted(lived_in.path.rglob("*")):
        name = str(path.relative_to(lived_in.path))
        if path.is_dir() or name.startswith("work/"):
            continue
        fits = [
            row
            for row, pattern in patterns.items()
            if Path(name).match(pattern) and name.count("/") == pattern.count("/")
        ]
        assert fits, f"{name} is not on the page"
        mode = FILE_ROWS[fits[0]][1]
        assert mode in ("", f"{path.stat().st_mode & 0o777:04o}"), name
        found.append(name)
    assert [each for each in found if each.endswith((".draft", "state.db", "current/mine", "bin/mine"))], found
