"""A call like one before is repeated as it was planned, and every other call is planned."""

import json
import os
import re
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.home import STRANGER
from tests.leftovers import eventually_none

pytestmark = pytest.mark.engine


@pytest.fixture
def tool(home, engine):
    """A command in busybox that runs in a sandbox as root does: with a read-only image. Its plan is saved.

    That is done by a second call: the first one makes files that the plan rests on.
    """
    image = engine.ref("docker.io/library/busybox:latest")
    home.app("box", image, entrypoint='["busybox"]', network_mode='"none"', read_only="true", runtime='"bubblewrap"')
    home.run("box", "true", check=True)
    time.sleep(0.05)  # for the clock of files
    home.run("box", "true", check=True)
    return "box"


def modules(home, words, env=None, cwd=None):
    """Return how many modules of ours such a call loads."""
    words = [sys.executable, "-IS", "-c", COUNT, home.bin / words[0], *words[1:]]
    done = home.run(*words, env=env, cwd=cwd)
    return int(done.stderr.splitlines()[-1])


COUNT = """
import posix, sys
def end(code, end=posix._exit):
    print(sum(name.startswith("launcher") for name in sys.modules), file=sys.stderr, flush=True)
    end(code)
posix._exit = end
sys.argv.pop(0)
exec(open(sys.argv[0]).read())
"""
"""A program that runs the shim of its first argument, and tells at the end how many modules of ours are loaded."""


def runtime_of_last_run(home):
    return json.loads(home.run("applaunch", "runs", "--json").stdout)[0]["runtime"]


def test_a_repeated_call_loads_at_most_15_modules_and_is_in_the_journal(home, tool):
    assert modules(home, [tool, "true"]) <= 15
    assert runtime_of_last_run(home) == "bubblewrap"


def test_other_arguments_repeat_the_plan(home, tool):
    (home.work / "f").write_text("text\n")

    assert modules(home, [tool, "cat", "f"]) <= 15
    assert home.run(tool, "cat", "f").stdout == "text\n"
    assert home.run(tool, "sh", "-c", "exit 33").returncode == 33


def test_a_call_with_input_gets_it_after_calls_without(home, tool):
    assert home.run(tool, "cat", input="text\n").stdout == "text\n"


def test_each_run_has_a_hostname_of_its_own(home, tool):
    names = {home.run(tool, "sh", "-c", "hostname; echo $HOSTNAME").stdout for _ in range(3)}

    assert len(names) == 3
    assert all(len({*name.split()}) == 1 for name in names)


INTERFACE = re.compile(r"^\d+: (eth|tap|en)\w+: .*\bUP\b", re.MULTILINE)
"""What `ip addr` prints of a network of its own, by pasta or slirp4netns."""

CHANGES = {
    "another folder": lambda home: {"cwd": make(home.work / "sub")},
    "a variable": lambda home: {"env": {"LC_TIME": "C"}},
    "a proxy": lambda home: {"env": {"https_proxy": "http://proxy:1"}},
    "a time zone": lambda home: {"env": {"TZ": "UTC"}},
    "a remote engine": lambda home: {"env": {"DOCKER_HOST": "ssh://nowhere.invalid"}},
    "a secret in the home": lambda home: (home.path / ".netrc").write_text("x") and {},
    "a project": lambda home: (home.work / "applaunch.toml").write_text("[apps]\n") and {},
    "a setting": lambda home: write(home.path / ".config/applaunch/config.toml", "[run]\n"),
}


def make(folder):
    folder.mkdir()
    return folder


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    return {}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_anything_that_the_plan_rests_on_makes_a_new_plan(home, tool, change):
    assert modules(home, [tool, "true"]) <= 15

    options = CHANGES[change](home)

    assert modules(home, [tool, "true"], **options) > 30


@pytest.fixture
def project(home, engine):
    """A folder in a git worktree, in which a command that mounts the project is repeated as it was planned."""
    main, tree = home.path / "main", home.path / "tree"
    for part in ("objects", "refs", "worktrees/tree"):
        (main / ".git" / part).mkdir(parents=True)
    (main / ".git/HEAD").write_text("ref: refs/heads/main\n")
    (main / ".git/worktrees/tree/gitdir").write_text(f"{tree}/.git\n")
    (tree / "src/sub").mkdir(parents=True)
    (tree / ".git").write_text(f"gitdir: {main}/.git/worktrees/tree\n")
    image = engine.ref("docker.io/library/busybox:latest")
    words = {"entrypoint": '["busybox"]', "network_mode": '"none"', "read_only": "true", "runtime": '"bubblewrap"'}
    home.app("find", image, mount_cwd='"project"', project_markers='["go.mod"]', **words)
    for _ in range(2):
        home.run("find", "true", cwd=tree / "src/sub", check=True)
        time.sleep(0.05)  # for the clock of files
    return tree / "src/sub"


def exchange(path, other):
    """Put a folder of the same content in the place of *path*."""
    shutil.copytree(path, other)
    shutil.rmtree(path)
    other.rename(path)


PROJECTS = {
    "a nearer marker": lambda top: (top / "src/.git").mkdir(),
    "a nearer marker of the entry": lambda top: (top / "src/sub/go.mod").touch(),
    "a project catalog": lambda top: (top / "src/applaunch.toml").write_text("[apps]\n"),
    "no marker": lambda top: (top / ".git").unlink(),
    "a repository of its own": lambda top: (top / ".git").unlink() or (top / ".git").mkdir(),
    "another repository": lambda top: (top / ".git").write_text("gitdir: /nowhere\n"),
    "a repository that no longer points back": lambda top: (main_of(top) / "worktrees/tree/gitdir").write_text("/x\n"),
    "a repository that is none": lambda top: (main_of(top) / "HEAD").unlink(),
    "a repository in the place of another": lambda top: exchange(main_of(top), main_of(top).with_name("other")),
    "a marker of another user": lambda top: os.chown(top / ".git", STRANGER, STRANGER),
}


def main_of(top):
    return top.parent / "main/.git"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to others: run as root")
@pytest.mark.parametrize("change", PROJECTS)
def test_a_change_of_the_project_makes_a_new_plan(home, project, change):
    assert modules(home, ["find", "true"], cwd=project) <= 15

    PROJECTS[change](project.parent.parent)

    assert modules(home, ["find", "true"], cwd=project) > 30


def test_work_in_the_project_repeats_its_plan(home, project):
    top = project.parent.parent
    (top / "new").touch()
    (main_of(top) / "index").touch()
    (main_of(top) / "HEAD").write_text("ref: refs/heads/other\n")

    assert modules(home, ["find", "true"], cwd=project) <= 15
    assert modules(home, ["find", "true"], cwd=project.parent) > 30


@pytest.mark.parametrize("argument", ["/etc/hostname", "../x", "link", "sub/link", "of=/etc/hostname", "--x=../y"])
def test_an_argument_that_may_name_something_outside_is_planned(home, tool, argument):
    (home.work / "sub").mkdir()
    (home.work / "link").symlink_to("/etc/hostname")
    (home.work / "sub/link").symlink_to("/etc/hostname")

    assert modules(home, [tool, "true", argument]) > 30


def test_a_file_outside_is_readable_after_the_plan_was_saved(home, tool, tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("from outside\n")

    assert home.run(tool, "cat", str(outside)).stdout == "from outside\n"


def test_an_edited_entry_counts_at_the_next_call(home, tool):
    home.run("applaunch", "override", tool, "--env", "ADDED=yes", check=True)

    assert home.run(tool, "sh", "-c", "echo $ADDED").stdout == "yes\n"


def test_a_link_that_now_leads_to_another_folder_is_never_mounted_as_the_old_one(home, tool):
    for name in ("one", "two"):
        make(home.work / name)
        (home.work / name / "f").write_text(name)
    where = home.work / "here"
    where.symlink_to("one")
    assert home.run(tool, "cat", "f", cwd=where).stdout == "one"

    where.unlink()
    where.symlink_to("two")

    assert home.run(tool, "cat", "f", cwd=where).stdout == "two"


@pytest.mark.parametrize("damage", ["cut", "another byte", "writable by others", "not a list", "empty"])
def test_a_damaged_plan_is_no_plan(home, tool, damage):
    path = home.path / ".cache/applaunch/plans/box"
    data = path.read_bytes()
    path.write_bytes(
        {"cut": data[:-9], "another byte": data.replace(b"busybox", b"busybux"), "empty": b""}.get(damage, data)
    )
    if damage == "writable by others":
        path.chmod(0o666)
    if damage == "not a list":
        path.write_bytes(b"2 0000000000000000\n{}")

    assert home.run(tool, "echo", "fine").stdout == "fine\n"


def test_a_removed_tree_is_made_again(home, tool):
    home.run(
        "sh",
        "-c",
        f"chmod -R u+w {home.path}/.local/share/applaunch/images; rm -rf {home.path}/.local/share/applaunch/images",
        check=True,
    )

    assert home.run(tool, "echo", "fine").stdout == "fine\n"


def test_a_signal_ends_a_repeated_program_and_its_launcher_alike(home, tool):
    with home.popen(tool, "sleep", "100") as launcher:
        children = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children")
        eventually_none(lambda: not children.read_text())
        launcher.terminate()

        assert launcher.wait(10) == -15


def test_a_program_with_a_network_of_its_own_is_repeated_in_it(home, engine):
    image = engine.ref("docker.io/library/busybox:latest")
    home.app("box", image, entrypoint='["busybox"]', read_only="true", runtime='"bubblewrap"')
    namespaces = set()
    for _ in range(3):
        time.sleep(0.05)
        namespaces.add(home.run("box", "readlink", "/proc/self/ns/net", check=True).stdout)

    assert len(namespaces) == 1
    assert namespaces != {os.readlink("/proc/self/ns/net") + "\n"}
    home.run("box", "true", check=True)
    assert modules(home, ["box", "true"]) <= 15
    assert INTERFACE.search(home.run("box", "ip", "addr").stdout)


def test_a_network_that_has_ended_is_made_again(home, engine):
    image = engine.ref("docker.io/library/busybox:latest")
    home.app("box", image, entrypoint='["busybox"]', read_only="true", runtime='"bubblewrap"')
    for _ in range(2):
        time.sleep(0.05)
        home.run("box", "true", check=True)
    record = home.path / ".local/state/applaunch/networks/box"

    os.kill(json.loads(record.read_text())["pid"], signal.SIGKILL)

    assert INTERFACE.search(home.run("box", "ip", "addr", check=True).stdout)
