import pytest

from launcher.core.remotes.keyring import Keyring, RevokedKey
from launcher.core.remotes.ssh_signature import LARGEST
from launcher.core.remotes.trust_policy import (
    FOR_CATALOG,
    FOR_KEYS,
    AcceptedCatalog,
    OfferedCatalog,
    changed_after_signing,
    changed_digests,
    expiry_warning,
    refuse_installing,
    refuse_older,
    trusted_signatures,
)
from launcher.errors import RemoteError
from tests.core.signing_keys import ANA, BEN, EVE, signature, signed_by

DAY = 24 * 3600.0
NOON = 1798804800.0  # 2027-01-01T12:00:00Z
KEYS = Keyring((ANA,), (RevokedKey(BEN.fingerprint, NOON, "laptop lost"),))
LAST = AcceptedCatalog(42, "sha256:" + "a" * 64, NOON, ANA.fingerprint, NOON + 30 * DAY, 3)


def refusal(call, *words, **named):
    with pytest.raises(RemoteError) as refused:
        call(*words, **named)
    return str(refused.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            None,
            (
                "team: catalog.toml is not signed: there is no catalog.toml.sig; "
                "ask the publisher to sign it: applaunch catalog sign catalog.toml --key FILE"
            ),
        ),
        (
            signed_by(EVE),
            (
                f"team: catalog.toml is signed by the key {EVE.fingerprint}, which is not trusted "
                f"(trusted keys: {ANA.fingerprint}); ask the publisher; if that key is right, add it: --key FILE"
            ),
        ),
        (
            signed_by(BEN),
            (
                f"team: catalog.toml is signed by the key {BEN.fingerprint}, which was revoked on 2027-01-01 (laptop lost); "
                "ask the publisher to sign it with a current key; the last accepted version stays in use"
            ),
        ),
        (
            signed_by(ANA, "git"),
            (
                f"team: catalog.toml is signed by {ANA.fingerprint} for the namespace 'git', not for 'applaunch-catalog'; "
                "ask the publisher to use: applaunch catalog sign catalog.toml --key FILE"
            ),
        ),
        (
            signed_by(ANA, FOR_KEYS),
            (
                f"team: catalog.toml is signed by {ANA.fingerprint} for the namespace 'applaunch-keys', "
                "not for 'applaunch-catalog'; ask the publisher to use: applaunch catalog sign catalog.toml --key FILE"
            ),
        ),
        (
            b"\xff\xfe",
            (
                "team: catalog.toml.sig: it contains no signature (which begins with '-----BEGIN SSH SIGNATURE-----'); "
                "sign it again: applaunch catalog sign"
            ),
        ),
        (b" " * (LARGEST + 1), "team: catalog.toml.sig is larger than 64 KiB; ask the publisher"),
    ],
    ids=["unsigned", "unknown key", "revoked key", "wrong namespace", "of a list of keys", "no signature", "too large"],
)
def test_each_untrusted_signature_has_its_own_message(data, message):
    assert refusal(trusted_signatures, data, KEYS, FOR_CATALOG, "catalog.toml", "team") == message


def test_one_of_several_signatures_is_enough():
    found = trusted_signatures(signed_by(EVE) + signed_by(ANA), KEYS, FOR_CATALOG, "catalog.toml", "team")

    assert found == (signature(ANA),)


def test_a_signature_of_other_bytes_is_reported_with_its_key():
    assert str(changed_after_signing([signature(ANA)], "catalog.toml", "team")) == (
        f"team: the signature of {ANA.fingerprint} does not match catalog.toml: it was changed after it was signed; "
        "try again later, then ask the publisher; the last accepted version stays in use"
    )


def test_changed_digests_have_their_own_message():
    assert str(changed_digests([signature(ANA)], "catalog.toml", 7, LAST, "team")) == (
        f"team: DANGER: the signature of {ANA.fingerprint} does not match catalog.toml: "
        "line 7 has another digest than in serial 42; "
        "install nothing from it before you ask the publisher; the last accepted version stays in use"
    )


@pytest.mark.parametrize("serial", [42, 43, 2**53])
def test_the_same_and_a_newer_serial_are_accepted(serial):
    refuse_older(OfferedCatalog(serial, LAST.digest), LAST, "team", signed=True)
    refuse_older(OfferedCatalog(serial, "sha256:x"), None, "team", signed=True)


def test_an_older_serial_is_refused():
    assert refusal(refuse_older, OfferedCatalog(41, "sha256:b"), LAST, "team", signed=True) == (
        "team: serial 41 is older than 42, which was accepted on 2027-01-01; "
        "ask the publisher; the last accepted version stays in use"
    )


def test_other_bytes_with_the_same_serial_are_reported_as_danger():
    assert refusal(refuse_older, OfferedCatalog(42, "sha256:" + "b" * 64), LAST, "team", signed=True) == (
        "team: DANGER: serial 42 differs from the one accepted on 2027-01-01 (bbbbbbbbbbbb, not aaaaaaaaaaaa): "
        "two catalogs have the same serial; install nothing from it before you ask the publisher; "
        "the last accepted version stays in use"
    )


@pytest.mark.parametrize("serial", [0, -1, 2**53 + 1])
def test_a_signed_catalog_needs_a_serial(serial):
    assert "has no serial" in refusal(refuse_older, OfferedCatalog(serial, "sha256:b"), None, "team", signed=True)


def test_an_unsigned_catalog_needs_no_serial_but_may_not_go_back():
    bare = LAST._replace(serial=0, key="")

    refuse_older(OfferedCatalog(0, "sha256:b"), None, "team", signed=False)
    refuse_older(OfferedCatalog(0, "sha256:b"), bare, "team", signed=False)
    assert "is older than 42" in refusal(refuse_older, OfferedCatalog(0, "sha256:b"), LAST, "team", signed=False)


@pytest.mark.parametrize(
    ("days", "message"),
    [
        (0, ""),
        (15.9, ""),
        (16.1, "expires on 2027-01-31"),
        (29.9, "expires on 2027-01-31"),
        (30, "expired on 2027-01-31"),
    ],
)
def test_the_expiry_date_is_reported_two_weeks_before(days, message):
    assert expiry_warning(LAST, NOON + days * DAY) == message
    assert not expiry_warning(LAST._replace(expires=0.0), NOON + days * DAY)


def test_nothing_new_is_installed_from_an_expired_catalog():
    refuse_installing("team", LAST, KEYS, NOON + 29.9 * DAY, signed=True)

    assert refusal(refuse_installing, "team", LAST, KEYS, NOON + 30 * DAY, signed=True) == (
        "team: its catalog (serial 42) expired on 2027-01-31: nothing new is installed from it; "
        "applaunch remote update team; if that does not help, ask the publisher"
    )


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (BEN.fingerprint, f"is signed by {BEN.fingerprint}, which was revoked on 2027-01-01 (laptop lost)"),
        (EVE.fingerprint, f"is signed by {EVE.fingerprint}, which is not trusted now"),
        ("", "is not signed"),
    ],
)
def test_nothing_new_is_installed_from_a_catalog_with_an_untrusted_key(key, why):
    message = refusal(refuse_installing, "team", LAST._replace(key=key), KEYS, NOON, signed=True)

    assert message.startswith(f"team: its catalog (serial 42) {why}: nothing new is installed from it; ")
    refuse_installing("team", LAST._replace(key=key), KEYS, NOON, signed=False)
