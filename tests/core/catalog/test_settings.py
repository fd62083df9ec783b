import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.core.catalog.settings import SETTINGS, Settings
from launcher.core.values.protected_paths import apply_path_settings
from launcher.errors import CatalogError


def parse(text):
    return Settings.parse(text, "config.toml")


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("", Settings(autostart=False, arguments=False, keep=365 * 86400)),
        ("[engine]\nautostart = true", Settings(autostart=True)),
        ("[runs]\narguments = true\nkeep = '2w'", Settings(arguments=True, keep=14 * 86400)),
        ("[launch]\nwarm = '5m'\nwarm_idle = 3", Settings(warm=300.0, warm_idle=3)),
        ("[launch]\nruntime = 'bubblewrap'", Settings(runtime="bubblewrap")),
        ("[sandbox]\nunpack_limit = '500m'\nfree_disk = 1000", Settings(unpack_limit=500 << 20, free_disk=1000)),
        ("[sandbox]\nnetwork_keep = '1m'\nnetworks = 2", Settings(network_keep=60, networks=2)),
        ("[sandbox]\nnetwork_keep = '0'", Settings(network_keep=0)),
        ("[sandbox]\nnetwork_keep = false", Settings(network_keep=0)),
        ("[launch]\nwarm = false", Settings(warm=0.0)),
        ("[engine]\n[runs]\n", Settings()),
    ],
)
def test_a_setting_is_read_from_the_file_or_has_its_default(text, settings):
    assert parse(text) == settings


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[engin]\nautostart = true", "config.toml: unknown table 'engin'; did you mean 'engine'?"),
        ("autostart = true", "config.toml: unknown table 'autostart'; see docs/settings.md"),
        ("engine = true", "config.toml: unknown table 'engine'; did you mean 'engine'?"),
        ("[engine]\nauto_start = true", "config.toml: [engine]: unknown key 'auto_start'; did you mean 'autostart'?"),
        ("[engine]\nx = 1", "config.toml: [engine]: unknown key 'x'; see docs/settings.md"),
        ("[engine]\nautostart = 1", "config.toml: [engine]: autostart: 1 is not true or false"),
        ("[runs]\nkeep = 30", "config.toml: [runs]: keep: 30 is not a string"),
        ("[runs]\nkeep = '30'", "config.toml: [runs]: keep: '30' is not a duration; write 90s, 5m, 1h30m, 365d or 2w"),
        (
            f"[runs]\nkeep = '{'9' * 400}d'",
            "config.toml: [runs]: keep: the duration is too long; write 100000d at most",
        ),
        (
            "[launch]\nwarm = '2d'",
            "config.toml: [launch]: warm: '2d' is not between 5s and 24h; write '5m', or '0' to turn it off",
        ),
        ("[launch]\nwarm_idle = 0", "config.toml: [launch]: warm_idle: 0 is not a whole number above 0"),
        (
            "[launch]\nruntime = 'docker'",
            "config.toml: [launch]: runtime: 'docker' is not allowed here; choose from 'auto', 'engine', 'bubblewrap'",
        ),
        (
            "[sandbox]\nnetwork_keep = '25h'",
            "config.toml: [sandbox]: network_keep: '25h' is more than 24h; write '5m', or '0' to turn it off",
        ),
        ("[sandbox]\nnetworks = 0", "config.toml: [sandbox]: networks: 0 is not a whole number above 0"),
        ("[sandbox]\nunpack_limit = 0", "config.toml: [sandbox]: unpack_limit: 0 is not a size"),
        ("[runs", "config.toml: is not TOML: "),
        ("x = 1" + "0" * 5000, "config.toml: contains a number that is too long, or is nested too deeply; shorten it"),
        ("x = " + "[" * 5000, "config.toml: contains a number that is too long, or is nested too deeply; shorten it"),
    ],
)
def test_an_invalid_setting_is_reported_in_one_line(text, message):
    with pytest.raises(CatalogError) as refused:
        parse(text)

    assert str(refused.value).startswith(message)


@given(st.text() | st.text().map("[engine]\nautostart = {}".format) | st.text().map("[runs]\nkeep = '{}'".format))
def test_any_text_gives_settings_or_a_catalog_error(text):
    with contextlib.suppress(CatalogError):
        assert isinstance(parse(text), Settings)


def test_the_user_can_change_the_list_of_secrets():
    mine = Settings.parse('[home]\ncover = ["~/taxes", ".config/tool/"]\nshow = [".aws", ".vimrc"]', "config.toml")

    assert apply_path_settings((".aws", ".ssh", "taxes"), mine.cover, mine.show) == (".ssh", "taxes", ".config/tool")
    assert apply_path_settings((".vimrc", ".bashrc"), (), mine.show) == (".bashrc",)


@pytest.mark.parametrize("value", ['["/etc"]', '["~"]', '["../x"]', '[""]', "[1]", '"taxes"'])
def test_a_secret_must_be_a_path_in_the_home(value):
    with pytest.raises(CatalogError) as refused:
        Settings.parse(f"[home]\ncover = {value}", "config.toml")

    assert str(refused.value).startswith("config.toml: [home]: cover: ")


@pytest.mark.parametrize(("key", "setting"), [pair for keys in SETTINGS.values() for pair in keys.items()])
def test_a_default_is_the_same_in_toml_and_in_code(key, setting):
    assert setting.parse(setting.default) == Settings._field_defaults[key]


def test_no_two_tables_have_a_key_of_the_same_name():
    assert sorted(key for keys in SETTINGS.values() for key in keys) == sorted(Settings._fields)


def test_only_enabled_settings_are_defaults_of_apps():
    assert (Settings().app_defaults, Settings(warm=60.0).app_defaults) == ({}, {"warm": 60.0})
