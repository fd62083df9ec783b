"""The settings, looked at and changed: applaunch config."""

import json
import re
from pathlib import Path

import pytest

from launcher.core.values.checksum import add_checksum
from launcher.host.locations import places
from launcher.run.lookup import find_command
from launcher.state import launch_files, write_launch_file


@pytest.fixture
def file(home):
    return home.path / ".config/applaunch/config.toml"


@pytest.fixture
def look(home):
    """What a launch of a command would read now: its entry and settings."""

    def find(name):
        file = find_command(name, places({}, str(home.path)), str(home.path))
        return file.entry, file.settings

    return find


def test_every_setting_is_listed_with_its_layer(home, answer):
    home.run("applaunch", "config", "set", "warm_idle", "3", check=True)

    said = {each["key"]: (each["value"], each["table"], each["layer"]) for each in answer("config", "list")}

    assert said["warm"] == ("0", "launch", "default")
    assert said["warm_idle"] == (3, "launch", "user")
    assert said["cover"] == ([], "home", "default")


def test_a_setting_is_written_with_the_comments_kept(home, file):
    file.parent.mkdir(parents=True)
    file.write_text("# mine\n[runs] # all\nkeep = '1w'\n")

    done = home.run("applaunch", "config", "set", "arguments", "true", check=True)

    assert done.stdout == "arguments = true  [runs] in ~/.config/applaunch/config.toml\n"
    assert file.read_text() == "# mine\n[runs] # all\nkeep = '1w'\narguments = true\n"


def test_a_list_takes_several_values(answer):
    assert answer("config", "set", "cover", "taxes", ".config/tool")["value"] == ["taxes", ".config/tool"]


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("warn 5m", "unknown setting 'warn'; did you mean 'warm'?"),
        ("warm 2s", "warm: '2s' is not between 5s and 24h; write '5m', or '0' to turn it off"),
        ("warm true", "warm: True is not a duration; write '5m', or '0' to turn it off"),
        ("warm_idle 0", "warm_idle: 0 is not a whole number above 0"),
        ("autostart yes", "autostart: 'yes' is not true or false"),
        ("keep 1w 2w", "keep takes one value, not 2; applaunch config set keep 1w"),
        ("cover /etc", "cover: '/etc' is not a path under your home; write '.config/tool'"),
    ],
)
def test_an_invalid_value_is_refused_and_nothing_is_written(home, file, typed, line):
    done = home.run("applaunch", "config", "set", *typed.split())

    assert (done.returncode, done.stderr) == (2, f"applaunch: config set: {line}\n")
    assert not file.exists()


def test_a_broken_file_is_not_changed(home, file):
    file.parent.mkdir(parents=True)
    file.write_text("[lunch]\nwarm = '5m'\n")

    done = home.run("applaunch", "config", "set", "warm", "5m")

    assert done.stderr == "applaunch: ~/.config/applaunch/config.toml: unknown table 'lunch'; did you mean 'launch'?\n"
    assert (done.returncode, file.read_text()) == (1, "[lunch]\nwarm = '5m'\n")


def test_the_next_launch_uses_a_changed_setting(home, installed, look):
    def warm():
        entry, settings = look(installed)
        return entry.warm, settings.warm_idle

    assert warm() == (0, 8)

    home.run("applaunch", "config", "set", "warm", "5m", check=True)
    home.run("applaunch", "config", "set", "warm_idle", "3", check=True)

    assert warm() == (300.0, 3)
    home.run("applaunch", "config", "set", "warm", "0", check=True)
    assert warm() == (0, 3)


@pytest.mark.parametrize(
    "other",
    [
        lambda file: file | {"entry": {"entry": file["entry"], "autostart": False, "idle": 3}, "settings": None},
        lambda file: file | {"entry": file["entry"] | {"later": 1}},
        lambda file: file | {"settings": file["settings"] | {"later": 1}},
    ],
    ids=["before settings", "a later key", "a later setting"],
)
def test_a_launch_file_of_another_version_is_compiled_again_on_the_image_it_had(home, installed, look, other):
    folder = str(home.path / ".local/state/applaunch/current")
    known = launch_files.read(folder, installed)
    known = known.with_image(known.pin._replace(image_id="sha256:1"))
    write_launch_file.write(folder, known)
    path = Path(folder, installed)
    changed = {key: value for key, value in other(json.loads(path.read_text())).items() if value is not None}
    path.write_bytes(add_checksum({key: value for key, value in changed.items() if key != "checksum"}))
    assert launch_files.is_stale(launch_files.read(folder, installed))

    look(installed)

    assert launch_files.read(folder, installed)._replace(sources=()) == known._replace(sources=())


def test_an_app_can_disable_warm(home, look, answer):
    home.run("applaunch", "config", "set", "warm", "5m", check=True)
    home.run("applaunch", "add", "jq", "--warm", "0", check=True)
    home.run("applaunch", "add", "ffmpeg", check=True)

    assert [look(name)[0].warm for name in ("jq", "ffmpeg")] == [0, 300.0]
    assert answer("info", "ffmpeg")["layers"]["warm"] == "settings"
    assert re.search(r"^  warm +5m00s  \[settings\]$", home.run("applaunch", "info", "ffmpeg").stdout, re.MULTILINE)


def test_add_warm_is_written_to_the_catalog(home, look):
    home.run("applaunch", "add", "jq", "--warm", "90s", "--reuse", "shared", check=True)

    entry, _ = look("jq")
    assert (entry.warm, entry.reuse) == (90.0, "shared")
    assert (home.path / ".config/applaunch/catalog.toml").read_text().endswith('warm = "90s"\nreuse = "shared"\n')
    shown = home.run("applaunch", "info", "jq").stdout
    assert "  warm          1m30s  [user]\n  reuse         shared  [user]\n" in shown


@pytest.mark.parametrize("command", ["add", "override"])
def test_the_runtime_is_written_and_the_next_launch_uses_it(home, look, answer, command):
    home.run("applaunch", "add", "jq", check=True)

    home.run("applaunch", command, "jq", "--runtime", "engine", check=True)

    assert look("jq")[0].runtime == "engine"
    layer = {"add": "user", "override": "override"}[command]
    assert answer("info", "jq")["layers"]["runtime"] == layer


@pytest.mark.parametrize("words", ["add jq", "override jq", "run jq", "run --dry-run jq", "run --timings jq"])
def test_an_unknown_runtime_is_refused(home, words):
    command, *rest = words.split()
    done = home.run("applaunch", command, "--runtime", "podman", *rest)

    assert done.stderr.endswith("runtime: 'podman' is not allowed here; choose from 'auto', 'engine', 'bubblewrap'\n")
    assert done.returncode == (1 if command in ("add", "override") else 2)


def test_the_runtime_of_all_apps_is_a_setting(home, installed, look):
    home.run("applaunch", "config", "set", "runtime", "engine", check=True)

    entry, settings = look(installed)
    assert (entry.runtime, settings.runtime) == ("auto", "engine")


def test_an_invalid_time_is_refused_before_anything_is_written(home):
    done = home.run("applaunch", "add", "jq", "--warm", "3s")

    assert done.stderr == "applaunch: add: warm: '3s' is not between 5s and 24h; write '5m', or '0' to turn it off\n"
    assert not (home.path / ".config/applaunch/catalog.toml").exists()


def test_a_changed_setting_does_not_make_a_deployment(home, installed):
    home.run("applaunch", "config", "set", "warm", "5m", check=True)

    assert "already there" in home.run("applaunch", "add", installed).stdout
