"""What trust in a project is: of the texts that were shown, at that place, and of nothing that came later."""

import hashlib
import json
import os
import shutil
import subprocess
from binascii import crc32

import pexpect
import pytest

from launcher.core.images.lockfile import LockedApp, LockedImage, lock_text
from launcher.state import launch_files, write_launch_file
from tests.cli.projects import BB, DIGEST, OTHER, line, write
from tests.home import VENV

UNTRUSTED = "that file is not trusted yet"
PLATFORMS = ("linux/amd64", "linux/arm64")


def locked(folder, digest, app="bb", ref=BB):
    """Write a lock that holds *app* on a *digest*."""
    held = dict.fromkeys(PLATFORMS, LockedImage(digest, OTHER))
    (folder / "applaunch.lock").write_text(lock_text([LockedApp(app, ref, OTHER, held)]))


def trust(home, folder, *words):
    return home.run("applaunch", "trust", "-y", *words, cwd=folder, check=True).stdout


@pytest.fixture
def asked(home, project):
    """Type a command that asks whether to trust the project; what is done then happens before the answer yes."""

    def type_and_do(words, then):
        child = pexpect.spawn(
            str(VENV / "applaunch"),
            words,
            env=home.env | {"NO_COLOR": "1"},
            cwd=str(project),
            encoding="utf-8",
            timeout=30,
        )
        child.expect(r"trust this project\? \[y/N\]: ")
        shown = child.before
        then()
        child.sendline("y")
        child.expect(pexpect.EOF)
        child.close()
        return shown + child.before

    return type_and_do


# The text that was shown


def test_trust_covers_the_text_that_was_shown_and_not_a_later_one(home, project, asked):
    before = (project / "applaunch.toml").read_text()

    shown = asked(["trust"], lambda: write(project, '[apps.bb]\nentrypoint = ["echo", "swapped"]\n'))

    assert '"project"' in shown
    assert UNTRUSTED in line(home, project)
    (project / "applaunch.toml").write_text(before)
    assert line(home, project).rstrip().endswith("project x")


def test_trust_covers_the_lock_that_was_shown_and_not_a_later_one(home, project, asked):
    write(project, f'[apps.bb]\nimage = "{BB}"\n')
    locked(project, DIGEST)

    shown = asked(["trust"], lambda: locked(project, OTHER))

    assert f'digest = "{DIGEST}"' in shown
    assert "applaunch.lock is not the one that was trusted" in line(home, project)
    locked(project, DIGEST)
    assert f"busybox@{DIGEST}" in line(home, project)


def test_sync_installs_what_it_showed(home, project, asked):
    write(project, f'[apps.tool]\nimage = "{BB}"\nentrypoint = ["echo", "shown"]\n')

    def swap():
        write(project, f'[apps.tool]\nimage = "{BB}"\nentrypoint = ["echo", "swapped"]\n')
        locked(project, OTHER, "tool")

    assert "(transaction " in asked(["sync"], swap)

    installed = line(home, home.work, "tool")
    assert installed.rstrip().endswith("shown x")
    assert OTHER not in installed
    assert UNTRUSTED in line(home, project, "tool")


# The lock is part of it


def test_a_changed_digest_in_the_lock_needs_trust_again(home, project):
    write(project, f'[apps.bb]\nimage = "{BB}"\n')
    locked(project, DIGEST)
    trust(home, project)
    assert f"busybox@{DIGEST}" in line(home, project)

    locked(project, OTHER)

    ended = home.run("bb", cwd=project)
    assert (ended.returncode, ended.stdout) == (126, "")
    assert ended.stderr == (
        "applaunch: bb: ~/proj/applaunch.lock is not the one that was trusted with ~/proj/applaunch.toml; applaunch trust\n"
    )
    assert home.run("applaunch", "sync", "--check", cwd=project).stderr.endswith("is not trusted; applaunch trust\n")
    shown = trust(home, project)
    assert f'-digest = "{DIGEST}"' in shown
    assert f'+digest = "{OTHER}"' in shown
    assert f"busybox@{OTHER}" in line(home, project)


def test_a_lock_added_or_removed_after_the_trust_needs_trust_again(home, project):
    trust(home, project)
    assert line(home, project).rstrip().endswith("project x")

    locked(project, DIGEST)
    assert "is not the one that was trusted" in line(home, project)
    trust(home, project)
    (project / "applaunch.lock").unlink()
    assert "is not the one that was trusted" in line(home, project)


def test_a_lock_that_the_user_writes_is_trusted_with_the_catalog(home, project, tool):
    trust(home, project)

    home.run("applaunch", "lock", cwd=project, check=True)
    assert "@sha256:" in line(home, project, "tool")
    tool.index("1", ["linux/arm64", "linux/amd64"])
    home.run("applaunch", "lock", "--update", cwd=project, check=True)

    assert "@sha256:" in line(home, project, "tool")


def test_lock_in_an_untrusted_project_writes_a_lock_that_is_not_trusted(home, project, tool):
    home.run("applaunch", "lock", cwd=project, check=True)

    assert UNTRUSTED in line(home, project, "tool")


def test_lock_does_not_trust_what_somebody_else_wrote_into_it(home, project, tool):
    trust(home, project)
    locked(project, OTHER, "tool", (project / "applaunch.toml").read_text().split('"')[1])

    assert "written" in home.run("applaunch", "lock", cwd=project).stdout

    assert OTHER in (project / "applaunch.lock").read_text()
    assert "is not the one that was trusted" in line(home, project, "tool")


# What an untrusted file may do: nothing


MOVES = {
    "another tag": '[apps]\nbb = "docker.io/library/busybox:1.36"\n',
    "a digest": f'[apps]\nbb = "docker.io/library/busybox@{DIGEST}"\n',
    "a digest beside the same tag": f'[apps.bb]\nimage = "{BB}@{DIGEST}"\n',
    "no tag": '[apps.bb]\nimage = "docker.io/library/busybox:stable"\n',
    "another repository": '[apps.bb]\nimage = "docker.io/evil/busybox:latest"\n',
    "its own image and a key": f'[apps.bb]\nimage = "{BB}"\nnetwork_mode = "host"\n',
    "its own image and defaults": f'[defaults]\nnetwork_mode = "host"\n[apps]\nbb = "{BB}"\n',
}


@pytest.mark.parametrize("pinned", [False, True])
@pytest.mark.parametrize("case", MOVES)
def test_an_untrusted_catalog_changes_no_app_pinned_or_not(home, project, case, pinned):
    if pinned:
        home.run("applaunch", "pin", "bb", check=True)
    write(project, MOVES[case])

    assert UNTRUSTED in line(home, project)
    trust(home, project)
    assert line(home, project).startswith("docker run")


def test_an_untrusted_catalog_may_name_the_current_image(home, project):
    write(project, f'[apps]\nbb = "{BB}"\nother = "docker.io/library/other:1"\n')

    assert line(home, project) == line(home, home.work).replace(str(home.work), str(project))
    assert UNTRUSTED in line(home, project, "other")


def test_an_untrusted_lock_changes_no_app(home, project):
    write(project, f'[apps.bb]\nimage = "{BB}"\n')
    locked(project, DIGEST)

    assert UNTRUSTED in line(home, project)


def test_an_untrusted_lock_of_the_digest_that_is_installed_needs_no_trust(home, project):
    folder = str(home.path / ".local/state/applaunch/current")
    known = launch_files.read(folder, "bb")
    write_launch_file.write(folder, known.with_image(known.pin._replace(digest=DIGEST)))
    write(project, f'[apps.bb]\nimage = "docker.io/library/busybox@{DIGEST}"\n')

    assert f"busybox@{DIGEST}" in line(home, project)
    locked(project, DIGEST, ref=f"docker.io/library/busybox@{DIGEST}")
    assert f"busybox@{DIGEST}" in line(home, project)
    locked(project, OTHER, ref=f"docker.io/library/busybox@{DIGEST}")
    assert UNTRUSTED in line(home, project)


# Whose trust it is


def colliding(parent):
    """Return two folders whose catalogs' paths have the same CRC-32, which takes a fraction of a second."""
    seen = {}
    for number in range(1 << 20):
        folder = parent / hashlib.sha256(str(number).encode()).hexdigest()[:16]
        sum32 = crc32(os.fsencode(f"{folder}/applaunch.toml"))
        if sum32 in seen:
            return seen[sum32], folder
        seen[sum32] = folder
    raise AssertionError("no collision among a million paths")


def test_projects_whose_paths_have_the_same_short_checksum_are_two(home, project):
    mine, theirs = colliding(home.path)
    for folder, word in ((mine, "trusted"), (theirs, "untrusted")):
        folder.mkdir()
        write(folder, f'[apps.bb]\nentrypoint = ["echo", "{word}"]\n')
    trust(home, mine)
    assert line(home, mine).rstrip().endswith("trusted x")

    assert UNTRUSTED in line(home, theirs)


def test_a_launch_file_of_another_project_is_not_used(home, project):
    trust(home, project)
    line(home, project)
    other = home.path / "other"
    other.mkdir()
    write(other, '[apps.bb]\nentrypoint = ["echo", "other"]\n')
    trust(home, other)
    line(home, other)
    one, two = sorted((home.path / ".local/state/applaunch/projects").iterdir())
    for name in ("one", "two"):
        shutil.copytree({"one": one, "two": two}[name], home.path / name)
    for folder in (one, two):
        shutil.rmtree(folder)
    (home.path / "one").rename(two)
    (home.path / "two").rename(one)

    assert line(home, project).rstrip().endswith("project x")
    assert line(home, other).rstrip().endswith("other x")


def test_a_trust_record_of_another_project_is_not_used(home, project):
    trust(home, project)
    (record,) = (home.path / ".local/state/applaunch/trust").iterdir()
    said = json.loads(record.read_text())
    record.write_text(json.dumps(said | {"path": said["path"].replace("proj", "elsewhere")}))

    assert UNTRUSTED in line(home, project)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', '{"path": 5}', "[" * 100_000, "\x00"])
def test_a_damaged_trust_record_is_ignored(home, project, text):
    trust(home, project)
    (record,) = (home.path / ".local/state/applaunch/trust").iterdir()
    record.write_text(text)

    assert UNTRUSTED in line(home, project)
    assert "trusted" in trust(home, project)
    assert line(home, project).rstrip().endswith("project x")


def test_a_copied_git_file_of_a_worktree_is_not_trusted(home, project):
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"], ["worktree", "add", "-q", home.path / "wt"]):
        subprocess.run([*git, *words], cwd=project, check=True)
    trust(home, project)
    copy = home.path / "copy"
    copy.mkdir()
    for name in (".git", "applaunch.toml"):
        shutil.copy(home.path / "wt" / name, copy)

    assert line(home, home.path / "wt").rstrip().endswith("project x")
    assert UNTRUSTED in line(home, copy)


def test_a_linked_catalog_is_trusted_by_its_target(home, project):
    target = home.path / "dotfiles"
    target.mkdir()
    (project / "applaunch.toml").rename(target / "team.toml")
    (project / "applaunch.toml").symlink_to(target / "team.toml")
    assert UNTRUSTED in line(home, project)

    trust(home, project)

    assert line(home, project).rstrip().endswith("project x")
    home.run("applaunch", "untrust", str(target / "team.toml"), check=True)
    assert UNTRUSTED in line(home, project)


def test_a_link_with_a_new_target_is_not_trusted(home, project):
    for name in ("one", "two"):
        write_to = home.path / f"{name}.toml"
        write_to.write_text(f'schema = 1\n[apps.bb]\nentrypoint = ["echo", "{name}"]\n')
    (project / "applaunch.toml").unlink()
    (project / "applaunch.toml").symlink_to(home.path / "one.toml")
    trust(home, project)
    assert line(home, project).rstrip().endswith("one x")

    (project / "applaunch.toml").unlink()
    (project / "applaunch.toml").symlink_to(home.path / "two.toml")

    assert UNTRUSTED in line(home, project)


def test_the_lock_and_folders_of_a_linked_catalog_are_beside_its_target(home, project):
    """Or a link in an unpacked archive would bring its own lock and recipe to a catalog that is trusted."""
    mine, theirs = home.path / "mine", home.path / "theirs"
    for folder in (mine, theirs):
        folder.mkdir()
    write(mine, f'[apps.bb]\nimage = "{BB}"\n')
    locked(mine, DIGEST)
    trust(home, mine)
    (theirs / "applaunch.toml").symlink_to(mine / "applaunch.toml")
    locked(theirs, OTHER)

    assert f"busybox@{DIGEST}" in line(home, theirs)


# Nobody at a terminal


def test_sync_with_yes_trusts_and_installs_without_a_terminal(home, project):
    write(project, f'[apps.tool]\nimage = "{BB}"\nentrypoint = ["echo", "tool"]\n')

    done = home.run("applaunch", "sync", "-y", cwd=project)

    assert (done.returncode, done.stderr) == (0, "")
    assert '+entrypoint = ["echo", "tool"]' in done.stdout
    assert line(home, project, "tool").rstrip().endswith("tool x")
    assert home.run("applaunch", "sync", "--check", cwd=project).stdout == "this machine matches the project\n"


def test_sync_without_yes_and_terminal_trusts_nothing(home, project):
    done = home.run("applaunch", "sync", cwd=project)

    assert (done.returncode, done.stderr) == (1, "applaunch: sync: no terminal to ask on; answer with: -y\n")
    assert UNTRUSTED in line(home, project)


def test_sync_with_yes_allows_nothing_critical(home, project):
    write(project, f'[apps.tool]\nimage = "{BB}"\nvolumes = ["/:/host"]\n')

    done = home.run("applaunch", "sync", "-y", cwd=project)

    assert done.returncode == 1
    assert done.stderr.endswith("; approve them with: --allow-critical tool\n")
    assert UNTRUSTED in line(home, project, "tool")
    assert home.run("applaunch", "sync", "-y", "--allow-critical", "tool", cwd=project).returncode == 0
