"""remote add, list, info, modify, delete: a real folder, a real web server, real keys."""

import re

import pytest

from tests.remotes.publisher import CATALOG, publish


def test_a_remote_is_added_and_its_apps_are_found(team, answer):
    done = team.publish() and team.add("--key", f"{team.keys['ana'].path}.pub")

    assert done.stdout.splitlines() == [
        f"team  {team.folder}",
        f"  1 app, serial 1, priority 50, signed by {team.key('ana')}",
        "install one with: applaunch add team/APP",
    ]
    assert [(each["name"], each["layer"]) for each in answer("search", "tool")] == [("tool", "team")]


def test_a_key_may_be_given_as_its_line_and_more_than_one(team):
    team.publish(by="rsa")

    team.add("--key", team.keys["ana"].public.line, "--key", team.keys["rsa"].public.line)

    assert team.seen()["key"] == team.key("rsa")
    assert [each["comment"] for each in team.answer("remote", "info", "team")["keys"]] == ["ana@team", "rsa@team"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["team", "."], "applaunch: team: no trusted key given; --key FILE (or 'ssh-ed25519 ...'), or --no-verify to take whatever is there"),
        (["built-in", ".", "--no-verify"], "applaunch: built-in: 'built-in' cannot name a remote: the name is reserved; choose another name"),
        (["../x", ".", "--no-verify"], "applaunch: ../x: '../x' cannot name a remote; use lower case letters, digits and . _ - (32 at most), beginning with a letter or digit"),
        (["team", "ext::sh", "--no-verify"], "applaunch: team: 'ext::sh' would start a git transport helper; write https://HOST/FOLDER/, git+https://HOST/REPOSITORY#BRANCH, /FOLDER or oci://REGISTRY/NAME:TAG"),
        (["team", "http://h/", "--no-verify"], "applaunch: team: 'http://h/' is not encrypted; write https:// (http only reaches this machine itself)"),
        (["team", ".", "--key", "nope"], "applaunch: team: 'nope' is neither a key nor a file; write FILE, or 'ssh-ed25519 AAAA...' in quotes"),
        (["team", ".", "--no-verify", "--priority", "1001"], "applaunch: team: 1001 is not a priority; write a whole number from 0 to 1000; the higher one wins"),
    ],
)  # fmt: skip
def test_an_invalid_request_is_refused(team, words, said):
    done = team.home.run("applaunch", "remote", "add", *words)

    assert (done.returncode, done.stderr) == (2, said + "\n")
    assert not (team.home.path / ".config/applaunch").exists()


def test_a_private_key_is_refused_before_it_is_copied_anywhere(team):
    team.publish()

    done = team.add("--key", team.keys["ana"].path, code=2)

    assert done.stderr == (
        "applaunch: team: that is a private key; give the .pub file, and keep the private key secret\n"
    )
    assert not (team.home.path / ".config/applaunch").exists()


def test_a_remote_that_cannot_be_fetched_is_not_added(team):
    done = team.add("--key", f"{team.keys['ana'].path}.pub", code=1)

    assert "catalog.toml: there is no such file" in done.stderr
    assert team.answer("remote", "list") == []


def test_an_existing_remote_is_not_replaced(team):
    team.added()

    done = team.add("--key", f"{team.keys['ana'].path}.pub", code=2)

    assert done.stderr == (
        "applaunch: team: there is such a remote already; applaunch remote modify team, or remote delete team\n"
    )


def test_an_unsigned_catalog_needs_no_verify(team):
    team.publish(by=None)

    done = team.add("--no-verify")

    assert "not verified: whoever can change it decides what runs" in done.stdout
    assert (team.seen()["verify"], team.seen()["key"]) == (False, "")
    assert "ok, not verified" in team.home.run("applaunch", "remote", "list").stdout


def test_files_of_remotes_are_private(team):
    team.added()

    config, state = team.home.path / ".config/applaunch", team.home.path / ".local/state/applaunch"
    modes = {
        path: path.stat().st_mode & 0o777
        for path in (config / "remotes.d/team.toml", config / "keys/team.pub", state / "remotes/team.json")
    }
    assert {*modes.values()} == {0o600}
    assert (state / "remotes").stat().st_mode & 0o777 == 0o700


def test_a_login_in_an_address_is_kept_and_never_shown(team, web):
    publish(web.folder, team.keys["ana"])
    url = web.url.replace("//", "//ana:hunter2@")

    done = team.add("--key", f"{team.keys['ana'].path}.pub", url=url)
    shown = [
        team.home.run("applaunch", "remote", *words).stdout
        for words in (["list"], ["info", "team"], ["list", "--json"])
    ]

    assert "hunter2" in (team.home.path / ".config/applaunch/remotes.d/team.toml").read_text()
    assert "hunter2" not in "".join([done.stdout, *shown])
    assert web.headers[0]["Authorization"].startswith("Basic ")


# Looking and changing


def test_an_empty_list_of_remotes_is_reported(home):
    for words in (["list"], ["update"]):
        assert (
            home.run("applaunch", "remote", *words).stdout == "no remotes; applaunch remote add NAME URL --key FILE\n"
        )


def test_modify_changes_one_setting_and_keeps_the_accepted_serial(team, tmp_path):
    team.added(serial=5)
    (tmp_path / "moved").mkdir()
    publish(tmp_path / "moved", team.keys["ana"], serial=4)

    done = team.home.run("applaunch", "remote", "modify", "team", "--url", str(tmp_path / "moved"), "--priority", "7")

    assert done.stdout == f"team  {tmp_path}/moved  priority 7\n"
    assert "serial 4 is older than 5" in team.update(code=1)


def test_a_remote_that_must_be_signed_again_needs_a_key(team):
    team.publish(by=None)
    team.add("--no-verify")

    done = team.home.run("applaunch", "remote", "modify", "team", "--verify")

    assert done.stderr == ("applaunch: team: no trusted key given; applaunch remote modify team --key FILE\n")


@pytest.mark.parametrize("words", [["info"], ["modify", "--priority", "5"], ["delete"], ["update"]])
def test_an_unknown_remote_is_reported(team, words):
    team.added()

    done = team.home.run("applaunch", "remote", words[0], "teem", *words[1:])

    assert (done.returncode, done.stderr) == (1, "applaunch: teem: there is no such remote; did you mean 'team'?\n")


@pytest.mark.parametrize("name", ["../catalog", "..", "/etc/passwd", "a/b", "../../x"])
def test_a_name_cannot_leave_the_folder(team, name):
    mine = team.home.catalog("[apps]\n")

    done = team.home.run("applaunch", "remote", "delete", name)

    assert done.returncode == 1
    assert "cannot name a remote" in done.stderr
    assert mine.exists()


def test_delete_removes_everything_and_the_remote_can_be_added_again(team):
    team.added(serial=5)

    team.home.run("applaunch", "remote", "delete", "team", check=True)

    left = [path for path in team.home.path.rglob("*") if path.is_file() and "team" in str(path)]
    assert left == []
    team.added(serial=4)
    assert team.seen()["serial"] == 4


def test_a_broken_file_of_a_remote_is_reported_and_can_be_deleted(team):
    team.added()
    path = team.home.path / ".config/applaunch/remotes.d/team.toml"
    path.write_text("url = 5\n")

    done = team.home.run("applaunch", "search", "jq")

    assert done.stderr == f"applaunch: {path}: url: 5 is not a string; put it in quotes\n"
    assert team.home.run("applaunch", "remote", "delete", "team").returncode == 0


def test_doctor_checks_remotes(team, found):
    team.added()
    assert [each for each in found() if each[0] == "remotes"] == []
    team.publish(2, by="eve")
    team.update(code=1)

    (told,) = [each for each in found() if each[0] == "remotes"]

    assert told[1] == "note"
    assert told[2].startswith("team: refused: catalog.toml is signed by the key")


def test_text_of_a_remote_is_escaped(team):
    team.added(
        text=CATALOG.replace("A tool", "A \\u001b]0;owned\\u0007 \\u202e tool").replace("Team tools", "\\u001b[31m")
    )

    for words in (
        ["search", "tool"],
        ["info", "tool"],
        ["remote", "list"],
        ["remote", "info", "team"],
        ["add", "tool"],
    ):
        done = team.home.run("applaunch", *words)
        assert done.returncode == 0
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", done.stdout + done.stderr)


def test_the_users_own_keys_can_be_placed_by_hand(team):
    """Whoever manages many machines writes two files, and lets `remote update` do the rest."""
    config = team.home.path / ".config/applaunch"
    (config / "remotes.d").mkdir(parents=True)
    (config / "keys").mkdir()
    (config / "remotes.d/team.toml").write_text(f'url = "{team.folder}"\npriority = 70\n')
    (config / "keys/team.pub").write_text(f"# the team\n{team.keys['ana'].public.line}\n")
    team.publish()

    assert team.seen()["state"] == "empty"
    assert team.update() == "team: serial 1: 1 new, 0 changed, 0 gone\n"


def test_a_catalog_can_have_ten_thousand_apps(team):
    """How long that takes is told by `python -m tests.remotes.large`."""
    apps = "".join(f'[apps.tool-{n:05}]\nimage = "docker.io/a/tool-{n:05}:1"\n' for n in range(10_000))
    team.added(text=f"schema = 1\n[catalog]\nserial = 1\n{apps}")

    assert team.seen()["apps"] == 10_000
    assert len(team.answer("search", "tool-")) == 10_000
