"""Finding a project's files, and reading them: nothing that stands in their place is waited for or followed."""

import os
import subprocess

import pytest

from launcher.errors import HostError
from launcher.host.find_project import MAX_SIZE, find, lock_path, next_above, read
from launcher.host.git_worktree import main_checkout


def test_find_returns_the_nearest_catalog_and_next_above_the_following(tmp_path):
    home, inner = tmp_path / "home", tmp_path / "home/a/b/c"
    inner.mkdir(parents=True)
    for folder in (home, home / "a", inner):
        (folder / "applaunch.toml").write_text("")

    first = find(str(home), f"{inner}")

    assert first == f"{inner}/applaunch.toml"
    assert next_above(first, str(home)) == f"{home}/a/applaunch.toml"
    assert next_above(f"{home}/a/applaunch.toml", str(home)) == ""


def fifo(path):
    os.mkfifo(path)


def endless(path):
    path.symlink_to("/dev/zero")


def huge(path):
    with path.open("wb") as file:
        file.truncate(MAX_SIZE + 1)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (fifo, "is not a plain file"),
        (lambda path: path.mkdir(), "is not a plain file"),
        (endless, "cannot be read: too many levels of symbolic links"),
        (huge, "is larger than 5 MiB"),
        (lambda path: path.write_bytes(b"\xff"), "is not UTF-8 text"),
    ],
)
def test_a_project_file_that_is_not_plain_text_is_refused_immediately(tmp_path, spoil, why):
    path = tmp_path / "applaunch.toml"
    spoil(path)
    before = len(os.listdir("/proc/self/fd"))

    with pytest.raises(HostError, match=why):
        read(str(path))
    assert len(os.listdir("/proc/self/fd")) == before


def test_devices_and_endless_files_are_refused():
    with pytest.raises(HostError, match="is not a plain file"):
        read("/dev/zero")
    with pytest.raises(HostError, match=r"is not UTF-8 text|is larger|cannot be read"):
        read("/proc/self/mem")


def test_a_file_of_the_maximum_size_is_read(tmp_path):
    (tmp_path / "a").write_text("#" * MAX_SIZE)

    assert len(read(f"{tmp_path}/a")) == MAX_SIZE
    assert read(f"{tmp_path}/b") is None
    assert read(f"{tmp_path}/a/b") is None


def test_a_linked_lock_file_is_resolved(tmp_path):
    (tmp_path / "applaunch.lock").symlink_to("other")

    assert lock_path(f"{tmp_path}/applaunch.toml") == f"{tmp_path}/other"


@pytest.fixture
def repository(tmp_path):
    """A git repository with a worktree beside it."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    main = tmp_path / "main"
    (main / "sub").mkdir(parents=True)
    (main / "sub/file").write_text("x")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"], ["worktree", "add", "-q", tmp_path / "tree"]):
        subprocess.run([*git, *words], cwd=main, check=True)
    return tmp_path


def test_a_worktree_maps_to_its_main_checkout(repository):
    assert main_checkout(f"{repository}/tree") == f"{repository}/main"
    assert main_checkout(f"{repository}/tree/sub") == f"{repository}/main/sub"
    assert main_checkout(f"{repository}/main/sub") == f"{repository}/main/sub"


def test_a_worktree_with_relative_links_maps_to_its_main_checkout(repository):
    (repository / "tree/.git").write_text("gitdir: ../main/.git/worktrees/tree\n")
    (repository / "main/.git/worktrees/tree/gitdir").write_text("../../../../tree/.git\n")

    assert main_checkout(f"{repository}/tree/sub") == f"{repository}/main/sub"


def test_a_copied_git_file_makes_no_worktree(repository):
    copy = repository / "copy"
    copy.mkdir()
    (copy / ".git").write_bytes((repository / "tree/.git").read_bytes())

    assert main_checkout(str(copy)) == str(copy)


@pytest.mark.parametrize("text", ["", "gitdir: /nowhere/.git/worktrees/x", "gitdir: \x00", "x" * 10_000])
def test_a_git_file_with_other_text_makes_no_worktree(tmp_path, text):
    (tmp_path / ".git").write_text(text)

    assert main_checkout(f"{tmp_path}/sub") == f"{tmp_path}/sub"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to others: run as root")
@pytest.mark.parametrize("name", ["tree/.git", "main/.git/worktrees/tree/gitdir"])
def test_a_git_file_of_another_user_makes_no_worktree(repository, name):
    os.chown(repository / name, 40404, 40404)

    assert main_checkout(f"{repository}/tree") == f"{repository}/tree"


def test_a_repository_inside_a_worktree_is_separate(repository):
    inner = repository / "tree/inner"
    subprocess.run(["git", "init", "-q", inner], check=True)

    assert main_checkout(f"{inner}/sub") == f"{inner}/sub"
