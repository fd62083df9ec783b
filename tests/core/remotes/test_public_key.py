import base64

import pytest

from launcher.core.remotes.public_key import PublicKey, keys_of, part, parts
from launcher.core.values.invalid_value import InvalidValueError
from tests.core.signing_keys import ANA, BEN, ed25519, rsa


def test_a_line_is_read_and_written_back():
    line = f"ssh-ed25519 {base64.b64encode(ANA.blob).decode()} ana@team laptop"

    key = PublicKey.parse(f"  {line}\n")

    assert key.line == line
    assert key.shown == f"{key.fingerprint} (ana@team laptop)"


def test_a_fingerprint_is_what_ssh_keygen_shows():
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
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI", "is not base64|cut short"),
        (
            "ssh-ed25519 " + base64.b64encode(part(b"ssh-ed25519-cert-v01@openssh.com") + part(b"x")).decode(),
            "cannot sign",
        ),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==", "is a private key"),
        (rsa(1024).line, "an RSA key of 1024 bits is too short"),
    ],
)
def test_what_is_no_key_is_refused(text, why):
    with pytest.raises(InvalidValueError, match=why):
        PublicKey.parse(text)


def test_a_file_has_one_key_a_line_and_comments():
    text = f"# the team\n{ANA.line} ana\n\n{BEN.line} ben\n{ANA.line} again\n"

    assert [key.blob for key in keys_of(text)] == [ANA.blob, BEN.blob]


@pytest.mark.parametrize("text", ["", "# nothing\n", "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n"])
def test_a_file_without_keys_is_refused(text):
    with pytest.raises(InvalidValueError):
        keys_of(text)


def test_parts_are_read_as_they_are_written():
    assert [*parts(part(b"a") + part(b"") + part(b"bc"))] == [b"a", b"", b"bc"]
    for cut in (b"\0\0\0\5ab", b"\0\0", b"\xff\xff\xff\xffx"):
        with pytest.raises(InvalidValueError, match="cut short"):
            [*parts(cut)]


def test_two_keys_with_the_same_number_are_one():
    assert ed25519(7).fingerprint == ed25519(7)._replace(comment="other").fingerprint
