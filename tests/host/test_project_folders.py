"""Which folder is the top of a project, and which git folder it needs besides."""

import os
import subprocess

import pytest

from launcher.host.git_worktree import git_folder_of
from launcher.host.project_folders import find_project_folders

WORDS = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]


def git(folder, *words):
    subprocess.run([*WORDS, "-c", "protocol.file.allow=always", *words], cwd=folder, check=True)


@pytest.fixture
def home(tmp_path):
    """A home in which a/b/c is."""
    (tmp_path / "home/a/b/c").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def repository(home):
    """A repository with a commit, in the home."""
    (home / "main").mkdir()
    (home / "main/f").touch()
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        git(home / "main", *words)
    return home / "main"


def top(home, *names):
    """Return the top of the project at a/b/c, without the home's path."""
    return find_project_folders(str(home), f"{home}/a/b/c", names).top.removeprefix(f"{home}/")


def test_the_nearest_marker_decides(home):
    assert top(home, "go.mod") == ""
    (home / "a/go.mod").touch()
    assert (top(home, "go.mod"), top(home)) == ("a", "")
    (home / "a/b/.git").mkdir()
    assert top(home, "go.mod") == "a/b"
    (home / "a/b/c/applaunch.toml").touch()
    assert top(home, "go.mod") == "a/b/c"


def test_the_home_and_what_is_above_are_no_project(home):
    (home / ".git").mkdir()
    (home.parent / ".git").mkdir()

    found = find_project_folders(str(home), f"{home}/a/b/c", ())
    assert found.top == ""
    assert {path.rpartition("/")[0] for path in found.looked_for} == {f"{home}/a", f"{home}/a/b", f"{home}/a/b/c"}
    assert find_project_folders(str(home), str(home), ()).top == ""


def test_outside_of_the_home_the_first_folder_of_a_project_is_the_last_one_looked_at(tmp_path):
    (tmp_path / "x/.git").mkdir(parents=True)
    (tmp_path / "x/y").mkdir()

    assert find_project_folders("/home/nobody", f"{tmp_path}/x/y", ()).top == f"{tmp_path}/x"


def test_a_link_that_leads_nowhere_is_no_marker(home):
    (home / "a/.git").symlink_to("nowhere")
    assert top(home) == ""
    (home / "a/nowhere").mkdir()
    assert top(home) == "a"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to others: run as root")
def test_a_strangers_marker_counts_in_the_strangers_own_folder_only(home):
    (home / "a/.git").mkdir()
    os.chown(home / "a/.git", 40404, 40404)
    assert top(home) == ""
    os.chown(home / "a", 40404, 40404)
    assert top(home) == "a"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to others: run as root")
def test_a_strangers_link_to_the_callers_repository_is_no_marker(home, repository):
    (home / "a/.git").symlink_to(repository / ".git")
    assert top(home) == "a"
    os.chown(home / "a/.git", 40404, 40404, follow_symlinks=False)
    assert top(home) == ""


@pytest.mark.parametrize("name", ["tree", "tr ee\nü", os.fsdecode(b"tree\xff")])
def test_a_worktree_needs_the_git_folder_of_its_repository(home, repository, name):
    git(repository, "worktree", "add", "-q", "--detach", f"../{name}")

    found = find_project_folders(str(home), f"{home}/{name}", ())
    assert found[:2] == (f"{home}/{name}", f"{repository}/.git")
    assert f"{home}/{name}/.git" in found.read


def test_a_worktree_inside_of_a_bare_repositorys_folder_needs_nothing_else(home, repository):
    git(home, "clone", "-q", "--bare", repository, "all/.bare")
    (home / "all/.git").write_text("gitdir: ./.bare\n")
    git(home / "all", "worktree", "add", "-q", "main")

    assert find_project_folders(str(home), f"{home}/all", ())[:2] == (f"{home}/all", "")
    assert find_project_folders(str(home), f"{home}/all/main", ())[:2] == (f"{home}/all/main", f"{home}/all/.bare")


def test_a_submodule_needs_its_git_folder(home, repository):
    (home / "super").mkdir()
    git(home / "super", "init", "-q")
    git(home / "super", "submodule", "--quiet", "add", repository, "part")

    found = find_project_folders(str(home), f"{home}/super/part", ())
    assert found[:2] == (f"{home}/super/part", f"{home}/super/.git/modules/part")


@pytest.fixture
def tree(repository):
    """A worktree of the repository."""
    git(repository, "worktree", "add", "-q", "../tree")
    return repository.parent / "tree"


SPOILED = {
    "a copied .git file": lambda main, tree: (main.parent / "a/.git").write_text((tree / ".git").read_text()),
    "a folder that is no git folder": lambda main, tree: (main / ".git/HEAD").unlink(),
    "a link in the place of the file that points back": lambda main, tree: relink(main / ".git/worktrees/tree/gitdir"),
    "a link in the place of the .git file": lambda main, tree: relink(tree / ".git"),
    "a .git file of another form": lambda main, tree: (tree / ".git").write_text(f"{main}/.git/worktrees/tree"),
    "a NUL": lambda main, tree: (tree / ".git").write_text(f"gitdir: {main}/.git/worktrees/tree\0"),
    "the repository itself": lambda main, tree: (tree / ".git").write_text(f"gitdir: {main}/.git\n"),
    "nothing": lambda main, tree: (tree / ".git").write_text(""),
    "a fifo": lambda main, tree: (tree / ".git").unlink() or os.mkfifo(tree / ".git"),
}


def relink(path):
    """Put a link in the place of a file, to a copy of it."""
    other = path.with_name("copy")
    path.rename(other)
    path.symlink_to(other)


@pytest.mark.parametrize("how", SPOILED)
def test_a_git_file_that_is_not_pointed_back_to_brings_in_nothing(home, repository, tree, how):
    assert git_folder_of(str(tree)) == f"{repository}/.git"

    SPOILED[how](repository, tree)

    folder = home / "a" if how.startswith("a copied") else tree
    assert git_folder_of(str(folder)) == ""
    assert find_project_folders(str(home), str(folder), ())[:2] == (str(folder), "")


def test_a_git_folder_that_is_the_home_is_not_mounted(home):
    """A program that may once write the home could make it look like a repository."""
    (home / "worktrees/x").mkdir(parents=True)
    (home / "worktrees/x/gitdir").write_text(f"{home}/a/.git\n")
    (home / "HEAD").write_text("ref: refs/heads/main\n")
    for name in ("objects", "refs"):
        (home / name).mkdir()
    (home / "a/.git").write_text(f"gitdir: {home}/worktrees/x\n")

    assert git_folder_of(f"{home}/a") == str(home)
    assert find_project_folders(str(home), f"{home}/a", ())[:2] == (f"{home}/a", "")
