"""catalog.schema.json says what the code reads: made of its keys, and no catalog of ours is refused by it."""

import datetime as dt
import json
import tomllib
from pathlib import Path

import pytest

from launcher.core.catalog import json_schema
from launcher.core.catalog.keys import KEYS
from launcher.core.catalog.value_parsers import Choice
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.mount import _LONG_KEYS
from tests.docs.test_catalog_page import CATALOG, examples
from tests.schema import FILE, generated, meanings

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads(FILE.read_text())


def plain(value):
    """Return TOML as an editor hands it to a schema: a moment is its text."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, dt.datetime) else value


@pytest.fixture(scope="module")
def validator():
    jsonschema = pytest.importorskip("jsonschema", reason="needs the Python package jsonschema")
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    return jsonschema.Draft7Validator(SCHEMA)


def test_the_file_is_what_the_code_and_the_page_say():
    assert FILE.read_text() == generated(), "make it again: python -m tests.schema"


def test_each_key_has_a_shape_and_a_meaning():
    assert [name for name, key in KEYS.items() if json_schema.shape(key.parse) == {}] == []
    assert {*meanings()} == {*KEYS, "commands"}
    assert all(meanings().values())


def test_a_volumes_table_has_the_keys_of_the_code():
    (table,) = [each for each in json_schema.SHAPES.values() if "_VOLUME" in repr(each) or "source" in repr(each)]

    assert tuple(table["items"]["anyOf"][1]["properties"]) == _LONG_KEYS


@pytest.mark.parametrize("text", [(ROOT / "catalog.toml").read_text(), *examples(CATALOG)])
def test_our_own_catalogs_fit(validator, text):
    assert [error.message for error in validator.iter_errors(plain(tomllib.loads(text)))] == []


VALUES = [
    *("text", "", "ro", "auto", "5m", "0", "/data", "docker.io/a/b:1", "1000:1000", "none", "SIGINT", "512m"),
    *(1, 0, -1, 1.5, True, False, [], ["a"], [1], {}, {"A": "b"}, {"nofile": 5}, ["~/a:/b"], ["NET_ADMIN"], [{}]),
    [{"source": "/a", "target": "/b"}],
    {"nofile": {"soft": 1, "hard": 2}},
]


@pytest.mark.parametrize("name", KEYS)
def test_no_value_that_the_code_reads_is_refused(validator, name):
    shape = validator.evolve(schema=json_schema.shape(KEYS[name].parse))
    read = []
    for value in VALUES:
        try:
            KEYS[name].parse(value)
        except InvalidValueError:
            continue
        read.append(value)

    assert [value for value in read if not shape.is_valid(value)] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "schema = 2",
        "schema = 1\n[app.x]\nimage = 'y'",
        "schema = 1\n[apps.x]\nimage = 'y'\nvolume = []",
        "schema = 1\n[apps.X]\nimage = 'y'",
        "schema = 1\n[apps.x]\nimage = 'y'\ncommand = 'a b'",
        "schema = 1\n[apps.x]\nimage = 'y'\nmount_cwd = 'yes'",
        "schema = 1\n[apps.x]\nimage = 'y'\ninit = 'yes'",
        "schema = 1\n[apps.x.commands.y]\naliases = ['z']",
        "schema = 1\n[defaults]\nhomepage = 'x'",
        "schema = 1\n[catalog]\nserial = '1'",
        "schema = 1\n[apps.x]\nimage = 'y'\nvolumes = [{ source = '/a' }]",
    ],
)
def test_what_the_code_refuses_an_editor_marks(validator, text):
    assert list(validator.iter_errors(plain(tomllib.loads(text))))


def test_a_choice_lists_what_it_takes():
    assert {name: json_schema.shape(key.parse)["enum"] for name, key in KEYS.items() if isinstance(key.parse, Choice)}[
        "tty"
    ] == ["auto", True, False]


def test_it_is_shipped_and_printed(home):
    assert '"catalog.schema.json" = "launcher/data/catalog.schema.json"' in (ROOT / "pyproject.toml").read_text()
    assert json.loads(home.run("applaunch", "catalog", "schema", check=True).stdout) == SCHEMA
