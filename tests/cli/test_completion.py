"""Completion: real shells are asked what they would offer."""

import shutil
import subprocess

import pexpect
import pytest

from launcher.manage.machine.completion import SHELLS, completion_script

BASH = """
source <(applaunch completion bash)
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_applaunch_completion applaunch
printf '%s\\n' "${COMPREPLY[@]}"
"""
CASES = [
    (["add", "shellch"], ["shellcheck"]),
    (["remove", ""], ["mybox"]),
    (["ens"], ["ensurepath"]),
    (["history", ""], ["list", "info", "undo", "redo", "rollback"]),
    (["rollback", ""], ["mybox"]),
    (["upgrade", "--d"], ["--dry-run", "--download-only"]),
    (["engine", "s"], ["status", "start", "stop"]),
    (["completion", ""], ["bash", "zsh", "fish"]),
    (["warm", ""], ["list", "clear", "start"]),
    (["warm", "clear", ""], ["mybox"]),
    (["runs", "--s"], ["--since"]),
    (["run", "--runtime", "b"], ["bubblewrap"]),
]


@pytest.mark.parametrize(("words", "expected"), CASES)
@pytest.mark.usefixtures("installed")
def test_bash_offers(home, shell, words, expected):
    done = home.run(shell("bash"), "-c", BASH, "bash", "applaunch", *words, check=True)

    assert done.stdout.split() == expected
    assert done.stderr == ""


@pytest.mark.parametrize(("words", "expected"), CASES)
@pytest.mark.usefixtures("installed")
def test_fish_offers(home, shell, words, expected):
    home.run("applaunch", "completion", "fish", "--install", check=True)

    done = home.run(shell("fish"), "-c", f'complete -C "applaunch {" ".join(words)}"', check=True)

    assert sorted(line.partition("\t")[0] for line in done.stdout.splitlines()) == sorted(expected)


def test_fish_offers_files_where_a_file_is_wanted(home, shell):
    home.run("applaunch", "completion", "fish", "--install", check=True)
    (home.work / "mine.toml").touch()

    done = home.run(shell("fish"), "-c", 'complete -C "applaunch catalog lint mi"', check=True)

    assert done.stdout.split() == ["mine.toml"]


@pytest.mark.parametrize("how", ["fpath", "sourced"])
@pytest.mark.usefixtures("installed")
def test_zsh_completes_what_is_typed(home, shell, how):
    if how == "fpath":
        home.run("applaunch", "completion", "zsh", "--install", check=True)
        lines = "fpath=(~/.local/share/zsh/site-functions $fpath)\nautoload -Uz compinit; compinit -u\n"
    else:
        lines = "autoload -Uz compinit; compinit -u\nsource <(applaunch completion zsh)\n"
    (home.path / ".zshrc").write_text(f"{lines}PROMPT='READY> '\n")
    child = pexpect.spawn(shell("zsh"), ["-i"], env=home.env, cwd=home.work, encoding="utf-8", timeout=20)
    try:
        child.expect("READY> ")
        child.send("applaunch remove my\t")
        child.expect("applaunch remove .*mybox")
        child.send("\x15applaunch ensur\t")
        child.expect("ensurepath")
    finally:
        child.close(force=True)


@pytest.mark.parametrize("shell_name", SHELLS)
def test_completion_prints_no_error_for_a_broken_catalog(home, shell, shell_name):
    home.catalog("this is no TOML")
    ask = {
        "bash": ["-c", BASH, "bash", "applaunch", "add", "j"],
        "fish": ["-c", 'applaunch completion fish | source; complete -C "applaunch add zzz"'],
        "zsh": ["-c", "autoload -Uz compinit; compinit -u; source <(applaunch completion zsh)"],
    }

    done = home.run(shell(shell_name), *ask[shell_name])

    assert (done.stdout.strip(), done.stderr) == ("", "")


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("bash", ".local/share/bash-completion/completions/applaunch"),
        ("zsh", ".local/share/zsh/site-functions/_applaunch"),
        ("fish", ".config/fish/completions/applaunch.fish"),
    ],
)
def test_install_writes_to_the_folder_that_the_shell_reads(home, answer, name, place):
    told = answer("completion", name, "--install")

    assert told == {"shell": name, "path": f"{home.path}/{place}", "script": completion_script(name)}
    assert (home.path / place).read_text() == completion_script(name)


def test_another_programs_completion_file_stays(home):
    path = home.path / ".config/fish/completions/applaunch.fish"
    path.parent.mkdir(parents=True)
    path.write_text("# mine\n")

    done = home.run("applaunch", "completion", "fish", "--install")

    assert (done.returncode, path.read_text()) == (1, "# mine\n")
    assert "exists and is not applaunch's; mv " in done.stderr


def test_an_unknown_shell_is_a_usage_error(home):
    done = home.run("applaunch", "completion", "csh")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "applaunch: completion: unknown shell 'csh'; use one of bash, zsh, fish\n"


def test_shellcheck_finds_nothing_in_the_script_for_bash():
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed: apt install shellcheck")
    done = subprocess.run(
        ["shellcheck", "--shell=bash", "-"],
        input=completion_script("bash"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == ""
