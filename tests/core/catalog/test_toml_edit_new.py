"""New apps written into a catalog, and shown before, by the same words."""

import tomllib

import pytest

from launcher.core.catalog import toml_edit

TABLE = {
    "extends": False,
    "image": "docker.io/library/x:1",
    "command": ["one" * 20, "two" * 20],
    "volumes": [{"source": "/a,b", "target": "/c"}],
    "ulimits": {"nofile": {"soft": 1, "hard": 2}},
    "commands": {"X": {}},
}


def test_an_app_is_shown_as_it_is_written():
    shown = toml_edit.rendered({"x": TABLE})

    assert tomllib.loads(shown) == {"apps": {"x": TABLE}}
    assert toml_edit.with_new(toml_edit.EMPTY, {"x": TABLE}).endswith(f"schema = 1\n\n{shown}")


def test_a_catalogs_comments_and_apps_stay():
    before = "# mine\nschema = 1  # one\n[apps.a]  # first\nimage = 'y'\n"
    after = toml_edit.with_new(before, {"x": TABLE})

    assert after.startswith(before)
    assert tomllib.loads(after)["apps"] == {"a": {"image": "y"}, "x": TABLE}


def test_apps_in_one_inline_table_get_theirs_in_there():
    after = toml_edit.with_new("schema = 1\napps = { a = 'y' }\n", {"x": {"image": "z"}})

    assert tomllib.loads(after)["apps"] == {"a": "y", "x": {"image": "z"}}


@pytest.mark.parametrize("text", ["\x00", "\x1b", "\x7f", "\u2028", "\r\n", "'''\"\"\"", "\\", "é\U0001f600"])
def test_odd_characters_come_back_as_they_were(text):
    assert tomllib.loads(toml_edit.rendered({"x": {"command": [text]}}))["apps"]["x"]["command"] == [text]
