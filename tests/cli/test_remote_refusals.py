"""What a remote must not be taken for: every refusal in its own words, and the last good copy goes on."""

import hashlib
import json
import re
import time

import pytest

from tests.remotes.publisher import CATALOG, publish, sign

IMAGE = "docker.io/library/busybox:latest"


def twice(team, serial=1):
    """Publish other bytes under the same serial."""
    team.publish(serial=serial, text=CATALOG.replace("A tool", "Another tool"))


REFUSALS = {
    "unsigned": (
        lambda team: team.publish(2, by=None),
        "catalog.toml is not signed: there is no catalog.toml.sig; ask the publisher to sign it: applaunch catalog sign catalog.toml --key FILE",
    ),
    "unknown key": (
        lambda team: team.publish(2, by="eve"),
        "catalog.toml is signed by the key {eve}, which is not trusted (trusted keys: {ana}); ask the publisher; if that key is right, add it: --key FILE",
    ),
    "one byte flipped": (
        lambda team: team.publish(2).write_text((team.folder / "catalog.toml").read_text().replace("A tool", "B tool")),
        "the signature of {ana} does not match catalog.toml: it was changed after it was signed; try again later, then ask the publisher; the last accepted version stays in use",
    ),
    "a digest swapped": (
        lambda team: (
            team.publish(2, text=f'{CATALOG}[apps.other]\nimage = "docker.io/a/b@sha256:{"1" * 64}"\n'), team.update(),
            (team.folder / "catalog.toml").write_text((team.folder / "catalog.toml").read_text().replace("1" * 64, "2" * 64)),
        ),
        "DANGER: the signature of {ana} does not match catalog.toml: line 15 has another digest than in serial 2; install nothing from it before you ask the publisher; the last accepted version stays in use",
    ),
    "wrong namespace": (
        lambda team: sign(team.publish(2, by=None), team.keys["ana"], "git"),
        "catalog.toml is signed by {ana} for the namespace 'git', not for 'applaunch-catalog'; ask the publisher to use: applaunch catalog sign catalog.toml --key FILE",
    ),
    "no signature": (
        lambda team: (team.publish(2), (team.folder / "catalog.toml.sig").write_text("hello")),
        "catalog.toml.sig: it contains no signature (which begins with '-----BEGIN SSH SIGNATURE-----'); sign it again: applaunch catalog sign",
    ),
    "no serial": (
        lambda team: team.publish(text='schema = 1\n[catalog]\nname = "team"\n[apps]\nx = "docker.io/a/b:1"\n'),
        "the catalog has no serial; ask the publisher: applaunch catalog publish sets it",
    ),
    "older serial": (
        lambda team: (team.publish(3), team.update(), team.publish(2)),
        "serial 2 is older than 3, which was accepted on {today}; ask the publisher; the last accepted version stays in use",
    ),
    "other bytes": (
        twice,
        "DANGER: serial 1 differs from the one accepted on {today} ({new}, not {old}): two catalogs have the same serial; install nothing from it before you ask the publisher; the last accepted version stays in use",
    ),
    "too large": (
        lambda team: sign(team.publish(2, by=None, text=CATALOG.replace("{serial}", "2") + "#" * (5 << 20)), team.keys["ana"]),
        "{folder}/catalog.toml: is larger than 5 MiB; ask the publisher to split it; the last accepted version stays in use",
    ),
    "not TOML": (
        lambda team: team.publish(text="schema = \n"),
        "team/catalog.toml:1: is not TOML: invalid value; fix that line",
    ),
    "not text": (
        lambda team: ((team.folder / "catalog.toml").write_bytes(b"\xff\xfe\x00"), sign(team.folder / "catalog.toml", team.keys["ana"])),
        "team/catalog.toml: is not UTF-8 text; ask the publisher; the last accepted version stays in use",
    ),
    "a hostile name": (
        lambda team: team.publish(2, text=CATALOG.replace("[apps.tool]", '[apps."../../evil\\u001b[31m"]')),
        "team/catalog.toml: [apps]: '../../evil\\x1b[31m' cannot name an app; use lower case letters, digits and . _ + - (64 at most)",
    ),
    "a later schema": (
        lambda team: team.publish(2, text=CATALOG.replace("schema = 1", "schema = 2")),
        "team/catalog.toml:1: schema 2 is not known; update applaunch",
    ),
    "a short name": (
        lambda team: team.publish(2, text=CATALOG.replace("docker.io/library/", "")),
        "team/catalog.toml: [apps.tool]: image 'busybox:latest' is a short name, which is not allowed in a published catalog; write docker.io/library/busybox:latest",
    ),
    "a key that is not for others": (
        lambda team: team.publish(2, text=CATALOG + 'env_file = "~/.env"\n'),
        "team/catalog.toml: [apps.tool]: 'env_file' is not allowed in a published catalog; write the variables under 'environment'",
    ),
    "a build from this machine, in short": (
        lambda team: team.publish(2, text=CATALOG + '[apps.x]\nbuild = "/etc"\n'),
        "team/catalog.toml: [apps.x]: build.context '/etc' is not a repository at a commit; write https://HOST/REPOSITORY.git#COMMIT",
    ),
    "another catalog of the same key": (
        lambda team: team.publish(2, text=CATALOG.replace('"team"', '"infra"')),
        "DANGER: the server sends another catalog: named 'infra', but the one that was added is named 'team'; ask the publisher; if it was renamed: applaunch remote delete team, and add it again",
    ),
    "a catalog that has lost its name": (
        lambda team: team.publish(2, text=CATALOG.replace('name = "team"\n', "")),
        "DANGER: the server sends another catalog: without a name, but the one that was added is named 'team'; ask the publisher; if it was renamed: applaunch remote delete team, and add it again",
    ),
    "nothing there any more": (
        lambda team: (team.folder / "catalog.toml").unlink(),
        "{folder}/catalog.toml: there is no such file; check the address: applaunch remote info NAME",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_an_unacceptable_catalog_is_refused_and_the_last_good_copy_stays_in_use(team, case):
    spoil, words = REFUSALS[case]
    team.added()
    before = json.loads((team.home.path / ".local/state/applaunch/remotes/team.json").read_text())["accepted"]

    spoil(team)
    good = json.loads((team.home.path / ".local/state/applaunch/remotes/team.json").read_text())["accepted"]
    said = team.update(code=1).splitlines()

    path = team.folder / "catalog.toml"
    new = hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else ""
    told = words.format(
        ana=team.key("ana"), eve=team.key("eve"), today=time.strftime("%Y-%m-%d", time.gmtime()), new=new, old=before["digest"][7:19], folder=team.folder
    ).replace("\\\\", "\\")  # fmt: skip
    verb = "cannot be fetched" if "{folder}" in words else "refused"
    assert said[0] == f"applaunch: team: {verb}: {told}"
    assert re.fullmatch(rf"  serial {good['serial']} stays in use, accepted [\d.]+s ago", said[1])
    seen = team.seen()
    assert (seen["state"], seen["words"], seen["serial"]) == (
        verb.replace("cannot be fetched", "unreached"),
        told,
        good["serial"],
    )
    assert team.answer("search", "tool")[0]["image"] == IMAGE
    assert team.home.run("applaunch", "add", "team/tool").returncode == 0


def test_a_catalog_of_a_web_server_is_refused_in_the_same_way(team, web):
    publish(web.folder, team.keys["ana"])
    team.add("--key", f"{team.keys['ana'].path}.pub", url=web.url)
    web.ways["/catalog.toml"] = web.endless

    assert f"team: cannot be fetched: {web.url}catalog.toml: is larger than 5 MiB" in team.update(code=1)
    assert team.seen()["serial"] == 1


# Expiry


def expiring(seconds):
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
    return CATALOG.replace("serial = {serial}", f"serial = {{serial}}\nexpires = {moment}")


def test_an_expired_catalog_is_reported_and_installs_nothing_new(team):
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
    team.publish(text=expiring(-86400))

    said = team.add("--key", f"{team.keys['ana'].path}.pub").stdout

    assert f"note: team: expired on {day}" in said
    assert team.seen()["state"] == "warning"
    refusal = (
        f"applaunch: team: its catalog (serial 1) expired on {day}: nothing new is installed from it; "
        "applaunch remote update team; if that does not help, ask the publisher\n"
    )
    for words in (["add", "team/tool"], ["add", "tool"], ["run", "tool"]):
        assert team.home.run("applaunch", *words).stderr == refusal


def test_a_catalog_that_expires_soon_is_reported_and_works(team):
    team.publish(text=expiring(86400 * 3))

    assert "note: team: expires on " in team.add("--key", f"{team.keys['ana'].path}.pub").stdout
    assert team.home.run("applaunch", "add", "team/tool").returncode == 0


def test_apps_of_an_expired_catalog_stay_and_can_be_added_again(team):
    team.added()
    team.home.run("applaunch", "add", "team/tool", check=True)
    team.publish(2, text=expiring(-86400))

    assert "note: team: expired on" in team.update()
    assert team.home.run("applaunch", "add", "team/tool").returncode == 0
    assert team.home.run("applaunch", "run", "--dry-run", "tool").returncode == 0


# A server that holds a newer catalog back


def remembered(team):
    return team.home.path / ".local/state/applaunch/remotes/team.json"


def days_later(team, days, *keys):
    """Let what is known of the remote be that many *days* older."""
    known = json.loads(remembered(team).read_text())
    for key in keys:
        table = known["accepted"] if key == "at" else known
        table[key] -= days * 86400
    remembered(team).write_text(json.dumps(known))


def test_a_server_that_always_answers_unchanged_must_send_the_catalog_after_a_week(team, web):
    publish(web.folder, team.keys["ana"])
    team.add("--key", f"{team.keys['ana'].path}.pub", url=web.url)
    web.ways["/catalog.toml"] = lambda handler: web.answer(handler, 304, b"")

    days_later(team, 6, "verified")
    assert "serial 1 is current" in team.update()
    days_later(team, 2, "verified")
    said = team.update(code=1)

    assert f"team: cannot be fetched: {web.url}catalog.toml: the server answered with HTTP 304" in said
    assert (team.seen()["state"], team.seen()["serial"]) == ("unreached", 1)
    web.ways.clear()
    assert "serial 1 is current" in team.update()
    assert time.time() - team.seen()["verified"] < 60


def test_a_remote_without_changes_for_a_month_is_reported_and_works(team, found):
    team.added()
    days_later(team, 31, "at")
    words = f"unchanged since {time.strftime('%Y-%m-%d', time.gmtime(time.time() - 31 * 86400))} and without an expiry date: a newer catalog may be withheld"

    assert f"note: team: {words}" in team.update()
    assert (team.seen()["state"], team.seen()["words"]) == ("warning", words)
    assert ("remotes", "note", f"team: warning: {words}") in found()
    assert "31d" in team.home.run("applaunch", "remote", "list").stdout
    assert team.home.run("applaunch", "add", "team/tool").returncode == 0
    team.publish(2)
    assert "note" not in team.update()


def test_a_catalog_with_an_expiry_date_is_not_reported_before_it(team):
    team.publish(text=expiring(90 * 86400))
    team.add("--key", f"{team.keys['ana'].path}.pub")
    days_later(team, 31, "at")

    assert "note" not in team.update()
    assert team.seen()["state"] == "ok"


def test_the_next_catalog_binds_the_name_if_none_was_recorded(team):
    team.added()
    known = json.loads(remembered(team).read_text())
    del known["catalog"], known["verified"]
    remembered(team).write_text(json.dumps(known))

    team.update()

    assert json.loads(remembered(team).read_text())["catalog"] == "team"
    team.publish(2, text=CATALOG.replace('"team"', '"infra"'))
    assert "the server sends another catalog" in team.update(code=1)
