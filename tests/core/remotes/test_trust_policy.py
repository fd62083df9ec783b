import pytest

from launcher.core.remotes.keyring import Keyring, Revoked
from launcher.core.remotes.ssh_signature import LARGEST
from launcher.core.remotes.trust_policy import (
    FOR_CATALOG,
    FOR_KEYS,
    Accepted,
    Offered,
    candidates,
    other_images,
    refuse_new,
    refuse_older,
    soon,
    unfit,
)
from launcher.errors import RemoteError
from tests.core.signing_keys import ANA, BEN, EVE, signature, signed_by

DAY = 24 * 3600.0
NOON = 1798804800.0  # 2027-01-01T12:00:00Z
KEYS = Keyring((ANA,), (Revoked(BEN.fingerprint, NOON, "laptop lost"),))
LAST = Accepted(42, "sha256:" + "a" * 64, NOON, ANA.fingerprint, NOON + 30 * DAY, 3)


def refusal(call, *words, **named):
    with pytest.raises(RemoteError) as refused:
        call(*words, **named)
    return str(refused.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            None,
            (
                "team: catalog.toml is not signed: there is no catalog.toml.sig; "
                "ask who publishes it to sign it: applaunch catalog sign catalog.toml --key FILE"
            ),
        ),
        (
            signed_by(EVE),
            (
                f"team: catalog.toml is signed by the key {EVE.fingerprint}, which is none of those that may "
                f"({ANA.fingerprint}); ask who publishes it; where that key is right, "
                "name it: --key FILE"
            ),
        ),
        (
            signed_by(BEN),
            (
                f"team: catalog.toml is signed by the key {BEN.fingerprint}, which was revoked on 2027-01-01 (laptop lost); "
                "ask who publishes it to sign it with a current key; what was accepted last goes on"
            ),
        ),
        (
            signed_by(ANA, "git"),
            (
                f"team: catalog.toml is signed by {ANA.fingerprint} for the namespace 'git', not for 'applaunch-catalog'; "
                "ask who publishes it to use: applaunch catalog sign catalog.toml --key FILE"
            ),
        ),
        (
            signed_by(ANA, FOR_KEYS),
            (
                f"team: catalog.toml is signed by {ANA.fingerprint} for the namespace 'applaunch-keys', "
                "not for 'applaunch-catalog'; ask who publishes it to use: applaunch catalog sign catalog.toml --key FILE"
            ),
        ),
        (
            b"\xff\xfe",
            (
                "team: catalog.toml.sig: no signature is in it (it begins '-----BEGIN SSH SIGNATURE-----'); "
                "make it again: applaunch catalog sign"
            ),
        ),
        (b" " * (LARGEST + 1), "team: catalog.toml.sig is larger than 64 KiB; ask who publishes it"),
    ],
    ids=["unsigned", "unknown key", "revoked key", "wrong namespace", "of a list of keys", "no signature", "too large"],
)
def test_a_signature_that_does_not_count_is_refused_in_its_own_words(data, said):
    assert refusal(candidates, data, KEYS, FOR_CATALOG, "catalog.toml", "team") == said


def test_one_of_several_signatures_is_enough():
    found = candidates(signed_by(EVE) + signed_by(ANA), KEYS, FOR_CATALOG, "catalog.toml", "team")

    assert found == (signature(ANA),)


def test_a_signature_that_fits_other_bytes_is_told_with_its_key():
    assert str(unfit([signature(ANA)], "catalog.toml", "team")) == (
        f"team: the signature of {ANA.fingerprint} does not fit catalog.toml: it was changed after it was signed; "
        "try again later, then ask who publishes it; what was accepted last goes on"
    )


def test_digests_that_were_swapped_are_told_in_words_of_their_own():
    assert str(other_images([signature(ANA)], "catalog.toml", 7, LAST, "team")) == (
        f"team: DANGER: the signature of {ANA.fingerprint} does not fit catalog.toml: "
        "line 7 has another digest than serial 42 had; "
        "install nothing from it before you ask who publishes it; what was accepted last goes on"
    )


@pytest.mark.parametrize("serial", [42, 43, 2**53])
def test_the_same_and_a_newer_serial_are_taken(serial):
    refuse_older(Offered(serial, LAST.digest), LAST, "team", signed=True)
    refuse_older(Offered(serial, "sha256:x"), None, "team", signed=True)


def test_an_older_serial_is_refused():
    assert refusal(refuse_older, Offered(41, "sha256:b"), LAST, "team", signed=True) == (
        "team: serial 41 is older than 42, which was accepted on 2027-01-01; "
        "ask who publishes it; what was accepted last goes on"
    )


def test_other_bytes_under_the_same_serial_are_refused_loudly():
    assert refusal(refuse_older, Offered(42, "sha256:" + "b" * 64), LAST, "team", signed=True) == (
        "team: DANGER: serial 42 has other bytes than those accepted on 2027-01-01 (bbbbbbbbbbbb, not aaaaaaaaaaaa): "
        "two catalogs go about under one number; install nothing from it before you ask who publishes it; "
        "what was accepted last goes on"
    )


@pytest.mark.parametrize("serial", [0, -1, 2**53 + 1])
def test_a_signed_catalog_has_a_serial(serial):
    assert "has no serial" in refusal(refuse_older, Offered(serial, "sha256:b"), None, "team", signed=True)


def test_one_that_nobody_signs_may_do_without_a_serial_but_not_go_back():
    bare = LAST._replace(serial=0, key="")

    refuse_older(Offered(0, "sha256:b"), None, "team", signed=False)
    refuse_older(Offered(0, "sha256:b"), bare, "team", signed=False)
    assert "is older than 42" in refusal(refuse_older, Offered(0, "sha256:b"), LAST, "team", signed=False)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, ""),
        (15.9, ""),
        (16.1, "expires on 2027-01-31"),
        (29.9, "expires on 2027-01-31"),
        (30, "expired on 2027-01-31"),
    ],
)
def test_the_end_is_told_two_weeks_before(days, said):
    assert soon(LAST, NOON + days * DAY) == said
    assert not soon(LAST._replace(expires=0.0), NOON + days * DAY)


def test_nothing_new_is_installed_from_an_expired_catalog():
    refuse_new("team", LAST, KEYS, NOON + 29.9 * DAY, signed=True)

    assert refusal(refuse_new, "team", LAST, KEYS, NOON + 30 * DAY, signed=True) == (
        "team: its catalog (serial 42) expired on 2027-01-31: nothing new is installed from it; "
        "applaunch remote update team; if it stays so, ask who publishes it"
    )


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (BEN.fingerprint, f"is signed by {BEN.fingerprint}, which was revoked on 2027-01-01 (laptop lost)"),
        (EVE.fingerprint, f"is signed by {EVE.fingerprint}, which is none of those that may sign now"),
        ("", "is not signed"),
    ],
)
def test_nothing_new_is_installed_from_one_whose_key_may_not_sign_any_more(key, why):
    said = refusal(refuse_new, "team", LAST._replace(key=key), KEYS, NOON, signed=True)

    assert said.startswith(f"team: its catalog (serial 42) {why}: nothing new is installed from it; ")
    refuse_new("team", LAST._replace(key=key), KEYS, NOON, signed=False)
