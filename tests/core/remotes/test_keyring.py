import pytest

from launcher.core.remotes.keyring import Keyring, KeysFile, RevokedKey, apply_keys_file, current_keyring
from launcher.errors import RemoteError
from tests.core.signing_keys import ANA, BEN, EVE

NOON = 1798804800.0  # 2027-01-01T12:00:00Z
GONE = RevokedKey(BEN.fingerprint, NOON, "lost")


def keys_file(serial=2, keys=(ANA,), revoked=()):
    return KeysFile(serial, keys, revoked)


def test_a_list_of_keys_is_parsed_from_toml():
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
        3, (ANA._replace(comment="ana"),), (GONE, RevokedKey(EVE.fingerprint, NOON))
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "unknown schema None"),
        ("schema = 2\nserial = 1\nkeys = []", "unknown schema 2"),
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
def test_an_invalid_list_of_keys_is_refused(text, why):
    with pytest.raises(RemoteError, match=why):
        KeysFile.parse(text, "team/keys.toml")


def test_the_users_keys_are_trusted_until_a_list_of_keys_replaces_them():
    before = current_keyring((ANA,), None, ())

    after = apply_keys_file(before, keys_file(1, (BEN,)), "sha256:a", "team")

    assert (before.has(ANA.fingerprint), before.has(BEN.fingerprint)) == (True, False)
    assert (after.has(ANA.fingerprint), after.has(BEN.fingerprint)) == (False, True)


def test_a_revoked_key_stays_revoked():
    before = apply_keys_file(Keyring((ANA, BEN)), keys_file(1, (ANA,), (GONE,)), "sha256:a", "team")

    after = apply_keys_file(before, keys_file(2, (ANA, EVE)), "sha256:b", "team")

    assert after.revocation(BEN.fingerprint) == GONE
    with pytest.raises(RemoteError, match=rf"contains {BEN.fingerprint}, which was revoked on 2027-01-01 \(lost\)"):
        apply_keys_file(after, keys_file(3, (BEN,)), "sha256:c", "team")


def test_an_older_list_of_keys_is_refused():
    with pytest.raises(RemoteError, match="serial 1 of the list of keys is older than 2"):
        apply_keys_file(Keyring((ANA,), serial=2, digest="sha256:b"), keys_file(1), "sha256:a", "team")


def test_a_list_of_keys_that_changed_under_the_same_serial_is_refused():
    with pytest.raises(RemoteError, match="serial 2 of the list of keys differs from the one"):
        apply_keys_file(Keyring((ANA,), serial=2, digest="sha256:b"), keys_file(2), "sha256:a", "team")


def test_new_keys_of_the_user_begin_a_new_keyring_but_keep_revocations():
    kept = Keyring((BEN,), (RevokedKey(EVE.fingerprint, NOON),), 7, "sha256:x")

    assert current_keyring((ANA,), kept, (ANA.fingerprint,)) == kept
    assert current_keyring((ANA, EVE), kept, (ANA.fingerprint,)) == Keyring((ANA, EVE), kept.revoked)
    assert not current_keyring((ANA, EVE), kept, (ANA.fingerprint,)).has(EVE.fingerprint)


def test_a_keyring_survives_a_round_trip():
    kept = Keyring((ANA._replace(comment="ana"),), (GONE,), 7, "sha256:x")

    assert Keyring.from_dict(kept.to_dict()) == kept
