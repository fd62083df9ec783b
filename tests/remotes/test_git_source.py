"""Catalogs in git: the real git over file:// and ssh, which runs nothing from the repository."""

import fcntl
import os
import shutil
import subprocess

import pytest

from launcher.core.remotes.source_url import SourceUrl
from launcher.errors import RemoteError
from launcher.remotes import git_source
from tests.leftovers import eventually_none
from tests.remotes.publisher import publish, publish_keys

LACKS = [name for name in ("git",) if not shutil.which(name)]
pytestmark = pytest.mark.skipif(bool(LACKS), reason="git is not installed: apt install git")
WHO = {f"GIT_{who}_{what}": "x@y" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch, tmp_path):
    """Let git read no settings of this machine's."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (tmp_path / "gitconfig").write_text("[safe]\n\tdirectory = *\n")


def git(folder, *words):
    """Run git as the publisher does and return what it says."""
    done = subprocess.run(["git", *words], cwd=folder, env=os.environ | WHO, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def source(tmp_path, keys):
    """A repository with a signed catalog."""
    folder = tmp_path / "source"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    publish(folder, keys["ana"])
    commit(folder, "one")
    return folder


def commit(folder, message):
    """Commit all there is, and return its name."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def fetch(folder, behind="", **how):
    return git_source.fetch(SourceUrl.parse(f"git+file://{folder}{behind}"), **how)


def refusal(*words, **how):
    with pytest.raises(RemoteError) as refused:
        fetch(*words, **how)
    return str(refused.value)


def test_all_published_files_are_fetched_from_the_default_branch(source, keys):
    publish_keys(source, 1, [keys["ana"]], keys["ana"])
    name = commit(source, "two")

    came = fetch(source)

    assert came.files == {path.name: path.read_bytes() for path in source.iterdir() if path.is_file()}
    assert len(came.files) == 4
    assert came.tags == {"catalog.toml": name}


@pytest.mark.parametrize("how", ["branch", "tag", "annotated", "commit"])
def test_a_branch_a_tag_or_a_commit_can_be_named(source, keys, how):
    first = git(source, "rev-parse", "HEAD")
    if how == "branch":
        git(source, "branch", "branch")
    elif how != "commit":
        git(source, "tag", *(["-a", "-m", "x"] if how == "annotated" else []), how)
    publish(source, keys["ana"], serial=2)
    commit(source, "two")

    came = fetch(source, f"#{first if how == 'commit' else how}")

    assert b"serial = 1" in came.files["catalog.toml"]
    assert came.tags == {"catalog.toml": first}


def test_a_catalog_may_be_in_a_folder_and_have_another_name(source, keys):
    (source / "sub/dir").mkdir(parents=True)
    publish(source / "sub/dir", keys["ana"], serial=7)
    for name in ("catalog.toml", "catalog.toml.sig"):
        shutil.copy(source / "sub/dir" / name, source / name.replace("catalog", "other"))
    commit(source, "two")

    assert b"serial = 7" in fetch(source, "#main:sub/dir").files["catalog.toml"]
    assert {*fetch(source, "#main:other.toml").files} == {"catalog.toml", "catalog.toml.sig"}


@pytest.mark.parametrize(
    ("behind", "said"),
    [
        ("#nope", "git: couldn't find remote ref nope; check the branch, tag or commit after #"),
        ("#" + "0" * 40, "check the branch, tag or commit after #"),
        ("#main:sub", "sub/catalog.toml: there is no such file at "),
    ],
)
def test_missing_files_are_reported(source, behind, said):
    assert said in refusal(source, behind)


def test_an_invalid_repository_is_reported(tmp_path):
    assert "does not appear to be a git repository; git ls-remote URL shows more" in refusal(tmp_path)


def test_a_large_file_is_refused_without_fetching_it(source):
    git(source, "config", "uploadpack.allowFilter", "true")
    (source / "catalog.toml").write_bytes(os.urandom(6 << 20))
    commit(source, "two")

    assert refusal(source).endswith(
        "catalog.toml: is larger than 5 MiB; ask the publisher to split it; the last accepted version stays in use"
    )


def test_a_large_file_is_refused_by_a_server_that_sends_all_too(source):
    git(source, "config", "uploadpack.allowFilter", "false")
    (source / "catalog.toml").write_bytes(b"#" * (6 << 20))
    commit(source, "two")

    assert "catalog.toml: is larger than 5 MiB" in refusal(source)


def test_a_link_instead_of_the_catalog_is_not_followed(source):
    (source / "catalog.toml").unlink()
    (source / "catalog.toml").symlink_to("/etc/passwd")
    commit(source, "two")

    assert "catalog.toml: there is no such file at" in refusal(source)


def test_nothing_from_the_repository_is_run(source, tmp_path, monkeypatch):
    """Hooks, filters, submodules and a hook of the user's own template: git has all of them, and none has its turn."""
    ran = tmp_path / "ran"
    template = tmp_path / "template/hooks"
    template.mkdir(parents=True)
    for name in ("post-checkout", "reference-transaction", "post-merge", "fsmonitor-watchman"):
        (template / name).write_text(f"#!/bin/sh\ntouch {ran}\n")
        (template / name).chmod(0o755)
    (tmp_path / "gitconfig").write_text(
        f"[safe]\n\tdirectory = *\n[init]\n\ttemplateDir = {template.parent}\n[fetch]\n\trecurseSubmodules = true\n"
        f'[filter "evil"]\n\tsmudge = touch {ran}\n[core]\n\tfsmonitor = touch {ran}\n'
    )
    (source / ".gitattributes").write_text("* filter=evil\n")
    (source / ".gitmodules").write_text(f'[submodule "x"]\n\tpath = x\n\turl = ext::touch% {ran}\n')
    commit(source, "two")
    ran.unlink(missing_ok=True)  # the publisher's own git has run them

    assert "catalog.toml" in fetch(source).files
    assert not ran.exists()


def test_a_transport_that_starts_programs_is_refused_by_git_itself_too(tmp_path):
    ran = tmp_path / "ran"
    address = SourceUrl("git", f"ext::touch% {ran}")

    with pytest.raises(RemoteError, match="transport 'ext' not allowed"):
        git_source.fetch(address)
    assert not ran.exists()


def test_a_user_setting_that_selects_such_a_transport_is_refused_too(source, tmp_path):
    ran = tmp_path / "ran"
    (tmp_path / "gitconfig").write_text(
        f'[url "ext::touch% {ran} %"]\n\tinsteadOf = file://\n[protocol "ext"]\n\tallow = always\n'
    )

    assert "transport 'ext' not allowed" in refusal(source)
    assert not ran.exists()


def test_variables_of_a_surrounding_git_are_ignored(source, tmp_path):
    env = os.environ | {"GIT_DIR": str(tmp_path), "GIT_WORK_TREE": str(tmp_path), "GIT_INDEX_FILE": "/nowhere"}

    assert "catalog.toml" in fetch(source, env=env).files


def test_no_files_remain(source, tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))

    fetch(source)
    refusal(source, "#nope")

    assert os.listdir(tmp_path / "tmp") == []


def test_folders_of_killed_fetches_are_removed_and_used_ones_stay(source, tmp_path, monkeypatch):
    place = tmp_path / "tmp"
    monkeypatch.setattr("tempfile.tempdir", str(place))
    for name in ("applaunch-git-left", "applaunch-git-used", "applaunch-git-young", "other"):
        (place / name / "objects").mkdir(parents=True)
    for name in ("applaunch-git-left", "applaunch-git-used"):
        os.utime(place / name, (1, 1))
    (place / "applaunch-git-link").symlink_to(place / "other")
    held = os.open(place / "applaunch-git-used", os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)

    fetch(source)
    os.close(held)

    assert sorted(os.listdir(place)) == ["applaunch-git-link", "applaunch-git-used", "applaunch-git-young", "other"]
    assert (place / "other/objects").is_dir()


def test_a_git_that_hangs_is_killed_with_its_children(source, tmp_path, monkeypatch):
    slow = tmp_path / "bin"
    slow.mkdir()
    (slow / "git").write_text(f'#!/bin/sh\ncase "$*" in *fetch*) sleep 61;; esac\nexec {shutil.which("git")} "$@"\n')
    (slow / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow}:{os.environ['PATH']}")

    said = refusal(source, longest=1.0)

    assert said.endswith("git did not finish within 1 seconds; try again later; the last accepted version stays in use")
    assert not eventually_none(lambda: processes("sleep 61"))


def test_without_git_the_error_names_the_package(source, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert refusal(source) == f"file://{source}: git is not installed; apt install git"


def test_without_a_terminal_git_prompts_for_nothing(source, tmp_path, monkeypatch):
    told = tmp_path / "bin"
    told.mkdir()
    (told / "git").write_text(f'#!/bin/sh\nenv >>{tmp_path}/env\nexec {shutil.which("git")} "$@"\n')
    (told / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{told}:{os.environ['PATH']}")

    fetch(source)

    assert "GIT_TERMINAL_PROMPT=0\n" in (tmp_path / "env").read_text()


def processes(words):
    """Return the processes that were started by these words."""
    return subprocess.run(["pgrep", "-xf", words], capture_output=True, check=False).stdout


def test_a_catalog_is_fetched_over_ssh(source, over_ssh):
    begin, _ = over_ssh

    came = git_source.fetch(SourceUrl.parse(f"{begin}{source}#main"))

    assert came.files["catalog.toml"] == (source / "catalog.toml").read_bytes()


def test_an_unknown_ssh_host_key_is_reported(source, over_ssh, monkeypatch):
    begin, options = over_ssh
    monkeypatch.setenv("GIT_SSH_COMMAND", f"ssh {options} -o StrictHostKeyChecking=yes")

    with pytest.raises(RemoteError) as refused:
        git_source.fetch(SourceUrl.parse(f"{begin}{source}"))

    assert str(refused.value).endswith(
        "Host key verification failed; connect once with ssh and verify the key that it shows"
    )


def test_an_ssh_login_failure_is_reported(source, over_ssh, monkeypatch):
    begin, options = over_ssh
    other = options.replace("/user", "/host").replace("host-known", "known")
    monkeypatch.setenv("GIT_SSH_COMMAND", f"ssh {other} -o StrictHostKeyChecking=accept-new")

    with pytest.raises(RemoteError) as refused:
        git_source.fetch(SourceUrl.parse(f"{begin}{source}"))

    assert "Permission denied (publickey" in str(refused.value)
    assert str(refused.value).endswith("log in with git itself first: git ls-remote URL")
