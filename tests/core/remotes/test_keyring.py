import pytest

from launcher.core.remotes.keyring import Keyring, KeysFile, Revoked, ring, turned
from launcher.errors import RemoteError
from tests.core.signing_keys import ANA, BEN, EVE

NOON = 1798804800.0  # 2027-01-01T12:00:00Z
GONE = Revoked(BEN.fingerprint, NOON, "lost")


def keys_file(serial=2, keys=(ANA,), revoked=()):
    return KeysFile(serial, keys, revoked)


def test_a_list_of_keys_is_toml():
    text = f"""
schema = 1
serial = 3
keys = ["{ANA.line} ana"]
revoked = [
    {{ key = "{BEN.fingerprint}", since = 2027-01-01T12:00:00Z, why = "lost" }},
    {{ key = "{EVE.line}", since = 2027-01-01T12:00:00 }},
]
"""

    assert KeysFile.parse(text, "keys.toml") == KeysFile(
        3, (ANA._replace(comment="ana"),), (GONE, Revoked(EVE.fingerprint, NOON))
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "schema None is not known"),
        ("schema = 2\nserial = 1\nkeys = []", "schema 2 is not known"),
        ("schema = 1\nkeys = []", "'serial' is not a whole number"),
        ("schema = 1\nserial = 0\nkeys = []", "'serial' is not a whole number"),
        ("schema = 1\nserial = true\nkeys = []", "'serial' is not a whole number"),
        ("schema = 1\nserial = 1", "'keys' is not an array"),
        ("schema = 1\nserial = 1\nkeys = []", "'keys' is not an array"),
        ("schema = 1\nserial = 1\nkeys = [1]", "'keys' is not an array"),
        ("schema = 1\nserial = 1\nkeys = ['ssh-dss AAAA']", "is not a public key"),
        (f"schema = 1\nserial = 1\nkeys = ['{ANA.line}']\nrevoke = []", "did you mean 'revoked'"),
        (f"schema = 1\nserial = 1\nkeys = ['{ANA.line}']\nrevoked = [1]", "is not an array of revoked keys"),
        (
            f"schema = 1\nserial = 1\nkeys = ['{ANA.line}']\nrevoked = [{{key='SHA256:x'}}]",
            "is not an array of revoked",
        ),
        (f"schema = 1\nserial = 1\nkeys = ['{ANA.line}']\nrevoked = 5", "is not an array of revoked keys"),
        (
            (
                f"schema = 1\nserial = 1\nkeys = ['{ANA.line}']\n"
                f"revoked = [{{key='{ANA.fingerprint}', since=2027-01-01T00:00:00Z}}]"
            ),
            "is in 'keys' and in 'revoked'",
        ),
        ("schema = ", "is not TOML"),
        ("a = " + "[" * 5000, "is not TOML"),
    ],
)
def test_what_is_no_list_of_keys_is_refused(text, why):
    with pytest.raises(RemoteError, match=why):
        KeysFile.parse(text, "team/keys.toml")


def test_the_users_keys_may_sign_until_a_list_takes_their_place():
    before = ring((ANA,), None, ())

    after = turned(before, keys_file(1, (BEN,)), "sha256:a", "team")

    assert (before.has(ANA.fingerprint), before.has(BEN.fingerprint)) == (True, False)
    assert (after.has(ANA.fingerprint), after.has(BEN.fingerprint)) == (False, True)


def test_what_was_revoked_stays_so():
    before = turned(Keyring((ANA, BEN)), keys_file(1, (ANA,), (GONE,)), "sha256:a", "team")

    after = turned(before, keys_file(2, (ANA, EVE)), "sha256:b", "team")

    assert after.revocation(BEN.fingerprint) == GONE
    with pytest.raises(RemoteError, match=rf"names {BEN.fingerprint} again, which was revoked on 2027-01-01 \(lost\)"):
        turned(after, keys_file(3, (BEN,)), "sha256:c", "team")


def test_an_older_list_of_keys_is_refused():
    with pytest.raises(RemoteError, match="serial 1 of the list of keys is older than 2"):
        turned(Keyring((ANA,), serial=2, digest="sha256:b"), keys_file(1), "sha256:a", "team")


def test_a_list_that_changed_under_its_number_is_refused():
    with pytest.raises(RemoteError, match="serial 2 of the list of keys has other bytes"):
        turned(Keyring((ANA,), serial=2, digest="sha256:b"), keys_file(2), "sha256:a", "team")


def test_other_keys_of_the_users_begin_anew_but_what_was_revoked_stays_so():
    kept = Keyring((BEN,), (Revoked(EVE.fingerprint, NOON),), 7, "sha256:x")

    assert ring((ANA,), kept, (ANA.fingerprint,)) == kept
    assert ring((ANA, EVE), kept, (ANA.fingerprint,)) == Keyring((ANA, EVE), kept.revoked)
    assert not ring((ANA, EVE), kept, (ANA.fingerprint,)).has(EVE.fingerprint)


def test_a_ring_comes_back_as_it_was_kept():
    kept = Keyring((ANA._replace(comment="ana"),), (GONE,), 7, "sha256:x")

    assert Keyring.from_dict(kept.to_dict()) == kept
