"""Which remote an app comes from: by name, by priority, by question; and it stays there."""

import re

import pexpect
import pytest

from tests.remotes.publisher import CATALOG, publish

YES = ("-y", "--allow-shadow", "jq")  # the machine that the tests run on may have one


@pytest.fixture
def two(team, tmp_path):
    """Two remotes that have the app `tool`, and jq, which comes with applaunch too: `team` at 50, `other` at 60."""
    (tmp_path / "other").mkdir()
    for folder, who in ((team.folder, "team"), (tmp_path / "other", "other")):
        text = CATALOG.replace("busybox", who) + f'[apps.jq]\nimage = "docker.io/{who}/jq:1"\nvolumes = ["/{who}:/x"]\n'
        publish(folder, team.keys["ana"], text=text)
    team.add("--key", f"{team.keys['ana'].path}.pub")
    team.add("--key", f"{team.keys['ana'].path}.pub", "--priority", "60", name="other", url=tmp_path / "other")
    return team


def sources(team):
    return {each["name"]: (each["layer"], each["image"]) for each in team.answer("list")}


def test_a_name_without_a_remote_is_resolved_by_priority(two):
    two.home.run("applaunch", "add", *YES, "tool", "jq", check=True)

    assert sources(two) == {
        "tool": ("other", "docker.io/library/other:latest"),
        "jq": ("other", "docker.io/other/jq:1"),
    }


def test_apps_of_two_remotes_are_not_merged(two):
    two.home.run("applaunch", "add", *YES, "jq", check=True)

    volumes = two.answer("info", "jq")["commands"]["jq"]["volumes"]
    assert [mount["source"] for mount in volumes] == ["/other"]


def test_the_remote_can_be_named(two):
    two.home.run("applaunch", "add", "team/tool", "built-in/jq", check=True)

    assert sources(two)["tool"] == ("team", "docker.io/library/team:latest")
    assert sources(two)["jq"][0] == "built-in"


def test_the_choice_survives(two):
    two.home.run("applaunch", "add", "team/tool", check=True)
    text = CATALOG.replace("busybox:latest", "team:2")
    publish(two.folder, two.keys["ana"], 2, text)
    two.update()

    two.home.run("applaunch", "add", "tool", check=True)

    assert sources(two)["tool"] == ("team", "docker.io/library/team:2")
    two.home.run("applaunch", "add", "other/tool", check=True)
    assert sources(two)["tool"] == ("other", "docker.io/library/other:latest")


def test_the_choice_survives_an_edit_of_the_users_own_catalog(two):
    two.home.run("applaunch", "add", "team/tool", check=True)
    two.home.catalog("[apps.tool]\nmem_limit = '1g'\n")

    line = two.home.run("applaunch", "run", "--dry-run", "tool", check=True).stdout

    assert "docker.io/library/team:latest" in line
    assert "1073741824" in line or "1g" in line


def test_an_app_of_a_remote_can_have_another_name(two):
    two.home.run("applaunch", "add", "team/tool", "--as", "mine", check=True)

    assert sources(two)["mine"] == ("team", "docker.io/library/team:latest")


def test_an_app_stays_if_its_remote_is_deleted(two):
    two.home.run("applaunch", "add", "team/tool", check=True)

    gone = two.home.run("applaunch", "remote", "delete", "team", check=True).stdout

    assert gone == "deleted: team\nnote: still installed from it: tool\n"
    assert two.home.run("applaunch", "add", "tool").stderr == (
        "applaunch: tool: came from team, which does not have it any more; applaunch add REMOTE/tool takes it from another\n"
    )
    assert "docker.io/library/team:latest" in two.home.run("applaunch", "run", "--dry-run", "tool").stdout
    assert two.answer("info", "tool")["image"]["name"] == "docker.io/library/team:latest"
    told = [each for each in two.answer("doctor", code=1)["findings"] if each["check"] == "catalog"]
    assert told[0]["what"] == "tool came from team, which no longer has it"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("team/tol", "applaunch: team/tol: the catalog has no such app; did you mean 'tool'?"),
        ("tem/tool", "applaunch: tem/tool: there is no remote 'tem'; did you mean 'team'?"),
        ("system/tool", "applaunch: system/tool: there is no remote 'system'; did you mean 'team'?"),
        ("a/b/tool", "applaunch: a/b/tool: there is no remote 'a/b'; applaunch remote list shows them"),
        ("team/", "applaunch: add: '' cannot name an app; use lower case letters, digits and . _ + - (64 at most)"),
    ],
)
def test_an_unknown_name_of_a_remote_is_reported(two, name, said):
    done = two.home.run("applaunch", "add", name)

    assert (done.returncode in (1, 2), done.stderr) == (True, said + "\n")


def test_a_disabled_remote_is_not_fetched_and_its_apps_are_hidden(two):
    two.home.run("applaunch", "remote", "modify", "other", "--disable", check=True)

    two.home.run("applaunch", "add", "tool", check=True)

    assert sources(two)["tool"][0] == "team"
    assert two.update() == "team: serial 1 is current\n"
    assert two.home.run("applaunch", "add", "other/tool").stderr == (
        "applaunch: other/tool: no catalog of that remote is in use; applaunch remote modify other --enable\n"
    )


def test_a_tie_is_an_error_without_a_terminal(two):
    two.home.run("applaunch", "remote", "modify", "other", "--priority", "50", check=True)

    done = two.home.run("applaunch", "add", "tool")

    assert (done.returncode, done.stderr) == (
        2,
        (
            "applaunch: tool: other and team have an app of that name, with the same priority; "
            "say which: applaunch add other/tool or applaunch add team/tool\n"
        ),
    )
    assert two.home.run("applaunch", "run", "tool").stderr == (
        "applaunch: tool: other and team have an app of that name, with the same priority; applaunch add other/tool\n"
    )


def test_a_tie_is_resolved_by_a_question_on_a_terminal(two):
    two.home.run("applaunch", "remote", "modify", "other", "--priority", "50", check=True)
    child = pexpect.spawn(
        "applaunch", ["add", "tool"], env=two.home.env, cwd=two.home.work, encoding="utf-8", timeout=60
    )

    child.expect_exact("which one (other, team)")
    child.sendline("neither")
    child.expect("is not one of them")
    child.sendline("team")
    child.expect(pexpect.EOF)

    assert sources(two)["tool"][0] == "team"


def test_search_shows_every_remote_that_has_it(two):
    names = [(each["name"], each["layer"], each["installed"]) for each in two.answer("search", "jq")]

    assert names == [("jq", "other", False), ("built-in/jq", "built-in", False), ("team/jq", "team", False)]
    two.home.run("applaunch", "add", *YES, "team/jq", check=True)
    assert [each["installed"] for each in two.answer("search", "jq")] == [False, False, True]
    assert two.answer("info", "other/jq")["image"]["name"] == "docker.io/other/jq:1"


@pytest.fixture
def native(home):
    """Return a function that puts a program of the machine's own on PATH."""
    home.programs.mkdir()

    def made(name):
        (home.programs / name).write_text("#!/bin/sh\necho native\n")
        (home.programs / name).chmod(0o755)
        return home.programs / name

    return made


def test_a_remote_cannot_shadow_a_program_without_approval(two, native):
    program = native("tool")

    refused = two.home.run("applaunch", "add", "tool")

    assert (refused.returncode, refused.stderr) == (
        1,
        (
            f"applaunch: tool: its catalog would have it take the name 'tool' from {program}; "
            "applaunch add tool --allow-shadow tool, or use: --as OTHERNAME\n"
        ),
    )
    assert two.answer("list") == []
    two.home.run("applaunch", "add", "tool", "--as", "mine", check=True)
    two.home.run("applaunch", "add", "tool", "--allow-shadow", "tool", check=True)
    assert sorted(sources(two)) == ["mine", "tool"]
    own = (two.home.path / ".config/applaunch/catalog.toml").read_text()
    assert 'allow_shadow = ["tool"]' in own
    two.home.run("applaunch", "remove", "tool", check=True)
    two.home.run("applaunch", "add", "tool", check=True)  # it was recorded


def test_an_upgrade_that_shadows_a_program_is_held(two, native):
    two.home.run("applaunch", "add", "team/tool", check=True)
    program = native("tool-more")
    publish(two.folder, two.keys["ana"], 2, CATALOG + 'aliases = ["tool-more"]\nvolumes = []\n')
    two.update()

    done = two.home.run("applaunch", "add", "tool")

    assert f"take the name 'tool-more' from {program}" in done.stderr
    assert two.answer("list")[0]["commands"] == ["tool"]


def test_the_built_in_and_the_users_own_catalog_may_shadow_programs(two, native):
    native("jq")
    native("mine")

    two.home.run("applaunch", "add", "built-in/jq", check=True)
    two.home.run("applaunch", "add", "mine", "--image", "docker.io/library/busybox", check=True)

    assert sorted(sources(two)) == ["jq", "mine"]


def test_a_published_catalog_cannot_allow_shadowing(two):
    publish(two.folder, two.keys["ana"], 2, CATALOG + 'allow_shadow = ["tool"]\n')

    assert (
        "'allow_shadow' is not allowed in a published catalog" in two.home.run("applaunch", "remote", "update").stderr
    )


def test_list_shows_the_age_and_state_of_each_copy(two):
    lines = two.home.run("applaunch", "remote", "ls").stdout.splitlines()

    assert lines[0].split() == ["Remote", "Priority", "Serial", "Apps", "Checked", "Changed", "State", "URL"]
    assert re.fullmatch(r"other +60 +1 +2 +[\d.]+s +[\d.]+s  ok +/.*/other", lines[1])
    assert re.fullmatch(r"team +50 +1 +2 +[\d.]+s +[\d.]+s  ok +/.*/team", lines[2])


@pytest.mark.engine
def test_an_upgrade_stays_with_the_remote_that_the_app_came_from(two, engine):
    """`other` has the higher priority, and the app all the same goes on with what `team` says."""
    text = CATALOG.replace("docker.io/library/busybox:latest", "ghcr.io/jqlang/jq:1.7.1")
    two.home.run("applaunch", "add", "team/tool", "--json", check=True)
    publish(two.folder, two.keys["ana"], 2, text)
    before = two.home.run("applaunch", "outdated", "--json").stdout

    two.update()
    upgraded = two.home.run("applaunch", "upgrade", "--yes")

    assert upgraded.returncode == 0, upgraded.stderr
    assert "jqlang" not in before
    assert sources(two)["tool"] == ("team", "ghcr.io/jqlang/jq:1.7.1")
    two.home.run("applaunch", "remote", "delete", "team", check=True)
    assert two.home.run("applaunch", "upgrade", "--yes").returncode == 0
    assert sources(two)["tool"][1] == "ghcr.io/jqlang/jq:1.7.1"


def lines(team, *words, code):
    done = team.home.run("applaunch", *words)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def test_an_app_of_a_remote_runs_without_being_installed_from_the_one_that_is_named(two):
    assert "docker.io/library/team:latest" in lines(two, "run", "--dry-run", "team/tool", code=0)
    assert "docker.io/library/other:9" in lines(two, "run", "--dry-run", "other/tool@9", code=0)
    assert lines(two, "run", "team/nope", code=127).startswith("applaunch: team/nope: the catalog has no such app")
    assert lines(two, "run", "nix/tool", code=127).startswith("applaunch: nix/tool: there is no remote 'nix'")


@pytest.mark.parametrize(
    "words", [("run", "jq"), ("run", "team/jq"), ("run", "jq@1"), ("shell", "jq"), ("run", "--timings", "jq")]
)
def test_an_app_that_needs_approval_does_not_run_before_it(two, words):
    where = "team" if "team/jq" in words else "other"
    refusal = (
        f"applaunch: jq: is not installed, and asks for more than it may be given unasked: "
        f"read & write /{where} (as /x); applaunch add jq\n"
    )
    assert lines(two, *words, code=126) == refusal

    assert "may be given" not in lines(two, "run", "--dry-run", words[-1], code=1)  # there is no such folder here
    two.home.run("applaunch", "add", *YES, f"{where}/jq", check=True)
    assert "may be given" not in lines(two, "run", "jq", code=125)


def test_apps_of_the_user_and_the_built_in_catalog_run_without_approval(two):
    two.home.catalog('[apps.mine]\nimage = "docker.io/library/mine:1"\nvolumes = ["/srv:/srv"]\n')
    assert "may be given" not in lines(two, "run", "mine", code=125)
    assert "may be given" not in lines(two, "run", "built-in/jq", code=125)


def test_a_project_that_names_the_same_image_does_not_allow_it(two, tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "project/applaunch.toml").write_text('schema = 1\napps.jq = "docker.io/other/jq:1"\n')
    done = two.home.run("applaunch", "run", "jq", cwd=tmp_path / "project")
    assert (done.returncode, "may be given unasked: read & write /other" in done.stderr) == (126, True)
