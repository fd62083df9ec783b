"""What a child of the command server does is what the program does."""

import os
import signal
import subprocess

import pytest

from tests import command_server
from tests.command_server import serves
from tests.home import Home

PIPES = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}


def served(home, *words, env=None, timeout=60, text=True, **how):
    return command_server.run(words, home.env | (env or {}), home.work, timeout, text, PIPES | how)


def started(home, *words, env=None, text=True, **how):
    return subprocess.run(
        [command_server.PROGRAM, *words],
        env=home.env | (env or {}),
        cwd=home.work,
        text=text,
        check=False,
        **PIPES | how,
    )


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--help"],
        ["--version"],
        ["list"],
        ["list", "--json"],
        ["info", "jq"],
        ["search", "video"],
        ["doctor"],
        ["history"],
        ["which", "jq"],
        ["add", "jqq"],
        ["add", "jq", "--dry-run"],
        ["add", "--nonsense"],
        ["nonsense"],
        ["run", "nonsense"],
        ["completion", "bash"],
        ["config", "list"],
    ],
    ids=" ".join,
)
def test_it_says_and_ends_as_the_program(home, words):
    assert _seen(served(home, *words)) == _seen(started(home, *words))


def test_it_deploys_as_the_program(tmp_path):
    seen = []
    for run in (started, served):
        home = Home(tmp_path / run.__name__)
        words = (["add", "jq", "-y"], ["list"], ["doctor"], ["remove", "jq"])
        said = [run(home, *each) for each in words]
        seen.append([_seen(each) for each in said])

    assert seen[0] == seen[1]
    assert [code for code, *_ in seen[0]] == [0, 0, 1, 0]  # no engine answers the doctor


def test_it_has_the_environment_the_folder_the_mask_and_the_descriptors_of_its_caller(home):
    editor = home.work / "editor"
    editor.write_text("#!/bin/sh\n{ pwd; umask; env | sort; ls /proc/$$/fd; } >seen\n")
    editor.chmod(0o755)
    seen = []
    for run in (started, served):
        before = os.umask(0o067)
        try:
            run(home, "edit", "jq", env={"EDITOR": str(editor), "MINE": "a b"})
        finally:
            os.umask(before)
        seen.append((home.work / "seen").read_text())

    assert seen[0] == seen[1]
    assert seen[0].startswith(f"{home.work}\n0067\n")
    assert "\nMINE=a b\n" in seen[0]


def test_its_death_is_its_callers_to_see(home):
    reading, writing = os.pipe()
    os.close(reading)

    done = served(home, "list", stdout=writing)
    os.close(writing)

    assert done.returncode == -signal.SIGPIPE


def test_what_is_typed_reaches_it(home):
    line = "alias youtube='docker run --rm docker.io/library/busybox:1'\n"

    assert "youtube" in served(home, "import", "-", "--dry-run", input=line).stdout


def test_one_that_does_not_end_is_killed_when_the_time_is_over(home):
    reading, writing = os.pipe()
    with pytest.raises(subprocess.TimeoutExpired):
        served(home, "import", "-", stdin=reading, timeout=0.5)
    os.close(reading)
    os.close(writing)


def test_bytes_stay_bytes(home):
    assert served(home, "list", "--json", text=False).stdout == started(home, "list", "--json", text=False).stdout


@pytest.mark.parametrize(
    "changed",
    [
        {"LANG": "C"},
        {"LC_ALL": "de_DE.UTF-8"},
        {"PYTHONWARNINGS": "error"},
        {"FORCE_COLOR": "1"},
    ],
    ids=lambda each: next(iter(each)),
)
def test_what_python_reads_at_its_start_needs_a_program(home, changed):
    assert serves(command_server.PROGRAM, home.env, home.work, PIPES)
    assert not serves(command_server.PROGRAM, home.env | changed, home.work, PIPES)


def test_another_program_or_another_way_to_start_it_needs_a_program(home):
    assert not serves("/usr/bin/applaunch", home.env, home.work, PIPES)
    assert not serves(command_server.PROGRAM, home.env, home.work, PIPES | {"preexec_fn": os.setsid})
    assert not serves(command_server.PROGRAM, home.env, home.work / "nowhere", PIPES)


def _seen(done):
    return done.returncode, done.stdout, done.stderr
