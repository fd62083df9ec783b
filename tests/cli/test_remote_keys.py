"""Keys that change hands: lists of keys, revocation, and other keys that the user names."""

import pytest

from tests.remotes.publisher import publish, publish_keys, sign


def test_a_key_list_signed_by_a_current_key_replaces_the_keys(team):
    team.added()
    publish_keys(team.folder, 1, [team.keys["ben"]], by=team.keys["ana"])
    team.publish(2, by="ben")

    said = team.update()

    assert said.splitlines() == [
        "team: serial 1 -> 2: 0 new, 0 changed, 0 gone",
        "note: team: its trusted keys have changed: applaunch remote info team",
    ]
    info = team.answer("remote", "info", "team")
    assert ([each["fingerprint"] for each in info["keys"]], info["keys_serial"]) == ([team.key("ben")], 1)


def turn(team, serial, *names, by="ana", revoked=("ben",)):
    """Publish a list of keys, by their names."""
    publish_keys(
        team.folder, serial, [team.keys[name] for name in names], team.keys[by], [team.keys[name] for name in revoked]
    )


def again(team, namespace):
    """Sign the list that is there once more."""
    sign(team.folder / "keys.toml", team.keys["ana"], namespace)


def spoiled(team):
    """Change the list after it was signed."""
    path = team.folder / "keys.toml"
    path.write_text(path.read_text() + "#")


REFUSALS = {
    "by a stranger": (
        lambda team: turn(team, 3, "eve", by="eve"),
        "keys.toml is signed by the key {eve}, which is not trusted (trusted keys: {ana}, {rsa})",
    ),
    "by one that was revoked": (
        lambda team: turn(team, 3, "ben", by="ben", revoked=()),
        "keys.toml is signed by the key {ben}, which was revoked on 2026-01-01 (lost)",
    ),
    "unsigned": (
        lambda team: (turn(team, 3, "ana"), (team.folder / "keys.toml.sig").unlink()),
        "keys.toml is not signed: there is no keys.toml.sig",
    ),
    "wrong namespace": (
        lambda team: (turn(team, 3, "ana"), again(team, "applaunch-catalog")),
        "keys.toml is signed by {ana} for the namespace 'applaunch-catalog', not for 'applaunch-keys'",
    ),
    "one byte more": (
        lambda team: (turn(team, 3, "ana"), spoiled(team)),
        "the signature of {ana} does not match keys.toml",
    ),
    "older": (lambda team: turn(team, 1, "ana", "eve"), "serial 1 of the list of keys is older than 2"),
    "other bytes": (lambda team: turn(team, 2, "ana"), "serial 2 of the list of keys differs from"),
    "a revocation taken back": (
        lambda team: turn(team, 3, "ana", "ben", revoked=()),
        "the list of keys contains {ben}, which was revoked on 2026-01-01 (lost)",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_an_unacceptable_key_list_is_refused_with_its_catalog(team, case):
    spoil, words = REFUSALS[case]
    turn(team, 2, "ana", "rsa")
    team.added()
    team.publish(2)

    spoil(team)

    assert words.format(**{name: team.key(name) for name in team.keys if name.isalpha()}) in team.update(code=1)
    assert (team.seen()["serial"], team.answer("remote", "info", "team")["keys_serial"]) == (1, 2)


def test_a_revoked_key_cannot_sign_and_its_catalogs_install_nothing_new(team):
    team.added()
    publish_keys(team.folder, 1, [team.keys["ben"]], by=team.keys["ana"], revoked=[team.keys["ana"]])

    said = team.update(code=1)

    refusal = f"is signed by the key {team.key('ana')}, which was revoked on 2026-01-01 (lost)"
    assert said.startswith(f"applaunch: team: refused: catalog.toml {refusal}")
    assert team.home.run("applaunch", "add", "team/tool").stderr == (
        f"applaunch: team: its catalog (serial 1) is signed by {team.key('ana')}, which was revoked on 2026-01-01 (lost): "
        "nothing new is installed from it; applaunch remote update team; if that does not help, ask the publisher\n"
    )
    assert "nothing new is installed from it" in team.home.run("applaunch", "run", "tool").stderr
    team.publish(2, by="ana")
    assert refusal in team.update(code=1)
    team.publish(2, by="ben")
    assert "serial 1 -> 2" in team.update()
    assert team.home.run("applaunch", "add", "team/tool").returncode == 0


def test_a_revocation_is_remembered_if_the_key_list_is_withheld(team):
    team.added()
    publish_keys(team.folder, 1, [team.keys["ben"]], by=team.keys["ana"], revoked=[team.keys["ana"]])
    team.publish(2, by="ben")
    team.update()
    (team.folder / "keys.toml").unlink()
    team.publish(3, by="ana")

    assert "which was revoked on 2026-01-01 (lost)" in team.update(code=1)


def test_new_keys_of_the_user_reset_the_trust_in_a_remote(team, web):
    publish(web.folder, team.keys["ana"])
    team.add("--key", f"{team.keys['ana'].path}.pub", url=web.url)

    team.home.run("applaunch", "remote", "modify", "team", "--key", team.keys["ben"].public.line, check=True)

    assert "nothing new is installed" in team.home.run("applaunch", "add", "team/tool").stderr
    assert "is not trusted" in team.update(code=1)  # though its ETag is the same
    publish(web.folder, team.keys["ben"], serial=1)
    assert team.update() == "team: serial 1 is current\n"
    assert team.seen()["key"] == team.key("ben")
