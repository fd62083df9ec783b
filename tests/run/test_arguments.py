"""Arguments reach the program byte for byte (design.md, promise 1; peers.md, M3 and M4)."""

import json
import subprocess

import pytest

from tests.home import SANDBOXED

pytestmark = pytest.mark.engine

AWKWARD = (
    "a b",
    "*",
    "",
    "--x='y z'",
    "new\nline",
    "$(id)",
    "`id`",
    "http://x/?a=1&b=2",
    "é ü 漢",
    "-",
    "--",
    "\\n",
    "!",
    "'",
    '"',
    "\t",
)


@pytest.mark.smoke
def test_an_argument_list_arrives_unchanged(home, probe):
    seen = json.loads(home.run(probe, *AWKWARD).stdout)

    assert seen["argv"] == list(AWKWARD)


def test_nothing_after_an_ampersand_runs_on_the_host(home, probe):
    canary = home.work / "canary"

    seen = json.loads(
        home.run(probe, f"http://x/?a=1&touch {canary}", f"; touch {canary}", f"$(touch {canary})").stdout
    )

    assert not canary.exists()
    assert len(seen["argv"]) == 3


def test_the_arguments_survive_the_users_own_shell(home, probe):
    script = "probe 'a b' '*' '' \"--x='y z'\" $'new\\nline' '$(id)' 'http://x/?a=1&b=2'"

    seen = json.loads(home.run("bash", "-c", script).stdout)

    assert seen["argv"] == ["a b", "*", "", "--x='y z'", "new\nline", "$(id)", "http://x/?a=1&b=2"]


def test_a_thousand_long_arguments_arrive(home, probe):
    args = [f"{number}-{'x' * 90}" for number in range(1000)]

    assert json.loads(home.run(probe, *args).stdout)["argv"] == args


def test_an_argument_that_no_engine_can_carry_is_refused_by_number(home, probe):
    ended = home.run(probe, "fine", b"caf\xe9", text=False)

    if home.way in SANDBOXED:
        assert json.loads(ended.stdout)["argv"] == ["fine", "caf\udce9"]
        return
    assert ended.returncode == 126
    assert ended.stdout == b""
    assert ended.stderr == (
        b"applaunch: probe: argument 2 is not UTF-8 and no engine can carry it;"
        b" rename the file, or reach it through a folder\n"
    )


def test_options_that_look_like_ours_go_to_the_program(home, probe):
    seen = json.loads(home.run(probe, "--help", "--version", "--json", "-h").stdout)

    assert seen["argv"] == ["--help", "--version", "--json", "-h"]


def test_run_passes_everything_after_the_name(home, probe):
    ended = home.run("applaunch", "run", "probe", "--help", "--dry-run", "a b")

    assert json.loads(ended.stdout)["argv"] == ["--help", "--dry-run", "a b"]


def test_the_dry_run_line_pasted_into_a_shell_is_the_same_run(home, probe, engine):
    ours = json.loads(home.run(probe, *AWKWARD).stdout)
    line = home.run("applaunch", "run", "--dry-run", "probe", *AWKWARD).stdout
    pasted = subprocess.run(
        ["bash", "-c", line],
        env=home.env,
        cwd=home.work,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=True,
    )

    theirs = json.loads(pasted.stdout)
    for seen in (ours, theirs):
        del seen["environment"]["HOSTNAME"], seen["pid"]
        seen["environment"].pop("PWD", "")  # which bubblewrap sets, and no engine does (docs/engines.md)
        if home.way in SANDBOXED:
            del seen["groups"]  # whose numbers a sandbox hides (docs/engines.md)
    assert theirs == ours
