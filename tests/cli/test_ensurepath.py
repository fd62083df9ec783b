"""ensurepath: real shells read what it wrote."""

import json
import os
import shutil
import subprocess

import pytest

from launcher.manage.machine.texts import path_block

NASTY = """it's a "dir" $HOME `id` \\ *"""
ASK = {
    "bash": [["bash", "-ic"], ["bash", "-lc"]],
    "zsh": [["zsh", "-ic"]],
    "fish": [["fish", "-c"]],
    "sh": [["sh", "-lc"]],
}


def path_in(home, words):
    """What PATH is in a shell that a terminal opens, as a list."""
    env = {"HOME": str(home.path), "PATH": "/usr/bin:/bin", "TERM": "dumb"}
    ask = "string join : $PATH" if words[0] == "fish" else 'printf "%s\\n" "$PATH"'
    done = subprocess.run([*words, ask], env=env, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    return done.stdout.splitlines()[-1].split(":")


def outside(home, **more):
    """An environment whose PATH does not have the shims yet."""
    return {"PATH": os.pathsep.join(part for part in home.env["PATH"].split(":") if part != str(home.bin)), **more}


@pytest.mark.parametrize("name", ASK)
@pytest.mark.parametrize("folder", ["plain", "with a space", NASTY])
def test_a_new_terminal_has_the_shims_first(home, shell, name, folder):
    program = shell(name)
    env = outside(home, SHELL=program, XDG_BIN_HOME=f"{home.path}/{folder}")

    home.run("applaunch", "ensurepath", env=env, check=True)

    for words in ASK[name]:
        assert (
            path_in(home, [shell(words[0]), *words[1:]] if words[0] != "fish" else words)[0] == f"{home.path}/{folder}"
        )


@pytest.mark.parametrize("name", ASK)
def test_a_second_time_writes_nothing(home, name):
    env = outside(home)
    home.run("applaunch", "ensurepath", "--shell", name, env=env, check=True)
    files = {path: (path.read_bytes(), path.stat().st_ino) for path in home.path.rglob(".*") if path.is_file()}

    again = json.loads(home.run("applaunch", "ensurepath", "--shell", name, "--json", env=env, check=True).stdout)

    assert again["changed"] == []
    assert again["unchanged"]
    assert {path: (path.read_bytes(), path.stat().st_ino) for path in files} == files


def test_what_the_user_wrote_stays_around_the_block(home):
    bashrc = home.path / ".bashrc"
    bashrc.write_text("alias ll='ls -l'")
    home.run("applaunch", "ensurepath", "--shell", "bash", env=outside(home), check=True)
    bashrc.write_text(bashrc.read_text() + "alias la='ls -a'\n")

    home.run("applaunch", "ensurepath", "--shell", "bash", env=outside(home, XDG_BIN_HOME="/elsewhere"), check=True)

    block = path_block("bash", "/elsewhere")
    assert bashrc.read_text() == f"alias ll='ls -l'\n\n{block}alias la='ls -a'\n"


def test_a_linked_start_file_stays_a_link_and_keeps_its_mode(home):
    real = home.path / "dotfiles/zshrc"
    real.parent.mkdir()
    real.write_text("# mine\n")
    real.chmod(0o600)
    (home.path / ".zshrc").symlink_to(real)

    home.run("applaunch", "ensurepath", "--shell", "zsh", env=outside(home), check=True)

    assert (home.path / ".zshrc").is_symlink()
    assert real.read_text().startswith("# mine\n")
    assert real.stat().st_mode & 0o777 == 0o600


def test_a_login_bash_reads_the_file_that_is_there(home):
    (home.path / ".bash_profile").write_text("# mine\n")

    done = home.run("applaunch", "ensurepath", "--shell", "bash", env=outside(home), check=True)

    assert "applaunch" in (home.path / ".bash_profile").read_text()
    assert not (home.path / ".profile").exists()
    assert "written: ~/.bash_profile" in done.stdout


def test_nothing_is_written_if_path_has_the_folder(home):
    done = home.run("applaunch", "ensurepath", env={"SHELL": "/bin/bash"}, check=True)

    assert done.stdout == "~/.local/bin is already on PATH\n"
    assert not (home.path / ".bashrc").exists()


def test_a_dry_run_shows_the_block_and_writes_nothing(home):
    done = home.run("applaunch", "ensurepath", "--shell", "bash", "--dry-run", env=outside(home), check=True)

    assert done.stdout.endswith(path_block("bash", str(home.bin)))
    assert not (home.path / ".bashrc").exists()


def test_json_names_folder_shell_and_files(home, answer):
    assert answer("ensurepath", "--shell", "sh", env=outside(home)) == {
        "folder": str(home.bin),
        "shell": "sh",
        "on_path": False,
        "dry_run": False,
        "changed": [f"{home.path}/.profile"],
        "unchanged": [],
    }


@pytest.mark.parametrize(
    ("words", "env", "code", "line"),
    [
        (["--shell", "csh"], {}, 2, "unknown shell 'csh'; use one of bash, zsh, fish, sh"),
        ([], {"SHELL": "/bin/tcsh"}, 1, "unknown shell 'tcsh'; put the folder on PATH in its start file"),
        ([], {"SHELL": "/bin/sh", "XDG_BIN_HOME": "/a:b"}, 1, "cannot be on PATH; set XDG_BIN_HOME to another folder"),
    ],
)
def test_errors_are_reported_in_one_line(home, words, env, code, line):
    done = home.run("applaunch", "ensurepath", *words, env=outside(home, **env))

    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.endswith(f"{line}\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("folder", ["/home/ana/.local/bin", NASTY])
def test_shellcheck_finds_nothing_in_the_block(folder):
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed: apt install shellcheck")
    done = subprocess.run(
        ["shellcheck", "--shell=sh", "--exclude=SC2016", "-"],  # a folder may well be called $HOME
        input=path_block("sh", folder),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == ""
