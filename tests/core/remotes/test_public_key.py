import base64

import pytest

from launcher.core.remotes.public_key import PublicKey, pack_string, parse_keys, unpack_strings
from launcher.core.values.invalid_value import InvalidValueError
from tests.core.signing_keys import ANA, BEN, ed25519, rsa


def test_a_line_survives_a_round_trip():
    line = f"ssh-ed25519 {base64.b64encode(ANA.blob).decode()} ana@team laptop"

    key = PublicKey.parse(f"  {line}\n")

    assert key.line == line
    assert key.shown == f"{key.fingerprint} (ana@team laptop)"


def test_a_fingerprint_is_that_of_ssh_keygen():
    line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"

    assert PublicKey.parse(line).fingerprint == "SHA256:mKqU+0K8OhKmA8bBQi9Rz0Q5l7/g160hIP+rJYSTNj4"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is not a public key"),
        ("AAAAC3NzaC1lZDI1NTE5AAAAIA", "is not a public key"),
        ("ssh-dss AAAAB3NzaC1kc3MAAACBAA==", "is not a public key"),
        ("ana@team ssh-ed25519 AAAA", "is not a public key"),
        ("ssh-ed25519", "cannot sign"),
        ("ssh-ed25519 not!base64", "is not base64"),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI", "is not base64|truncated"),
        (
            "ssh-ed25519 "
            + base64.b64encode(pack_string(b"ssh-ed25519-cert-v01@openssh.com") + pack_string(b"x")).decode(),
            "cannot sign",
        ),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==", "is a private key"),
        (rsa(1024).line, "an RSA key of 1024 bits is too short"),
    ],
)
def test_an_invalid_key_is_refused(text, why):
    with pytest.raises(InvalidValueError, match=why):
        PublicKey.parse(text)


def test_a_file_has_one_key_per_line_and_comments():
    text = f"# the team\n{ANA.line} ana\n\n{BEN.line} ben\n{ANA.line} again\n"

    assert [key.blob for key in parse_keys(text)] == [ANA.blob, BEN.blob]


@pytest.mark.parametrize("text", ["", "# nothing\n", "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n"])
def test_a_file_without_keys_is_refused(text):
    with pytest.raises(InvalidValueError):
        parse_keys(text)


def test_packed_strings_survive_a_round_trip():
    assert [*unpack_strings(pack_string(b"a") + pack_string(b"") + pack_string(b"bc"))] == [b"a", b"", b"bc"]
    for cut in (b"\0\0\0\5ab", b"\0\0", b"\xff\xff\xff\xffx"):
        with pytest.raises(InvalidValueError, match="truncated"):
            [*unpack_strings(cut)]


def test_equal_keys_are_listed_once():
    assert ed25519(7).fingerprint == ed25519(7)._replace(comment="other").fingerprint
