"""A project's catalog: it counts inside the project, for who trusts its very text, and nowhere else."""

import json
import re
import subprocess

import pytest

from launcher.core.images.lockfile import LockedApp, LockedImage, lock_text, read_lock
from launcher.registry.digests import digest_of
from tests.cli.projects import BB, DIGEST, OTHER, line, write


def test_an_untrusted_catalog_stops_its_commands_with_one_line_and_no_others(home, project):
    home.catalog(f'[apps.bb]\nimage = "{BB}"\nentrypoint = ["echo", "mine"]\n[apps.other]\nimage = "{BB}"\n')
    home.run("applaunch", "add", "other", check=True)

    ended = home.run("bb", cwd=project / "sub")

    assert (ended.returncode, ended.stdout) == (126, "")
    assert ended.stderr == (
        "applaunch: bb: ~/proj/applaunch.toml defines it here, and that file is not trusted yet; applaunch trust\n"
    )
    assert line(home, project, "other").startswith("docker run")
    assert "mine" in line(home, home.work)


def test_a_trusted_catalog_applies_inside_the_project_until_it_changes(home, project):
    assert home.run("applaunch", "trust", "-y", cwd=project / "sub").returncode == 0

    assert "echo" in line(home, project / "sub")
    assert line(home, project / "sub").rstrip().endswith("project x")
    assert line(home, home.work).rstrip().endswith("mine x")

    write(project, '[apps.bb]\nentrypoint = ["echo", "edited"]\n')
    assert "that file is not trusted yet" in line(home, project)
    shown = home.run("applaunch", "trust", "-y", cwd=project).stdout
    assert '-entrypoint = ["echo", "project"]' in shown
    assert '+entrypoint = ["echo", "edited"]' in shown
    assert line(home, project).rstrip().endswith("edited x")

    home.run("applaunch", "untrust", cwd=project, check=True)
    assert "that file is not trusted yet" in line(home, project)


@pytest.mark.parametrize("mode", [0o666, 0o602])
def test_a_trust_record_that_others_can_write_is_ignored(home, project, mode):
    home.run("applaunch", "trust", "-y", cwd=project, check=True)
    (kept,) = (home.path / ".local/state/applaunch/trust").iterdir()
    kept.chmod(mode)

    assert "that file is not trusted yet" in line(home, project)


def test_trust_shows_the_permissions_and_needs_a_terminal(home, project):
    write(project, '[apps.bb]\nvolumes = ["~/.ssh:/k"]\n')

    ended = home.run("applaunch", "trust", cwd=project)

    assert ended.returncode == 1
    assert "high     bb: read & write ~/.ssh (as /k)" in ended.stdout
    assert ended.stderr == "applaunch: trust: no terminal to ask on; answer with: -y\n"
    assert "that file is not trusted yet" in line(home, project)


def test_the_lock_of_a_trusted_project_says_which_digest_runs(home, project):
    write(project, f'[apps.bb]\nimage = "{BB}"\n')
    held = dict.fromkeys(("linux/amd64", "linux/arm64"), LockedImage(DIGEST, OTHER))
    (project / "applaunch.lock").write_text(lock_text([LockedApp("bb", BB, OTHER, held)]))
    home.run("applaunch", "trust", "-y", cwd=project, check=True)

    assert f"docker.io/library/busybox@{DIGEST}" in line(home, project)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "the lock is not TOML: invalid statement (at line 1, column 1); applaunch lock --update writes it anew"),
        ("version = 2\n", "the lock is of version 2, but this applaunch only supports 1; update applaunch"),
        (
            "version = 1\nother = 1\n",
            "the lock contains other tables than apps; applaunch lock --update writes it anew",
        ),
    ],
)
def test_an_invalid_lock_is_reported(home, project, text, why):
    write(project, f'[apps.bb]\nimage = "{BB}"\n[apps.only]\nimage = "{BB}"\n')
    (project / "applaunch.lock").write_text(text)

    assert line(home, project, "only") == f"applaunch: ~/proj/applaunch.lock: {why}\n"
    assert line(home, project).rstrip().endswith("mine x")
    assert home.run("applaunch", "sync", "--check", cwd=project).returncode == 1


def lock(home, project, *words):
    ended = home.run("applaunch", "lock", *words, cwd=project)
    return ended.returncode, ended.stdout, ended.stderr


def locked(project):
    (found,) = read_lock((project / "applaunch.lock").read_text())
    return found.platforms


def test_an_image_is_locked_for_the_usual_platforms(home, project, tool):
    assert lock(home, project, "--check")[0] == 100
    assert not (project / "applaunch.lock").exists()

    code, said, trouble = lock(home, project)

    assert (code, trouble) == (0, "")
    assert said.splitlines()[-1] == "written: ~/proj/applaunch.lock"
    found = locked(project)
    assert {*found} == {"linux/amd64", "linux/arm64"}
    assert {each.digest for each in found.values()} == {digest_of(tool.manifests["1"][1])}
    assert {each.image_id for each in found.values()} <= {*tool.blobs}
    assert len({each.image_id for each in found.values()}) == 2
    assert lock(home, project, "--check")[:2] == (0, "up to date: ~/proj/applaunch.lock\n")


def test_a_locked_image_stays_until_update(home, project, tool):
    lock(home, project)
    before = (project / "applaunch.lock").read_text()
    tool.index("1", ["linux/arm64", "linux/amd64"])

    assert lock(home, project)[0] == 0
    assert (project / "applaunch.lock").read_text() == before
    assert lock(home, project, "--update", "--check")[0] == 100
    assert (project / "applaunch.lock").read_text() == before

    _, said, _ = lock(home, project, "--update")

    assert re.match(r"tool: [0-9a-f]{12} → [0-9a-f]{12}  127", said)
    assert {each.digest for each in locked(project).values()} == {digest_of(tool.manifests["1"][1])}


def test_an_image_of_one_platform_is_locked_for_it_only(home, project, tool):
    tool.image("1", platform="linux/arm64/v8")

    lock(home, project)

    assert {*locked(project)} == {"linux/arm64"}


def test_an_app_that_is_gone_or_built_leaves_the_lock(home, project, tool):
    lock(home, project)
    write(project, '[apps.mine]\nbuild = { dockerfile_inline = "FROM debian" }\n')

    code, said, _ = lock(home, project)

    assert code == 0
    assert " → -" in said
    assert (project / "applaunch.lock").read_text() == "version = 1\n"


def test_only_update_rewrites_a_damaged_lock(home, project, tool):
    (project / "applaunch.lock").write_text("{")

    code, _, trouble = lock(home, project)

    assert (code, (project / "applaunch.lock").read_text()) == (1, "{")
    assert trouble.endswith("applaunch lock --update writes it anew\n")
    assert lock(home, project, "--update")[0] == 0
    assert locked(project)


def test_a_missing_image_leaves_the_lock_unchanged(home, project, tool):
    lock(home, project)
    before = (project / "applaunch.lock").read_text()
    tool.manifests.clear()

    code, _, trouble = lock(home, project, "--update")

    assert code == 1
    assert trouble.count("\n") == 1
    assert (project / "applaunch.lock").read_text() == before


def test_a_worktree_shares_the_trust_of_its_main_checkout(home, project, tmp_path):
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["commit", "-qm", "x"],
        ["worktree", "add", "-q", str(home.path / "wt")],
    ):
        subprocess.run([*git, *words], cwd=project, check=True)
    home.run("applaunch", "trust", "-y", cwd=project, check=True)

    assert line(home, home.path / "wt").rstrip().endswith("project x")


def test_the_home_is_not_a_project(home, project):
    (project / "applaunch.toml").rename(home.path / "applaunch.toml")

    assert line(home, home.work).rstrip().endswith("mine x")


def test_a_broken_catalog_is_one_line_with_its_place(home, project):
    write(project, "[apps.only]\nvolume = []\n")

    assert line(home, project, "only") == (
        "applaunch: ~/proj/applaunch.toml:3: [apps.only]: unknown key 'volume'; did you mean 'volumes'?\n"
    )


def test_sync_installs_the_apps_and_check_only_reports(home, project):
    write(project, f'[apps.tool]\nimage = "{BB}"\nentrypoint = ["echo", "tool"]\n')
    assert home.run("applaunch", "sync", "--check", cwd=project).stderr.endswith("is not trusted; applaunch trust\n")
    home.run("applaunch", "trust", "-y", cwd=project, check=True)

    check = home.run("applaunch", "sync", "--check", cwd=project)
    assert (check.returncode, check.stdout) == (100, "would install: tool\n")
    assert home.run("applaunch", "sync", cwd=project).returncode == 0
    assert home.run("applaunch", "sync", "--check", cwd=project).returncode == 0
    assert line(home, home.work, "tool").rstrip().endswith("tool x")

    write(project, "[apps]\n")
    home.run("applaunch", "trust", "-y", cwd=project, check=True)
    assert home.run("applaunch", "sync", "--check", cwd=project).returncode == 0
    home.run("applaunch", "sync", "--prune", cwd=project, check=True)
    assert [each["name"] for each in json.loads(home.run("applaunch", "list", "--json").stdout)] == ["bb"]


def test_sync_asks_before_an_app_that_needs_approval(home, project):
    write(project, f'[apps.tool]\nimage = "{BB}"\nvolumes = ["~/.ssh:/k"]\n')
    home.run("applaunch", "trust", "-y", cwd=project, check=True)

    ended = home.run("applaunch", "sync", cwd=project)

    assert ended.returncode == 1
    assert "requests permissions that need approval: read & write ~/.ssh (as /k); approve them with: -y" in ended.stderr
    assert home.run("applaunch", "sync", "-y", cwd=project).returncode == 0


def test_without_a_project_there_is_nothing_to_trust(home):
    ended = home.run("applaunch", "trust")

    assert (
        ended.stderr
        == "applaunch: applaunch.toml: there is no such project catalog here or above; write one: applaunch.toml\n"
    )


def test_a_line_break_in_a_string_is_not_a_line_of_the_diff(home, project, answer):
    write(project, "[apps.bb]\ndescription = \"a\u2028network_mode = 'none'\u0085image = 'x'\"\n")

    (line,) = [line for line in answer("trust", "-y", cwd=project)["diff"] if "a\u2028" in line]

    assert line.endswith("image = 'x'\"")
