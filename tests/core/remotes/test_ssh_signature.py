import base64

import pytest

from launcher.core.remotes import ssh_signature
from launcher.core.remotes.public_key import part
from launcher.core.remotes.ssh_signature import signatures
from launcher.core.values.invalid_value import InvalidValueError
from tests.core.signing_keys import ANA, BEN, rsa, signed_by

GOOD = signed_by(ANA).decode()


def blob(text):
    return base64.b64decode("".join(text.splitlines()[1:-1]))


def armor(data):
    return f"-----BEGIN SSH SIGNATURE-----\n{base64.b64encode(data).decode()}\n-----END SSH SIGNATURE-----\n"


def test_a_signature_says_who_made_it_and_for_what():
    (found,) = signatures(GOOD)

    assert (found.key, found.namespace, found.hash_name, found.kind) == (
        ANA,
        "applaunch-catalog",
        b"sha512",
        "ssh-ed25519",
    )
    assert found.armored == GOOD


def test_several_stand_one_after_the_other():
    assert [each.key for each in signatures(f"{GOOD}\nwords between\n{signed_by(BEN).decode()}")] == [ANA, BEN]


def test_what_is_signed_is_the_format_of_openssh():
    signed = ssh_signature.signed(b"data", "ns")

    assert signed.startswith(b"SSHSIG\0\0\0\2ns\0\0\0\0\0\0\0\6sha512\0\0\0\x40")
    assert len(signed) == 6 + 4 + 2 + 4 + 4 + 6 + 4 + 64


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no signature is in it"),
        ("hello", "no signature is in it"),
        ("-----BEGIN SSH SIGNATURE-----\nAAAA", "no signature is in it"),
        ("-----BEGIN PGP SIGNATURE-----\nAAAA\n-----END PGP SIGNATURE-----", "no signature is in it"),
        (GOOD.replace("U1NIU0lH", "!!!!"), "not base64"),
        (armor(b"NOTSIG" + blob(GOOD)[6:]), "not one of ssh-keygen's"),
        (armor(b"SSHSIG\0\0\0\2" + blob(GOOD)[10:]), "or of a later version"),
        (armor(blob(GOOD)[:-3]), "cut short"),
        (armor(blob(GOOD) + part(b"more")), "holds more than one"),
        (armor(b"SSHSIG\0\0\0\1"), "cut short"),
        (armor(blob(GOOD).replace(b"sha512", b"md5md5")), "hash 'md5md5' is not known"),
        (armor(blob(GOOD).replace(b"\0\0\0\x0bssh-ed25519", b"\0\0\0\x0bssh-ed25510")), "cannot sign"),
        (signed_by(ANA, kind="ssh-rsa").decode(), "does not go with a key"),
        (signed_by(rsa(2048), kind="ssh-rsa").decode(), "does not go with a key"),
        (signed_by(rsa(1024), kind="rsa-sha2-512").decode(), "too short"),
    ],
)
def test_what_is_none_is_refused(text, why):
    with pytest.raises(InvalidValueError, match=why):
        signatures(text)


def test_a_long_file_of_nothing_is_read_at_once():
    for filling in (" ", "\n", "-----BEGIN SSH SIGNATURE-----\n", "A", "-"):
        with pytest.raises(InvalidValueError):
            signatures("-----BEGIN SSH SIGNATURE-----\n" + filling * ssh_signature.LARGEST)
