import base64

import pytest

from launcher.core.remotes import ssh_signature
from launcher.core.remotes.public_key import pack_string
from launcher.core.remotes.ssh_signature import parse_signatures
from launcher.core.values.invalid_value import InvalidValueError
from tests.core.signing_keys import ANA, BEN, rsa, signed_by

GOOD = signed_by(ANA).decode()


def blob(text):
    return base64.b64decode("".join(text.splitlines()[1:-1]))


def armor(data):
    return f"-----BEGIN SSH SIGNATURE-----\n{base64.b64encode(data).decode()}\n-----END SSH SIGNATURE-----\n"


def test_a_signature_has_a_key_and_a_namespace():
    (found,) = parse_signatures(GOOD)

    assert (found.key, found.namespace, found.hash_name, found.kind) == (
        ANA,
        "applaunch-catalog",
        b"sha512",
        "ssh-ed25519",
    )
    assert found.armored == GOOD


def test_a_file_may_contain_several_signatures():
    assert [each.key for each in parse_signatures(f"{GOOD}\nwords between\n{signed_by(BEN).decode()}")] == [ANA, BEN]


def test_the_signed_bytes_have_the_format_of_openssh():
    signed = ssh_signature.signed_bytes(b"data", "ns")

    assert signed.startswith(b"SSHSIG\0\0\0\2ns\0\0\0\0\0\0\0\6sha512\0\0\0\x40")
    assert len(signed) == 6 + 4 + 2 + 4 + 4 + 6 + 4 + 64


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "contains no signature"),
        ("hello", "contains no signature"),
        ("-----BEGIN SSH SIGNATURE-----\nAAAA", "contains no signature"),
        ("-----BEGIN PGP SIGNATURE-----\nAAAA\n-----END PGP SIGNATURE-----", "contains no signature"),
        (GOOD.replace("U1NIU0lH", "!!!!"), "not base64"),
        (armor(b"NOTSIG" + blob(GOOD)[6:]), "not in ssh-keygen's format"),
        (armor(b"SSHSIG\0\0\0\2" + blob(GOOD)[10:]), "or of a later version"),
        (armor(blob(GOOD)[:-3]), "truncated"),
        (armor(blob(GOOD) + pack_string(b"more")), "contains more than one"),
        (armor(b"SSHSIG\0\0\0\1"), "truncated"),
        (armor(blob(GOOD).replace(b"sha512", b"md5md5")), "hash 'md5md5' is not known"),
        (armor(blob(GOOD).replace(b"\0\0\0\x0bssh-ed25519", b"\0\0\0\x0bssh-ed25510")), "cannot sign"),
        (signed_by(ANA, kind="ssh-rsa").decode(), "does not match a key"),
        (signed_by(rsa(2048), kind="ssh-rsa").decode(), "does not match a key"),
        (signed_by(rsa(1024), kind="rsa-sha2-512").decode(), "too short"),
    ],
)
def test_an_invalid_signature_is_refused(text, why):
    with pytest.raises(InvalidValueError, match=why):
        parse_signatures(text)


def test_a_long_file_without_signatures_is_parsed_fast():
    for filling in (" ", "\n", "-----BEGIN SSH SIGNATURE-----\n", "A", "-"):
        with pytest.raises(InvalidValueError):
            parse_signatures("-----BEGIN SSH SIGNATURE-----\n" + filling * ssh_signature.LARGEST)
