"""An app's life: added, run, looked at, removed, and its image with it."""

import json
import os
import re
import stat

import pytest

from tests.leftovers import eventually_none, leftovers

pytestmark = pytest.mark.engine

YOUTUBE = "docker.io/vimagick/youtube-dl:latest"
JQ = "ghcr.io/jqlang/jq:1.7.1"


def test_add_shows_permissions_and_paths(home):
    ended = home.run("applaunch", "add", "youtube-dl")

    assert ended.returncode == 0
    assert ended.stdout == (
        f"youtube-dl  {YOUTUBE}\n"
        f"  run as you (uid {os.getuid()}) · network · read & write the current folder (as /data)"
        " · read files named in its arguments\n"
        "added: ~/.local/bin/youtube-dl          (transaction 1)\n"
    )


def test_add_needs_no_engine(home):
    ended = home.run("applaunch", "add", "jq", "ffmpeg", env={"DOCKER_HOST": "unix:///nowhere.sock"})

    assert ended.returncode == 0
    assert sorted(os.listdir(home.bin)) == ["ffmpeg", "ffprobe", "jq"]
    assert json.loads(home.run("applaunch", "list", "--json").stdout)[0]["name"] == "ffmpeg"


def test_a_shim_is_contentless_executable_and_marked(home):
    home.run("applaunch", "add", "jq", "youtube-dl", check=True)
    shim = home.bin / "jq"

    assert shim.read_bytes() == (home.bin / "youtube-dl").read_bytes()
    assert shim.read_text().splitlines()[1].startswith("# applaunch shim")
    assert stat.S_IMODE(shim.stat().st_mode) == 0o755


def test_adding_an_installed_app_changes_nothing(home):
    home.run("applaunch", "add", "jq", check=True)

    ended = home.run("applaunch", "add", "jq")

    assert "already there: ~/.local/bin/jq" in ended.stdout
    assert len(json.loads(home.run("applaunch", "history", "--json").stdout)) == 1


def test_add_image_writes_an_app_to_the_users_catalog(home, engine):
    ended = home.run(
        *("applaunch", "add", "shout", "--image", engine.ref("docker.io/library/busybox:latest"), "--network", "none"),
        *("--entrypoint", "tr", "--command", "a-z", "--command", "A-Z", "--env", "LEVEL=11", "--mount-cwd", "none"),
    )

    assert ended.returncode == 0, ended.stderr
    assert home.run("shout", input="quiet").stdout == "QUIET"
    assert "[apps.shout]" in (home.path / ".config/applaunch/catalog.toml").read_text()


def test_an_app_can_be_added_under_another_name(home, engine):
    home.app("echoer", engine.ref("docker.io/library/busybox:latest"), entrypoint='["echo"]', network_mode='"none"')

    ended = home.run("applaunch", "add", "echoer", "--as", "say")

    assert ended.returncode == 0, ended.stderr
    assert home.run("say", "hi").stdout == "hi\n"


def test_options_change_an_app_of_the_catalog_for_this_user(home):
    home.run("applaunch", "add", "jq", "--network", "bridge", "--env", "A=1", check=True)

    about = json.loads(home.run("applaunch", "info", "jq", "--json").stdout)

    assert about["layers"]["network_mode"] == "user"
    assert about["layers"]["image"] == "built-in"
    assert about["commands"]["jq"]["environment"] == [["A", "1"]]


def test_only_the_first_call_pulls(home, engine):
    engine.forget(engine.ref(JQ))
    home.run("applaunch", "add", "jq", "--image", engine.ref(JQ), check=True)

    first, second = (home.run("jq", ".a", input='{"a": 1}') for _ in range(2))

    assert first.stdout == second.stdout == "1\n"
    assert re.fullmatch(
        rf"jq: pulling {re.escape(engine.ref(JQ))}\nDigest: sha256:[0-9a-f]{{64}} Status: .*\n", first.stderr
    )
    assert second.stderr == ""


def test_the_installed_digest_runs(home, engine):
    image = engine.ref("docker.io/library/busybox:latest")
    home.app(
        "which-one", image, entrypoint='["sh", "-c", "cat /etc/os-release 2>/dev/null | head -1 || true; echo ran"]'
    )
    home.run("which-one", check=True)
    engine.docker("tag", engine.ref("docker.io/applaunch/probe:latest"), image)
    try:
        assert home.run("which-one").stdout == "ran\n"  # the probe's image would tell its Debian
    finally:
        engine.forget(image)


def test_runs_are_recorded_without_their_arguments(home, engine):
    home.app("bb", engine.ref("docker.io/library/busybox:latest"), entrypoint='["sh"]', network_mode='"none"')
    home.run("bb", "-c", "exit 3")

    (run,) = json.loads(home.run("applaunch", "runs", "--json").stdout)

    assert (run["app"], run["command"], run["exit_code"], run["cwd"]) == ("bb", "bb", 3, str(home.work))
    assert run["digest"].startswith("sha256:")
    assert run["args"] is None
    assert run["seconds"] > 0


def test_arguments_are_recorded_masked_if_enabled(home, engine):
    (home.path / ".config/applaunch").mkdir(parents=True)
    (home.path / ".config/applaunch/config.toml").write_text("[runs]\narguments = true\n")
    home.app("bb", engine.ref("docker.io/library/busybox:latest"), entrypoint='["true"]', network_mode='"none"')
    home.run("bb", "https://ana:hunter2@host/x", "--password", "hunter2", "plain")

    (run,) = json.loads(home.run("applaunch", "runs", "--json").stdout)

    assert "hunter2" not in json.dumps(run)
    assert run["args"][-1] == "plain"


def test_remove_deletes_shim_and_image_and_reports_the_freed_space(home, engine):
    image = engine.ref("docker.io/applaunch/layers:latest")
    engine.forget(image)
    home.app("layers", image, entrypoint='["true"]')
    home.run("layers")
    assert engine.docker("image", "inspect", image).returncode == 0

    ended = home.run("applaunch", "remove", "layers")

    assert re.fullmatch(
        rf"removed: ~/.local/bin/layers\nimage removed: {re.escape(image)}, freed [\d.]+MB\n\(transaction \d+\)\n",
        ended.stdout,
    )
    assert engine.docker("image", "inspect", image).returncode != 0
    assert not (home.bin / "layers").exists()


def test_remove_keeps_an_image_that_existed_before(home, engine):
    image = engine.ref("docker.io/library/busybox:latest")
    engine.docker("pull", image)
    home.app("bb", image, entrypoint='["true"]')
    home.run("bb")
    assert not eventually_none(lambda: leftovers(engine))  # its container would hold the image

    ended = home.run("applaunch", "remove", "bb")

    assert "it was here before applaunch" in ended.stdout
    assert engine.docker("image", "inspect", image).returncode == 0


def test_remove_keeps_an_image_of_another_app(home, engine):
    image = engine.ref("docker.io/applaunch/layers:latest")
    engine.forget(image)
    for name in ("one", "two"):
        home.app(name, image, entrypoint='["true"]')
        home.run(name)

    home.run("applaunch", "remove", "one", check=True)

    assert engine.docker("image", "inspect", image).returncode == 0
    home.run("applaunch", "remove", "two", check=True)
    assert engine.docker("image", "inspect", image).returncode != 0


def test_gc_removes_leftovers_of_a_removal(home, engine):
    image = engine.ref("docker.io/applaunch/layers:latest")
    engine.forget(image)
    home.app("layers", image, entrypoint='["true"]')
    home.run("layers")
    home.run("applaunch", "remove", "--keep-image", "layers", check=True)

    (listed,) = json.loads(home.run("applaunch", "gc", "--dry-run", "--json").stdout)["images"]

    assert engine.docker("image", "inspect", image).returncode == 0
    assert home.run("applaunch", "gc").returncode == 0
    assert engine.docker("image", "inspect", image).returncode != 0
    assert listed["image"] == image


def test_remove_without_an_engine_reports_the_remaining_image(home, engine):
    home.app("bb", engine.ref("docker.io/library/busybox:latest"), entrypoint='["true"]')
    home.run("bb")

    ended = home.run("applaunch", "remove", "bb", env={"DOCKER_HOST": "unix:///nowhere.sock"})

    assert ended.returncode == 0
    assert not (home.bin / "bb").exists()


def test_a_shell_runs_in_the_programs_sandbox(home, engine):
    home.app(
        "tool",
        engine.ref("docker.io/applaunch/probe:latest"),
        command='["probe"]',
        network_mode='"none"',
        environment='["A=1"]',
    )

    ended = home.run("applaunch", "shell", "tool", input="pwd; echo $A; echo $0; exit 4\n")

    assert (ended.stdout, ended.returncode) == (f"{home.work}\n1\nbash\n", 4)


def test_a_command_that_is_not_installed_can_be_run(home, engine):
    home.catalog(f'[apps.bb]\nimage = "{engine.ref("docker.io/library/busybox:latest")}"\nentrypoint = ["echo"]\n')

    assert home.run("applaunch", "run", "bb", "a b", "--help").stdout == "a b --help\n"
    assert not home.bin.exists()


def test_an_edited_catalog_applies_to_the_next_call(home, engine):
    home.app(
        "greet", engine.ref("docker.io/library/busybox:latest"), entrypoint='["echo", "one"]', network_mode='"none"'
    )
    assert home.run("greet").stdout == "one\n"
    path = home.path / ".config/applaunch/catalog.d/greet.toml"

    path.write_text(path.read_text().replace('"one"', '"another"'))

    assert home.run("greet").stdout == "another\n"


def test_two_commands_of_one_image_have_their_own_volumes(home, engine):
    (home.path / ".stack").mkdir()
    (home.path / ".stack/rc").write_text("x")
    image = engine.ref("registry.gitlab.com/gbraad/openstack-client:centos")
    home.catalog(f'[apps.openstack]\nimage = "{image}"\n')
    home.run("applaunch", "add", "openstack", check=True)

    assert "openstack" in home.run("openstack", "--version").stdout
    assert "rc" in home.run("stack").stdout
