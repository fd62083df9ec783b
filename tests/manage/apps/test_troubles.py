"""Bad input gets one line and the right exit code, and nothing is half-done."""

import json
import os
import subprocess

import pexpect
import pytest

pytestmark = pytest.mark.engine

MANAGEMENT, LAUNCH = 1, 125


def one_line(ended):
    """Return the only line on stderr."""
    (line,) = ended.stderr.splitlines()
    return line


def test_no_such_image(home, engine):
    home.app("lost", "docker.io/applaunch/no-such-image:latest")

    ended = home.run("lost")

    assert ended.returncode == LAUNCH
    assert ended.stderr.splitlines()[-1].startswith("applaunch: applaunch/no-such-image:latest: ")


def test_no_such_tag(home, engine):
    repository = engine.ref("docker.io/library/busybox:latest").rpartition(":")[0]
    home.app("lost", f"{repository}:no-such-tag")

    ended = home.run("lost")

    assert ended.returncode == LAUNCH
    assert "'no-such-tag'" in ended.stderr.splitlines()[-1]


def test_a_layer_missing_at_the_registry_is_an_error(home, engine):
    home.app("broken", engine.ref("docker.io/applaunch/broken:latest"), entrypoint='["true"]')

    ended = home.run("broken")

    assert ended.returncode == LAUNCH
    assert len(ended.stderr.splitlines()) == 2
    assert ended.stderr.splitlines()[1].startswith("applaunch: ")
    assert "Status:" not in ended.stderr


def test_a_registry_that_is_down(home, registry):
    home.app("later", registry.ref("docker.io/applaunch/layers:latest"), entrypoint='["echo", "ran"]')
    registry.forget(registry.ref("docker.io/applaunch/layers:latest"))
    registry.stop_registry()

    down = home.run("later")
    registry.start_registry()
    up = home.run("later")

    assert down.returncode == LAUNCH
    assert down.stderr.splitlines()[-1].startswith("applaunch: ")
    assert (up.returncode, up.stdout) == (0, "ran\n")


def test_a_registry_that_stops_during_a_pull(home, registry):
    image = registry.ref("docker.io/vimagick/youtube-dl:latest")  # its largest layer is some 130 MB
    home.app("big", image, entrypoint='["echo", "ran"]')
    registry.forget(image)
    child = pexpect.spawn(str(home.bin / "big"), env=home.env, cwd=str(home.work), timeout=120, encoding="utf-8")
    child.expect(r"\[=*>")

    registry.stop_registry()
    child.expect(pexpect.EOF)
    child.close()
    had = registry.engine.has(image)
    listed = json.loads(home.run("applaunch", "list", "--json").stdout)
    examined = home.run("applaunch", "doctor")
    registry.start_registry()
    up = home.run("big")

    assert child.exitstatus == LAUNCH
    assert child.before.count("applaunch: ") == 1
    assert "Status:" not in child.before
    assert not had
    assert [app["digest"] for app in listed] == [""]
    assert examined.returncode == 0, examined.stdout
    assert (up.returncode, up.stdout) == (0, "ran\n")


def test_an_unknown_app(home):
    ended = home.run("applaunch", "add", "youtub-dl")

    assert (ended.returncode, ended.stdout) == (MANAGEMENT, "")
    assert one_line(ended) == "applaunch: youtub-dl: no such app in any catalog; did you mean 'youtube-dl'?"
    assert not home.bin.exists()


def test_a_catalog_that_is_not_toml(home):
    home.catalog("[apps\n")

    ended = home.run("applaunch", "add", "jq")

    assert ended.returncode == MANAGEMENT
    assert one_line(ended).startswith("applaunch: ~/.config/applaunch/catalog.toml:2: is not TOML: ")
    assert not home.bin.exists()


@pytest.mark.parametrize(
    ("key", "fix"),
    [
        ("volume = ['a:b']", "did you mean 'volumes'?"),
        ("env = ['A=1']", "did you mean 'environment'?"),
        ("imagee = 'x'", "did you mean 'image'?"),
    ],
)
def test_an_unknown_key(home, key, fix):
    home.catalog(f"[apps.mine]\nimage = 'docker.io/library/busybox'\n{key}\n")

    ended = home.run("applaunch", "add", "mine")

    assert ended.returncode == MANAGEMENT
    word = key.split()[0]
    assert one_line(ended) == f"applaunch: ~/.config/applaunch/catalog.toml:4: [apps.mine]: unknown key {word!r}; {fix}"


def test_a_launch_reports_a_broken_catalog_in_one_line(home, engine):
    name = home.app("bb", engine.ref("docker.io/library/busybox:latest"), entrypoint='["true"]')
    home.catalog("[apps\n")

    ended = home.run(name)

    assert ended.returncode == LAUNCH
    assert one_line(ended).startswith("applaunch: ~/.config/applaunch/catalog.toml:2: is not TOML")


@pytest.mark.skipif(os.getuid() != 0, reason="becoming somebody who may not write needs root")
def test_an_unwritable_bin_folder(home):
    home.bin.mkdir(parents=True)
    home.owned_by(4242)
    os.chown(home.bin, 0, 0)

    ended = home.run("applaunch", "add", "jq")

    assert ended.returncode == MANAGEMENT
    assert one_line(ended) == (
        f"applaunch: {home.bin}: cannot be written: permission denied; set XDG_BIN_HOME to a folder that you can write to"
    )
    assert json.loads(home.run("applaunch", "list", "--json").stdout) == []


def test_a_name_taken_by_a_foreign_file(home):
    home.bin.mkdir(parents=True)
    (home.bin / "jq").write_text("#!/bin/sh\necho mine\n")

    ended = home.run("applaunch", "add", "jq")

    assert ended.returncode == MANAGEMENT
    assert one_line(ended) == (
        f"applaunch: {home.bin}/jq: exists and is not an applaunch shim; move it away, or use: --as OTHERNAME"
    )
    assert (home.bin / "jq").read_text() == "#!/bin/sh\necho mine\n"
    assert json.loads(home.run("applaunch", "list", "--json").stdout) == []


def test_one_invalid_name_prevents_all_additions(home):
    ended = home.run("applaunch", "add", "jq", "nonsense-app")

    assert ended.returncode == MANAGEMENT
    assert not home.bin.exists() or os.listdir(home.bin) == []
    assert json.loads(home.run("applaunch", "history", "--json").stdout) == []


def test_removing_an_app_that_is_not_installed(home):
    home.run("applaunch", "add", "jq", check=True)

    ended = home.run("applaunch", "remove", "jqq")

    assert ended.returncode == MANAGEMENT
    assert one_line(ended) == "applaunch: jqq: is not installed; did you mean 'jq'?"


def test_a_foreign_file_in_place_of_a_shim_is_not_deleted(home):
    home.run("applaunch", "add", "jq", check=True)
    (home.bin / "jq").write_text("#!/bin/sh\necho mine\n")

    ended = home.run("applaunch", "remove", "jq")

    assert ended.returncode == 0
    assert (home.bin / "jq").read_text() == "#!/bin/sh\necho mine\n"


def test_two_concurrent_adds_both_succeed(home):
    names = ["jq", "yq", "curl", "pandoc", "shellcheck", "ffmpeg"]
    processes = [home.popen("applaunch", "add", name, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for name in names]

    results = [(process.communicate(timeout=60), process.returncode) for process in processes]

    assert [code for _, code in results] == [0] * len(names), results
    assert {app["name"] for app in json.loads(home.run("applaunch", "list", "--json").stdout)} == set(names)
    ids = [each["id"] for each in json.loads(home.run("applaunch", "history", "--json").stdout)]
    assert sorted(ids) == list(range(1, len(names) + 1))


def test_two_concurrent_first_calls_both_run(home, engine):
    image = engine.ref("docker.io/applaunch/layers:latest")
    engine.forget(image)
    home.app("layers", image, entrypoint='["echo", "ran"]')

    processes = [
        home.popen("layers", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)
    ]

    assert [process.communicate(timeout=120)[0] for process in processes] == [b"ran\n"] * 3


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["frobnicate"], "applaunch: usage: unknown command 'frobnicate'; see applaunch --help"),
        (["instal", "jq"], "applaunch: usage: unknown command 'instal'; did you mean 'install'?"),
        (["add"], "applaunch: add: missing argument 'NAME...'; applaunch add --help"),
        (["add", "Not A Name"], None),
        (
            ["add", "jq", "yq", "--env", "A=1"],
            "applaunch: add: options apply to one app only; add the other apps separately",
        ),
    ],
)
def test_a_usage_error_exits_with_2(home, words, line):
    ended = home.run("applaunch", *words)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert line is None or one_line(ended) == line


def test_no_python_warning_or_traceback_is_shown(home):
    for words in (
        ["add", "\x1b[31mred"],
        ["info", "x\ny"],
        ["remove", "\u202eabc"],
        ["catalog", "lint", "/nowhere\x1b"],
    ):
        ended = home.run("applaunch", *words)

        assert ended.returncode in (1, 2)
        assert len(ended.stderr.splitlines()) == 1
        assert "\x1b" not in ended.stderr
        assert "\u202e" not in ended.stderr


def test_a_shim_called_by_its_own_launch_is_refused(home, engine):
    name = home.app("loop", engine.ref("docker.io/library/busybox:latest"), entrypoint='["true"]')

    ended = home.run(name, env={"APPLAUNCH_SHIM": name})

    assert ended.returncode == LAUNCH
    assert one_line(ended).startswith("applaunch: loop: called by what it has started itself (loop > loop); ")


def test_a_credential_helper_that_is_a_shim_does_not_recurse(home, engine):
    image = engine.ref("docker.io/library/busybox:latest")
    name = home.app("docker-credential-loop", image, entrypoint='["echo", "ran"]')
    (home.path / ".docker").mkdir()
    (home.path / ".docker/config.json").write_text('{"credsStore": "loop"}')
    engine.forget(image)

    ended = home.run(name)

    assert (ended.returncode, ended.stdout) == (0, "ran\n")
    assert "pulling" in ended.stderr


def test_a_launch_works_with_an_unwritable_home(home, engine):
    if os.getuid() == 0:
        name = home.app("bb", engine.ref("docker.io/library/busybox:latest"), entrypoint='["echo", "ran"]')
        home.owned_by(4242)
        for folder, _, files in os.walk(home.path):
            for path in (folder, *(f"{folder}/{file}" for file in files)):
                os.chown(path, 0, 0)

        ended = home.run(name)

        assert (ended.returncode, ended.stdout) == (0, "ran\n")
        assert "Traceback" not in ended.stderr
