"""remote update: what came, by which tag, from where, and what is left alone."""

import os
import subprocess

import pytest

from tests.remotes.publisher import CATALOG, publish

IMAGE = "docker.io/library/busybox:latest"


def test_update_lists_what_is_new_and_changes_no_installed_app(team, answer):
    team.added()
    team.home.run("applaunch", "add", "team/tool", check=True)
    before = {path.name: path.read_bytes() for path in (team.home.path / ".local/state/applaunch/current").iterdir()}
    team.publish(2, text=CATALOG.replace("busybox:latest", "busybox:2") + '[apps.more]\nimage = "docker.io/a/b:1"\n')

    assert team.update() == "team: serial 1 -> 2: 1 new, 1 changed, 0 gone\n"
    assert team.update() == "team: serial 2 is current\n"

    after = {path.name: path.read_bytes() for path in (team.home.path / ".local/state/applaunch/current").iterdir()}
    assert after == before
    assert [each["image"] for each in answer("list")] == [IMAGE]
    assert answer("info", "tool")["image"]["name"] == "docker.io/library/busybox:2"


def test_one_failed_remote_does_not_stop_the_others(team, tmp_path):
    team.added()
    (tmp_path / "other").mkdir()
    publish(tmp_path / "other", team.keys["ana"])
    team.add("--key", f"{team.keys['ana'].path}.pub", name="other", url=tmp_path / "other")
    (team.folder / "catalog.toml").unlink()
    publish(tmp_path / "other", team.keys["ana"], serial=2)

    said = team.update(code=1)

    assert "other: serial 1 -> 2" in said
    assert "applaunch: team: cannot be fetched" in said


def test_an_unchanged_catalog_is_requested_with_its_etag(team, web):
    publish(web.folder, team.keys["ana"])
    team.add("--key", f"{team.keys['ana'].path}.pub", url=web.url)
    web.asked.clear()

    assert team.update() == "team: serial 1 is current\n"
    assert [(path, bool(tag)) for _, path, tag in web.asked] == [("/keys.toml", False), ("/catalog.toml", True)]


def test_a_deleted_copy_is_fetched_again_without_its_etag(team, web):
    publish(web.folder, team.keys["ana"])
    team.add("--key", f"{team.keys['ana'].path}.pub", url=web.url)
    for path in (team.home.path / ".cache/applaunch/remotes/team").iterdir():
        path.unlink()
    assert team.seen()["state"] == "empty"

    team.update()

    assert team.seen()["state"] == "ok"
    assert team.answer("search", "tool")


def test_deleting_the_cache_does_not_allow_an_old_catalog(team):
    team.added(serial=5)
    subprocess.run(["rm", "-r", team.home.path / ".cache/applaunch"], check=True)
    team.publish(4)

    assert "serial 4 is older than 5" in team.update(code=1)
    team.publish(5)
    assert team.update() == "team: serial 5 is current\n"


def test_a_damaged_record_does_not_allow_an_old_catalog(team):
    team.added(serial=5)
    (team.home.path / ".local/state/applaunch/remotes/team.json").write_text("{")
    team.publish(4)

    said = team.update(code=1)

    assert "is damaged: the last accepted catalog of team is unknown; applaunch remote delete team" in said
    assert team.seen()["state"] == "refused"
    assert team.home.run("applaunch", "list").returncode == 0


def test_two_updates_at_once_leave_one_good_copy(team):
    team.added()
    team.publish(2)

    running = [team.home.popen("applaunch", "remote", "update", stdout=subprocess.DEVNULL) for _ in range(4)]

    assert [each.wait(120) for each in running] == [0, 0, 0, 0]
    assert (team.seen()["state"], team.seen()["serial"]) == ("ok", 2)


def test_an_app_that_cannot_be_read_does_not_stop_the_others(team):
    team.added(text=CATALOG + '[apps.later]\nimage = "docker.io/a/b:1"\nfuture_key = 1\n')

    done = team.home.run("applaunch", "add", "team/later")

    assert done.stderr.startswith("applaunch: team/catalog.toml: [apps.later]: unknown key 'future_key'")
    assert team.home.run("applaunch", "add", "team/tool").returncode == 0


def test_doctor_reports_such_an_app_as_a_note(team, found):
    team.added(text=CATALOG + '[apps.later]\nimage = "docker.io/a/b:1"\nfuture_key = 1\n')

    assert [each[:2] for each in found() if "future_key" in each[2]] == [("catalog", "note")]


def test_a_catalog_in_git_is_updated(team):
    if not any(os.access(f"{folder}/git", os.X_OK) for folder in os.environ["PATH"].split(":")):
        pytest.skip("git is not installed: apt install git")
    env = os.environ | {f"GIT_{who}_{what}": "x@y" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}

    def commit():
        for words in (["add", "-A"], ["commit", "-qm", "x"]):
            subprocess.run(["git", *words], cwd=team.folder, env=env, check=True)

    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=team.folder, env=env, check=True)
    team.publish()
    commit()
    team.add("--key", f"{team.keys['ana'].path}.pub", url=f"git+file://{team.folder}#main")
    team.publish(2)

    assert team.update() == "team: serial 1 is current\n"  # not committed yet
    commit()
    assert team.update() == "team: serial 1 -> 2: 0 new, 0 changed, 0 gone\n"
