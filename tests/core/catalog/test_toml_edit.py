import tomllib

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.toml_edit import EMPTY_CATALOG, app_table, set_app_keys, set_apps, set_setting

MINE = """\
# my own catalog
schema = 1

[defaults]  # for all
init = false

# the one I need most
[apps.jq]
image = "jq"  # from the hub
command = [
    "-r",  # raw
]

[apps.yq]
image = "yq"
"""


def test_the_authors_comments_are_kept():
    text = set_app_keys(MINE, "jq", {"user": "image", "image": "jq:2"})

    assert text == MINE.replace('"jq"  #', '"jq:2"  #').replace("]\n\n[apps.yq]", ']\nuser = "image"\n\n[apps.yq]')


def test_a_new_app_comes_after_the_others():
    text = set_app_keys(MINE, "rg", {"image": "rg", "environment": ["A=1", "TZ"]})

    assert text.startswith(MINE)
    assert tomllib.loads(text)["apps"]["rg"] == {"image": "rg", "environment": ["A=1", "TZ"]}


def test_an_app_is_added_to_an_empty_catalog():
    text = set_app_keys(EMPTY_CATALOG, "rg", {"image": "rg"})

    assert text == EMPTY_CATALOG + '\n[apps.rg]\nimage = "rg"\n'
    assert Catalog.parse(text, "user", "c").app("rg").keys == {"image": "rg"}


FORMS = pytest.mark.parametrize(
    "text",
    [
        "schema = 1\n",
        "schema = 1",
        "schema = 1\n[apps]\n",
        "schema = 1\n[apps]\njq = 'jq'\nyq = 'yq'\n",
        "schema = 1\n[apps]\nyq = 'yq'\njq = 'jq'\n[apps.rg]\nimage = 'rg'\n",
        "schema = 1\napps.jq = 'jq'\napps.yq = 'yq'\n",
        "schema = 1\napps = { jq = 'jq', yq = 'yq' }\n",
        "schema = 1\n[apps]\njq = { image = 'jq' }\nyq = 'yq'\n",
        "schema = 1\n[apps.jq]\nimage = 'jq'\n[defaults]\ninit = true\n[apps.yq]\nimage = 'yq'\n",
        "schema = 1\n[apps.jq.commands.jq]\ninit = true\n[apps.yq]\nimage = 'yq'\n",
        "schema = 1\n[apps.jq]\nimage = 'jq'\n[apps.jq.environment]\nA = '1'\n",
        "schema = 1\r\n[apps.jq]\r\nimage = 'jq'\r\n",
        "schema = 1\n[apps.jq]\nimage = 'jq'\n[defaults]\ninit = true\n[catalog]\nname = 'x'\n[apps.yq]\n",
    ],
)


@FORMS
@pytest.mark.parametrize("name", ["jq", "new"])
def test_only_the_app_is_changed_in_any_form_of_file(text, name):
    keys = {"user": "image", "volumes": ["~/a:/a"]}
    expected = tomllib.loads(text)
    apps = expected.setdefault("apps", {})
    before = apps.get(name, {})
    apps[name] = {**({"image": before} if isinstance(before, str) else before), **keys}

    assert tomllib.loads(set_app_keys(text, name, keys)) == expected


TABLES = {
    "gone": None,
    "short": "docker.io/x/jq:2",
    "long": {"image": "docker.io/x/jq:2", "environment": ["A=1", "TZ"]},
    "nested": {"image": "x", "commands": {"jq": {"init": True}, "jqp": {"volumes": ["~/a:/a"]}}},
    "empty": {},
}


@FORMS
@pytest.mark.parametrize("name", ["jq", "yq", "new"])
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_an_app_gets_its_table_in_any_form_of_file(text, name, table):
    expected = tomllib.loads(text)
    apps = {app: value for app, value in expected.get("apps", {}).items() if app != name}
    apps |= {} if table is None else {name: table}

    after = tomllib.loads(set_apps(text, {name: table}))

    assert {"apps": {}} | after == expected | {"apps": apps}


@FORMS
@pytest.mark.parametrize("name", ["jq", "yq", "new"])
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_undoing_an_edit_restores_the_meaning_of_the_file(text, name, table):
    before = app_table(text, name)

    after = set_apps(set_apps(text, {name: table}), {name: before})

    assert {"apps": {}} | tomllib.loads(after) == {"apps": {}} | tomllib.loads(text)


def test_removing_an_app_keeps_the_comments_of_the_others():
    text = set_apps(MINE, {"jq": None})

    assert tomllib.loads(text)["apps"] == {"yq": {"image": "yq"}}
    assert "# my own catalog" in text
    assert "[defaults]  # for all" in text


def test_a_missing_key_is_removed_and_the_others_keep_their_comments():
    text = set_apps(MINE, {"jq": {"image": "jq"}})

    assert text == MINE.replace('command = [\n    "-r",  # raw\n]\n', "")


def test_several_apps_are_changed_at_once():
    text = set_apps(MINE, {"jq": None, "yq": "docker.io/x/yq", "rg": {"image": "rg"}})

    assert tomllib.loads(text)["apps"] == {"yq": "docker.io/x/yq", "rg": {"image": "rg"}}


@pytest.mark.parametrize("tables", [{}, {"new": None}, {"yq": {"image": "yq"}}])
def test_an_edit_without_changes_changes_no_byte(tables):
    assert set_apps(MINE, tables) == MINE


def test_the_table_of_an_app_is_returned_as_written():
    assert app_table(MINE, "yq") == {"image": "yq"}
    assert app_table("schema = 1\napps.jq = 'jq'\n", "jq") == "jq"
    assert app_table(MINE, "new") is app_table(EMPTY_CATALOG, "jq") is None


APP = st.sampled_from(["'x'", "{ image = 'x' }"])


@settings(max_examples=100)
@given(
    st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), st.tuples(APP, st.booleans())),
    st.booleans(),
    st.sampled_from("ae"),
)
def test_any_mix_of_short_and_long_forms_keeps_its_other_apps(apps, has_defaults, name):
    short = [f"{app} = {value}" for app, (value, is_long) in apps.items() if not is_long]
    long = [f"[apps.{app}]\nimage = 'x' # mine" for app, (_, is_long) in apps.items() if is_long]
    text = "\n".join(
        ["schema = 1", *(["[apps]", *short] if short else []), *(["[defaults]"] if has_defaults else []), *long, ""]
    )
    expected = tomllib.loads(text)
    before = expected.setdefault("apps", {}).get(name, {})
    expected["apps"][name] = {**({"image": before} if isinstance(before, str) else before), "user": "image"}

    after = set_app_keys(text, name, {"user": "image"})

    assert tomllib.loads(after) == expected
    assert after.count("# mine") == len(long)
    assert tomlkit.parse(after).unwrap() == expected
    del expected["apps"][name]
    assert {"apps": {}} | tomllib.loads(set_apps(after, {name: None})) == expected
    assert {"apps": {}} | tomllib.loads(set_apps(text, {name: None})) == expected


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("", '[launch]\nwarm = "5m"\n'),
        ("# mine\n[launch] # fast\nwarm = '1h' # long\n", '# mine\n[launch] # fast\nwarm = "5m" # long\n'),
        ("[runs]\nkeep = '1w'\n", "[runs]\nkeep = '1w'\n\n[launch]\nwarm = \"5m\"\n"),
        ("launch.warm_idle = 3\n", 'launch.warm_idle = 3\nlaunch.warm = "5m"\n'),
    ],
)
def test_only_the_setting_is_changed(text, after):
    assert set_setting(text, "launch", "warm", "5m") == after


@pytest.mark.parametrize("text", ["launch = {warm_idle = 3}\n", "[launch]\nwarm_idle = 3", "launch.warm_idle = 3\r\n"])
def test_a_setting_is_inserted_in_any_form_of_file(text):
    after = set_setting(text, "launch", "warm", "5m")

    assert tomllib.loads(after) == {"launch": {"warm_idle": 3, "warm": "5m"}}
