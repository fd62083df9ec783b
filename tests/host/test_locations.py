import os
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.host.locations import Places, package_file, places

HOME = "/home/ana"
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere platformdirs is asked itself")

ASK = """
from platformdirs import PlatformDirs
dirs = PlatformDirs("applaunch", appauthor=False)
print(dirs.user_config_dir, dirs.user_state_dir, dirs.user_cache_dir, dirs.user_data_dir, sep="\\n")
"""


@LINUX
@pytest.mark.parametrize(
    "env",
    [
        {},
        {"XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s", "XDG_CACHE_HOME": "/k", "XDG_DATA_HOME": "/d"},
        {"XDG_CONFIG_HOME": "", "XDG_STATE_HOME": "/s p/ñ"},
        {"XDG_DATA_HOME": "/home/ana/.local/share"},
    ],
)
def test_everything_is_where_platformdirs_puts_it(env):
    done = subprocess.run(
        [sys.executable, "-c", ASK], env={"HOME": HOME, **env}, capture_output=True, text=True, check=True
    )

    where = places(env, HOME)

    assert [where.config, where.state, where.cache, where.data] == done.stdout.splitlines()


@LINUX
def test_these_are_the_places_of_a_plain_home():
    assert places({}, HOME) == Places(
        config="/home/ana/.config/applaunch",
        state="/home/ana/.local/state/applaunch",
        cache="/home/ana/.cache/applaunch",
        data="/home/ana/.local/share/applaunch",
        bin="/home/ana/.local/bin",
        system="/etc/applaunch",
    )


@LINUX
def test_a_relative_variable_is_ignored_as_the_specification_says():
    env = dict.fromkeys(
        ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_BIN_HOME"), "here"
    )

    assert places(env, HOME) == places({}, HOME)


def test_shims_go_to_the_bin_folder_that_is_chosen():
    assert places({"XDG_BIN_HOME": "/opt/bin/"}, HOME).bin == "/opt/bin"


def test_each_file_has_a_place_of_its_own():
    where = places({}, HOME)

    paths = [getattr(where, name) for name, value in vars(Places).items() if isinstance(value, property)]
    assert len({*paths}) == len(paths) == 20
    assert all(path.startswith(f"{HOME}/.") and "/applaunch/" in path for path in paths)


def test_what_travels_with_applaunch_is_found_in_a_checkout_too():
    assert Path(package_file("catalog.toml")).read_text().startswith("# The starter catalog")
    assert {*os.listdir(package_file("shims"))} >= {"README.md", "shim", "shim-long"}


@pytest.mark.parametrize("home", ["/", "//"])
def test_no_path_of_a_home_that_is_the_root_begins_with_two_slashes(home):
    """SQLite would take the first folder behind them for the name of a host."""
    assert not [path for path in places({}, home) if path.startswith("//")]
    assert places({"XDG_STATE_HOME": "//x/", "XDG_DATA_HOME": "/"}, home).state == "/x/applaunch"
    assert places({"XDG_DATA_HOME": "/"}, home).data == "/applaunch"
