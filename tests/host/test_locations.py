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
def test_locations_agree_with_platformdirs(env):
    done = subprocess.run(
        [sys.executable, "-c", ASK], env={"HOME": HOME, **env}, capture_output=True, text=True, check=True
    )

    where = places(env, HOME)

    assert [where.config, where.state, where.cache, where.data] == done.stdout.splitlines()


@LINUX
def test_the_locations_of_a_default_home():
    assert places({}, HOME) == Places(
        config="/home/ana/.config/applaunch",
        state="/home/ana/.local/state/applaunch",
        cache="/home/ana/.cache/applaunch",
        data="/home/ana/.local/share/applaunch",
        bin="/home/ana/.local/bin",
        system="/etc/applaunch",
    )


@LINUX
def test_a_relative_xdg_variable_is_ignored():
    env = dict.fromkeys(
        ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_BIN_HOME"), "here"
    )

    assert places(env, HOME) == places({}, HOME)


def test_xdg_bin_home_sets_the_folder_for_shims():
    assert places({"XDG_BIN_HOME": "/opt/bin/"}, HOME).bin == "/opt/bin"


def test_all_locations_are_different():
    where = places({}, HOME)

    paths = [getattr(where, name) for name, value in vars(Places).items() if isinstance(value, property)]
    assert len({*paths}) == len(paths) == 24
    assert all(path.startswith(f"{HOME}/.") and "/applaunch/" in path for path in paths)


def test_shipped_files_are_found_in_a_checkout():
    assert Path(package_file("catalog.toml")).read_text().startswith("# ")
    assert {*os.listdir(package_file("shims"))} >= {"README.md", "shim", "shim-long"}


@pytest.mark.parametrize("home", ["/", "//"])
def test_no_path_begins_with_two_slashes_if_the_home_is_the_root(home):
    """SQLite would take the first folder behind them for the name of a host."""
    assert not [path for path in places({}, home) if path.startswith("//")]
    assert places({"XDG_STATE_HOME": "//x/", "XDG_DATA_HOME": "/"}, home).state == "/x/applaunch"
    assert places({"XDG_DATA_HOME": "/"}, home).data == "/applaunch"
