"""docs/catalog.md and docs/settings.md say what the code does: each key, its default, its merge rule, every example."""

import re
import tomllib
from pathlib import Path

import pytest

from launcher.core.catalog import keys as core_keys
from launcher.core.catalog.catalog_file import _LARGEST, _MOST_APPS, _TOP, CATALOG_KEYS, Catalog
from launcher.core.catalog.entry import CatalogEntry
from launcher.core.catalog.keys import KEYS, NOT_YET, RENAMED
from launcher.core.catalog.merge import _LONGEST_CHAIN, resolve
from launcher.core.catalog.settings import SETTINGS, Settings
from launcher.core.policy.derive_permissions import RISKS
from launcher.core.values import protected_paths
from launcher.core.values.environment import PASSED_BY_DEFAULT
from launcher.errors import CatalogError

DOCS = Path(__file__).parents[2] / "docs"
CATALOG = (DOCS / "catalog.md").read_text()
SETTINGS_MD = (DOCS / "settings.md").read_text()


def section(text, title):
    """Return what stands under a heading, its own headings included."""
    level = re.search(rf"^(#+) {re.escape(title)}$", text, re.MULTILINE)[1]
    return re.search(
        rf"^{level} {re.escape(title)}\n(.*?)(?=^#{{2,{len(level)}}} |\Z)", text, re.MULTILINE | re.DOTALL
    )[1]


def rows(text):
    """Return the cells of every row of a table whose first cell is a name."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def words(text):
    """Return what stands between backticks."""
    return re.findall(r"`([^`]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))


def examples(text):
    return re.findall(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


KEY_ROWS = {words(row[0])[0]: row for row in rows(section(CATALOG, "Keys"))}
MERGE = {
    core_keys.replace: "replace",
    core_keys.append_new: "append",
    core_keys.merge_by_name: "by name",
    core_keys.merge_by_target: "by target",
}


def test_each_key_is_documented_once_and_each_documented_key_exists():
    documented = [words(row[0])[0] for row in rows(section(CATALOG, "Keys"))]

    assert sorted(documented) == sorted([*KEYS, "commands"])


@pytest.mark.parametrize("key", KEYS)
def test_a_documented_merge_rule_is_the_codes(key):
    assert KEY_ROWS[key][3] == MERGE[KEYS[key].merge]


@pytest.mark.parametrize("key", sorted({*KEYS} & {*CatalogEntry._field_defaults}))
def test_a_documented_default_is_the_codes(key):
    said, default = KEY_ROWS[key][2], CatalogEntry._field_defaults[key]

    if re.fullmatch(r"`[^`]+`", said) and default != ():
        assert KEYS[key].parse(tomllib.loads(f"x = {said.strip('`')}")["x"]) == default
    else:
        assert default in (None, (), "", 0), f"{key} has a default that the page does not tell"


@pytest.mark.parametrize("key", [key for key in KEYS if re.fullmatch(r'(`("\w+"|true|false)` ?)+', KEY_ROWS[key][1])])
def test_a_documented_choice_is_all_that_is_allowed(key):
    values = [tomllib.loads(f"x = {word}")["x"] for word in words(KEY_ROWS[key][1])]

    assert [KEYS[key].parse(value) for value in values] == values
    with pytest.raises(
        ValueError, match="choose from " + ", ".join(word.replace('"', "'") for word in words(KEY_ROWS[key][1]))
    ):
        KEYS[key].parse("neither")


def test_there_are_such_choices():
    assert {key for key in KEYS if KEY_ROWS[key][1].startswith("`")} == {
        "pull_policy",
        "mount_cwd",
        "path_args",
        "tty",
        "stdin",
        "reuse",
        "runtime",
    }


def test_the_keys_of_an_app_alone_are_named():
    named = re.search(r"those about the app itself\n?\s*\(([^)]+)\)", section(CATALOG, "Commands and other names"))[1]

    assert {*words(named)} == {"commands", *(name for name, key in KEYS.items() if key.app_only)}


def test_what_is_not_supported_yet_is_listed():
    assert words(section(CATALOG, "Not supported yet")) == sorted(NOT_YET)


def test_the_words_of_other_tools_are_listed():
    listed = {
        other: words(row[1])[0] for row in rows(section(CATALOG, "Words of other tools")) for other in words(row[0])
    }

    assert listed == RENAMED


def test_the_tables_of_a_file_are_listed():
    listed = {words(row[0])[0]: row[1] for row in rows(section(CATALOG, "Files and layers"))}

    assert [*listed] == [*_TOP]
    assert words(listed["catalog"]) == [*CATALOG_KEYS]


def test_the_limits_are_the_codes():
    assert f"{_LARGEST >> 20} MiB a file, {_MOST_APPS:,} apps a file, {_LONGEST_CHAIN} apps in a chain" in CATALOG


def test_the_variables_that_pass_unasked_are_listed():
    text = section(CATALOG, "Environment, terminal, input")

    assert [name for name in PASSED_BY_DEFAULT if name not in words(text) and not name.lower().endswith("proxy")] == []


def test_the_folders_and_secrets_that_are_kept_are_the_codes():
    text = section(CATALOG, "Files")
    folders = {word for word in words(text) if re.fullmatch(r"/[a-z/]*", word)}
    secrets = {word.removeprefix("~/") for word in words(text) if word.startswith("~/.")}

    assert folders - {"/dev/null"} >= {*protected_paths.SYSTEM}
    assert secrets <= {*protected_paths.SECRETS, *protected_paths.STARTUP}


def test_every_secret_and_every_start_up_file_is_listed():
    secrets, startup = section(SETTINGS_MD, "Home").split("Read-only in every mount")

    listed = [word for row in re.findall(r"^\| [^|]+ \| (`.*) \|$", secrets, re.MULTILINE) for word in words(row)]
    assert sorted(listed) == sorted(protected_paths.SECRETS)
    assert words(startup)[1:] == [*protected_paths.STARTUP]


def test_the_classes_of_permissions_are_the_codes():
    found = re.findall(r"^\| (\w+) \|", section(CATALOG, "Permissions"), re.MULTILINE)

    assert tuple(found[1:]) == RISKS


@pytest.mark.parametrize("text", examples(CATALOG))
def test_an_example_is_a_catalog(text):
    catalog = Catalog.parse(text, "user", "docs/catalog.md")

    catalog.check()
    for name in catalog.apps:
        app = resolve([catalog], name)
        assert [app.entry(command) for command in app.command_names]


def test_the_example_of_merging_does_what_it_says():
    (text,) = examples(section(CATALOG, "How layers merge"))

    entry = resolve([Catalog.parse(text, "user", "docs/catalog.md")], "mine").entry("mine")

    assert [(mount.source, mount.target) for mount in entry.volumes] == [("~/other", "/notes"), ("~/cache", "/cache")]
    assert (entry.environment, entry.command) == ((("MODE", "fast"), ("LEVEL", "2")), ("date",))


def test_the_error_on_the_page_is_the_codes():
    shown = re.search(r"^applaunch: (.*)$", CATALOG, re.MULTILINE)[1]
    with pytest.raises(CatalogError) as refused:
        Catalog.parse(
            "schema = 1\n[apps.jq]\nimage = 'jq'\nvolume = 1", "user", "~/.config/applaunch/catalog.toml"
        ).check()

    assert str(refused.value) == shown


def test_each_setting_is_documented_with_its_default():
    documented = {(words(row[0])[0], words(row[1])[0]): words(row[3])[0] for row in rows(SETTINGS_MD)}

    assert {*documented} == {(table, key) for table, keys in SETTINGS.items() for key in keys}
    for (table, key), default in documented.items():
        assert Settings.parse(f"[{table}]\n{key} = {default}", "config.toml") == Settings()


@pytest.mark.parametrize("text", examples(SETTINGS_MD))
def test_an_example_of_settings_is_one(text):
    assert Settings.parse(text, "config.toml") != Settings()


def test_there_are_examples():
    assert len(examples(CATALOG)) >= 6
    assert len(examples(SETTINGS_MD)) == 1
