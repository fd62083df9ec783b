"""Whoever calls a shim calls a program: a loop, a hook, cron, sudo (issue 3, "as if native")."""

import contextlib
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pexpect import EOF, ExceptionPexpect, spawn

import launcher
from tests.leftovers import eventually_none, leftovers, of_sandboxes

pytestmark = pytest.mark.engine

PROBE = "docker.io/applaunch/probe:latest"
SOON = 3.0  # seconds
needs_sudo = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("sudo") is None, reason="needs sudo, and root, whom it lets without a password"
)


def tool(home, engine, **keys):
    """An app that runs what its first argument says, with the others as its own."""
    return home.app("tool", engine.ref(PROBE), **{"entrypoint": '["bash", "-c"]', "network_mode": '"none"'} | keys)


def test_calls_from_inside_find_xargs_and_make_work(home, engine):
    name = tool(home, engine, entrypoint='["wc", "-c"]')
    for number in range(6):
        (home.work / f"f{number}").write_text("x" * number)
    (home.work / "Makefile").write_text("all:\n\t@tool f3\n")

    by_xargs = home.run("bash", "-c", f"ls f* | xargs -P 4 -n 1 {name} | sort")
    by_find = home.run("bash", "-c", f"find . -name 'f*' -exec {name} {{}} + | tail -1")
    by_make = home.run("make", "-s")

    assert by_xargs.stderr == ""
    assert by_xargs.stdout.split("\n")[:3] == ["0 f0", "1 f1", "2 f2"]
    assert by_find.stdout.split() == ["15", "total"]
    assert by_make.stdout == "3 f3\n"


def test_a_bare_environment_as_of_cron_is_enough(home, engine):
    name = tool(home, engine)
    home.run(name, "true", check=True)

    ended = home.run(
        "env", "-i", f"HOME={home.path}", f"DOCKER_HOST={home.docker_host}", str(home.bin / name), "echo ran"
    )

    assert (ended.stdout, ended.stderr) == ("ran\n", "")


def test_a_git_hook_and_an_editor_can_be_shims(home, engine):
    tool(home, engine, entrypoint='["bash", "-c", "echo edited >> $0"]')
    script = "git init -q r && cd r && git config user.email a@b && git config user.name a && echo x > f && git add f && git commit -q"

    ended = home.run("bash", "-c", f"{script} && git log --format=%s", env={"EDITOR": "tool", "GIT_EDITOR": "tool"})

    assert ended.stdout == "edited\n", ended.stderr


@pytest.fixture
def sudo(home, bash):
    """The words that run a warm bash through sudo, which hands on no variable but those that it is told."""
    home.run(bash, "-c", "true", check=True)
    told = [f"{name}={home.env[name]}" for name in ("HOME", "DOCKER_HOST")]
    return ["sudo", *told, *home.handed_over().prefix, str(home.bin / bash)]


def started(words, **more):
    """Start a program that says when it runs."""
    process = subprocess.Popen(words, stdout=subprocess.PIPE, **more)
    assert process.stdout.readline() == b"ready\n"
    return process


def on_a_terminal(words, home):
    """Start a program on a terminal of its own."""
    how = {"env": os.environ | {"TERM": "xterm"}, "cwd": str(home.work), "dimensions": (31, 97), "timeout": 60}
    return spawn("env", list(words), encoding="utf-8", **how)


@needs_sudo
def test_by_sudo_streams_and_exit_code_are_the_programs(sudo, home):
    (home.work / "here").write_text("mine\n")
    script = "cat here; cat; echo err >&2; exit 7"

    ended = subprocess.run(
        [*sudo, "-c", script], input="fed", capture_output=True, text=True, cwd=home.work, check=False
    )

    assert (ended.stdout, ended.stderr, ended.returncode) == ("mine\nfed", "err\n", 7)


@needs_sudo
def test_by_sudo_a_terminal_is_one_with_its_size_and_ctrl_c(sudo, home):
    child = on_a_terminal(
        [*sudo, "-c", "sleep 0.5; stty size; trap 'echo caught; exit 9' INT; echo ready; sleep 60"], home
    )
    child.expect("31 97\r\nready")

    child.sendcontrol("c")

    child.expect("caught")
    child.expect(EOF)
    child.close()
    assert child.exitstatus == 9


@needs_sudo
def test_by_sudo_a_signal_reaches_the_program(sudo):
    process = started([*sudo, "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.1; done"])

    process.terminate()  # sudo passes it on

    assert process.wait(20) == 9
    process.stdout.close()


@needs_sudo
def test_by_sudo_a_closed_terminal_takes_the_container_along(sudo, home, engine):
    child = on_a_terminal([*sudo, "-c", "echo ready; exec sleep 600"], home)
    child.expect("ready")

    with contextlib.suppress(ExceptionPexpect):
        child.close(force=False)

    assert not eventually_none(lambda: leftovers(engine) + of_sandboxes(home.path), SOON)


@needs_sudo
def test_a_killed_sudo_takes_the_container_along(sudo, home, engine):
    process = started([*sudo, "-c", "echo ready; while :; do echo more; sleep 0.1; done"])

    process.kill()
    process.stdout.close()
    process.wait(20)

    assert not eventually_none(lambda: leftovers(engine) + of_sandboxes(home.path), SOON)


@needs_sudo
def test_by_sudo_as_somebody_else_the_files_are_theirs(home, bash, engine):
    nobody = pwd.getpwnam("nobody").pw_uid
    group = os.stat(engine.docker_host.removeprefix("unix://")).st_gid  # whoever may use the engine
    prefix = home.owned_by(nobody).prefix
    if "--regid" in prefix:
        prefix[prefix.index("--regid") + 1] = str(group)
    home.takes_over = True
    words = ("applaunch", "run", "--runtime", "engine", bash, "-c", "true")
    home.run(*words, check=True)  # asks what only docker-py can, which a Python of the system has not
    told = [f"{name}={home.env[name]}" for name in ("HOME", "DOCKER_HOST")]
    words = ["sudo", "-u", "nobody", "-g", f"#{group}", *told, python_of("nobody"), "-I", str(home.bin / bash)]

    ended = subprocess.run(
        [*words, "-c", "whoami; touch made"], capture_output=True, text=True, cwd=home.work, check=False
    )

    assert (ended.stdout, ended.stderr, ended.returncode) == ("nobody\n", "", 0)
    assert (home.work / "made").stat().st_uid == nobody


def python_of(user):
    """Return a Python that *user* may run and that can read the launcher: the tests' own may be in root's home."""
    reads = f"import sys; sys.path.append({str(Path(launcher.__file__).parents[1])!r}); import launcher.run.shim"
    for python in (sys.executable, "/usr/bin/python3"):
        if (
            subprocess.run(["sudo", "-u", user, python, "-I", "-c", reads], capture_output=True, check=False).returncode
            == 0
        ):
            return python
    pytest.skip(f"{user} can read no Python from 3.11, or not this folder")


def test_a_process_of_the_caller_is_none_there(home, bash):
    """As a language server finds it that watches the process of its editor (docs/troubleshooting.md)."""
    ended = home.run("bash", "-c", f'{bash} -c "kill -0 $$ && echo alive || exit 3"')

    assert (ended.stdout, ended.returncode) == ("", 3)
    assert "No such process" in ended.stderr
