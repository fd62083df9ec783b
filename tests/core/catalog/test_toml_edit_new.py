"""New apps are written into a catalog exactly as they were shown."""

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


def test_an_app_is_written_as_it_was_shown():
    shown = toml_edit.render_apps({"x": TABLE})

    assert tomllib.loads(shown) == {"apps": {"x": TABLE}}
    assert toml_edit.append_apps(toml_edit.EMPTY_CATALOG, {"x": TABLE}).endswith(f"schema = 1\n\n{shown}")


def test_appending_keeps_comments_and_apps():
    before = "# mine\nschema = 1  # one\n[apps.a]  # first\nimage = 'y'\n"
    after = toml_edit.append_apps(before, {"x": TABLE})

    assert after.startswith(before)
    assert tomllib.loads(after)["apps"] == {"a": {"image": "y"}, "x": TABLE}


def test_an_app_is_inserted_into_an_inline_table():
    after = toml_edit.append_apps("schema = 1\napps = { a = 'y' }\n", {"x": {"image": "z"}})

    assert tomllib.loads(after)["apps"] == {"a": "y", "x": {"image": "z"}}


@pytest.mark.parametrize("text", ["\x00", "\x1b", "\x7f", "\u2028", "\r\n", "'''\"\"\"", "\\", "é\U0001f600"])
def test_unusual_characters_survive_the_round_trip(text):
    assert tomllib.loads(toml_edit.render_apps({"x": {"command": [text]}}))["apps"]["x"]["command"] == [text]
