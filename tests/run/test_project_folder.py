"""`mount_cwd = "project"`: the whole project of the current folder, and the git folder of its worktree, in both runtimes."""

import subprocess
import time

import pytest

pytestmark = pytest.mark.engine
PROBE = "docker.io/applaunch/probe:latest"


@pytest.fixture
def user(home, stores, engine):
    """The home of an ordinary user: the one whose engine it is, or one with no right of root's."""
    home.stores = stores
    return home if engine.caller_uid else home.ordinary()


@pytest.fixture(params=["engine", "bubblewrap"])
def tool(request, user, engine):
    """A function that adds a shell which mounts the project, in each runtime, for an ordinary user."""
    if request.param == "bubblewrap" and engine.caller_uid:
        pytest.skip("the user of this engine is called with a right of root's, which bubblewrap refuses")

    def add(name="tool", **keys):
        keys = {"entrypoint": '["bash"]', "network_mode": '"none"', "mount_cwd": '"project"'} | keys
        user.app(name, engine.ref(PROBE), runtime=f'"{request.param}"', **keys)
        user.run("applaunch", "pull", name, check=True)
        return name

    return add


def git(folder, *words):
    """Run git in *folder* on this machine, as an author of the tests' own."""
    own = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main", "-c", "safe.directory=*"]
    subprocess.run(["git", *own, "-c", "protocol.file.allow=always", *words], cwd=folder, check=True)


@pytest.fixture
def repo(user):
    """A repository with one commit, whose file src/f was changed since; its name has a space, a newline and an ü."""
    folder = user.work / "my\nrepo ü"
    (folder / "src").mkdir(parents=True)
    (folder / "src/f").write_text("one\n")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    (folder / "src/f").write_text("two\n")
    return folder


def test_git_works_below_the_top_of_its_repository(user, tool, repo):
    done = user.run(tool(), "-c", "pwd; git status --short && git add f && git log --format=%s", cwd=repo / "src")

    assert (done.stdout, done.stderr) == (f"{repo}/src\n M f\nfirst\n", "")
    assert (repo / ".git/index").stat().st_uid == (user.user or user.caller_uid)


def test_a_project_to_read_is_not_written(user, tool, repo):
    name = tool(mount_cwd='"project-ro"')

    done = user.run(name, "-c", "git status --short; touch ../x g", cwd=repo / "src")

    assert done.stdout == " M f\n"
    assert done.stderr.count("Read-only file system") == 2


def test_without_a_marker_the_current_folder_alone_is_mounted(user, tool):
    (user.work / "a/b").mkdir(parents=True)
    (user.work / "a/seen").touch()

    done = user.run(tool(), "-c", "pwd; ls ..; touch made", cwd=user.work / "a/b")

    assert done.stdout == f"{user.work}/a/b\nb\n"
    assert (user.work / "a/b/made").exists()


def test_a_marker_of_the_entry_makes_a_project(user, tool):
    (user.work / "a/b/c").mkdir(parents=True)
    (user.work / "a/go.mod").write_text("module a\n")

    plain = user.run(tool(), "-c", "cat ../../go.mod", cwd=user.work / "a/b/c")
    named = user.run(tool("other", project_markers='["go.mod"]'), "-c", "cat ../../go.mod", cwd=user.work / "a/b/c")

    assert (plain.returncode, plain.stdout) == (1, "")
    assert named.stdout == "module a\n"


def test_a_repository_in_the_home_is_no_project(user, tool):
    git(user.path, "init", "-q")
    (user.path / "mine").write_text("x")

    assert user.run(tool(), "-c", "ls ..").stdout == "work\n"


def test_the_top_is_mounted_at_working_dir_and_the_program_starts_below_it(user, tool, repo):
    done = user.run(tool(working_dir='"/data"'), "-c", "pwd; git status --short", cwd=repo / "src")

    assert done.stdout == "/data/src\n M f\n"


def test_a_worktree_has_its_repository(user, tool, repo):
    git(repo, "worktree", "add", "-q", "../tree")
    (user.work / "tree/src/f").write_text("three\n")
    words = "git status --short && git -c user.name=a -c user.email=a@b commit -qam second && git log --format=%s"

    done = user.run(tool(), "-c", words, cwd=user.work / "tree/src")

    assert (done.stdout, done.stderr) == (" M f\nsecond\nfirst\n", "")
    assert user.run(tool("again"), "-c", f"ls '{repo}'", cwd=user.work / "tree/src").stdout == ""


def test_a_worktree_of_a_bare_repository_has_it(user, tool, repo):
    git(user.work, "clone", "-q", "--bare", repo, "bare")
    git(user.work / "bare", "worktree", "add", "-q", "../tree")

    assert user.run(tool(), "-c", "git log --format=%s", cwd=user.work / "tree/src").stdout == "first\n"


def test_a_submodule_has_its_repository(user, tool, repo):
    (user.work / "super").mkdir()
    git(user.work / "super", "init", "-q")
    git(user.work / "super", "submodule", "--quiet", "add", repo, "part")

    done = user.run(tool(), "-c", "git log --format=%s; ls ../..", cwd=user.work / "super/part/src")

    assert done.stdout == "first\npart\n"


def test_a_git_file_brings_in_nothing_that_does_not_point_back(user, tool, repo):
    git(repo, "worktree", "add", "-q", "../tree")
    (user.path / ".ssh/worktrees/tree").mkdir(parents=True)
    (user.work / "fake").mkdir()
    text = (user.work / "tree/.git").read_text()
    name = tool()

    for line in (text, f"gitdir: {user.path}/.ssh/worktrees/tree\n", "gitdir: /etc\n", f"gitdir: {repo}/.git\n"):
        (user.work / "fake/.git").write_text(line)
        done = user.run(name, "-c", f"ls -d '{repo}' ~/.ssh; ls -A ..", cwd=user.work / "fake")
        assert done.stdout == "fake\n"


def test_a_repeated_call_sees_that_the_top_has_become_another(user, tool, repo):
    name, inner = tool(), repo / "src/inner"
    inner.mkdir()
    look = (name, "-c", "cat ../f || echo none")

    def calls():
        """Return the output of two calls, of which the second one may repeat the plan of the first."""
        time.sleep(0.05)  # for the clock of files
        user.run(*look, cwd=inner)
        time.sleep(0.05)
        return user.run(*look, cwd=inner).stdout

    assert calls() == "two\n"
    (inner / "applaunch.toml").write_text("[apps]\n")
    assert user.run(*look, cwd=inner).stdout == "none\n"
    (inner / "applaunch.toml").unlink()
    assert calls() == "two\n"
    (repo / ".git").rename(repo / "git")
    assert calls() == "none\n"
    (repo / "git").rename(repo / ".git")
    assert user.run(*look, cwd=inner).stdout == "two\n"


LINTER = """
from pathlib import Path
found = [f / ".lintrc" for f in (Path.cwd(), *Path.cwd().parents) if (f / ".lintrc").exists()]
print(found[0].read_text() if found else "no configuration", end="")
"""
"""Looks for its configuration as linters do, in the current folder and all above it."""


def test_a_linter_finds_its_configuration_above(user, tool, repo):
    (repo / ".lintrc").write_text("strict\n")
    name = tool(entrypoint='["python3", "-c"]', mount_cwd='"project-ro"')

    assert user.run(name, LINTER, cwd=repo / "src").stdout == "strict\n"
    assert user.run(name, LINTER, cwd=repo).stdout == "strict\n"
    (repo / ".git").rename(user.work / "git")
    assert user.run(name, LINTER, cwd=repo / "src").stdout == "no configuration"


def test_a_build_includes_what_is_beside_its_folder_and_writes_there(user, tool, repo):
    (repo / "common").mkdir()
    (repo / "common/rules.sh").write_text("out=../build\n")

    user.run(tool(), "-c", ". ../common/rules.sh; mkdir $out; cp f $out/", cwd=repo / "src", check=True)

    assert (repo / "build/f").read_text() == "two\n"
    assert (repo / "build/f").stat().st_uid == (user.user or user.caller_uid)


def test_a_failed_program_is_told_which_mode_brings_in_its_repository(user, tool, repo):
    git(repo, "worktree", "add", "-q", "../tree")
    (repo / "src/applaunch.toml").write_text("[apps]\n")
    above = f"{repo}/.git is above the current folder, and was not mounted;"
    here = f"{repo}/.git is the git folder of this worktree or submodule, and was not mounted;"

    def note(folder, **keys):
        return user.run(tool(f"tool{len(user.apps)}", **keys), "-c", "exit 3", cwd=folder).stderr.partition("note: ")[2]

    def line(text):
        return text.replace("\n", "\\n") + "\n"

    assert note(repo / "src") == line(f"{above} call it in {repo}")
    assert note(repo / "src", mount_cwd='"ro"') == line(f"{above} applaunch override tool1 --mount-cwd project-ro")
    assert note(user.work / "tree", mount_cwd='"rw"') == line(f"{here} applaunch override tool2 --mount-cwd project")
    assert note(user.work / "tree/src") == note(repo) == ""
