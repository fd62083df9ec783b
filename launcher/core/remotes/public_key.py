"""Public keys in OpenSSH's format: one line with a type, the key in base64, and a comment."""

import base64
import binascii
import hashlib
from collections.abc import Iterator
from typing import NamedTuple, Self

from launcher.core.values.invalid_value import InvalidValueError

KINDS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-rsa",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
)
"""The supported types of signing keys; those that begin with ``sk-`` are stored on a hardware token."""
SHORTEST_RSA = 2048  # bits

_SIZE = 4  # bytes of the length before each string (RFC 4251, section 5)
_FEWEST_STRINGS = 2  # a key's type and its number
_FIX = "write the line of its .pub file: 'ssh-ed25519 AAAA...'"


class PublicKey(NamedTuple):
    """One public key, identified by its `blob`."""

    kind: str
    blob: bytes
    """The wire form, RFC 4253, section 6.6."""
    comment: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse one line; raises `InvalidValueError`."""
        if "PRIVATE KEY" in text:
            raise InvalidValueError("that is a private key", "give the .pub file, and keep the private key secret")
        kind, number, comment = [*text.strip().split(maxsplit=2), "", "", ""][:3]
        if kind not in KINDS:
            raise InvalidValueError(f"{text.strip()[:40]!r} is not a public key", _FIX)
        try:
            blob = base64.b64decode(number, validate=True)
        except binascii.Error:
            raise InvalidValueError(f"the {kind} key is not base64", _FIX) from None
        return cls.from_blob(blob)._replace(comment=comment.strip())

    @classmethod
    def from_blob(cls, blob: bytes) -> Self:
        """Parse the wire form; raises `InvalidValueError` for an unknown type and for an RSA key that is too short."""
        found = [*unpack_strings(blob)]
        kind = found[0].decode(errors="replace") if found else ""
        if kind not in KINDS or len(found) < _FEWEST_STRINGS:
            raise InvalidValueError(f"a key of type {kind!r} cannot sign", f"use one of {', '.join(KINDS)}")
        if kind == "ssh-rsa" and (bits := int.from_bytes(found[-1], "big").bit_length()) < SHORTEST_RSA:
            raise InvalidValueError(
                f"an RSA key of {bits} bits is too short", f"use {SHORTEST_RSA} bits or more, or ssh-ed25519"
            )
        return cls(kind, blob)

    @property
    def fingerprint(self) -> str:
        """The fingerprint ``SHA256:...``, as ``ssh-keygen -l`` shows it."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip("=")

    @property
    def line(self) -> str:
        """The key as a line of a .pub file."""
        return f"{self.kind} {base64.b64encode(self.blob).decode()} {self.comment}".rstrip()

    @property
    def shown(self) -> str:
        """The fingerprint and the comment."""
        return f"{self.fingerprint} ({self.comment})" if self.comment else self.fingerprint


def parse_keys(text: str) -> tuple[PublicKey, ...]:
    """Parse a file with one key on each line, without blank lines and ``#`` comments; raises `InvalidValueError`."""
    if "PRIVATE KEY" in text:
        PublicKey.parse(text)
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        raise InvalidValueError("it contains no key", _FIX)
    return tuple({key.blob: key for key in map(PublicKey.parse, lines)}.values())


def unpack_strings(blob: bytes) -> Iterator[bytes]:
    """Yield the length-prefixed strings in *blob*; raises `InvalidValueError` if one is cut short."""
    at = 0
    while at < len(blob):
        size = int.from_bytes(blob[at : at + _SIZE], "big")
        start, at = at + _SIZE, at + _SIZE + size
        if at > len(blob):
            raise InvalidValueError("it is truncated")
        yield blob[start:at]


def pack_string(value: bytes) -> bytes:
    """Return *value* with its length in front."""
    return len(value).to_bytes(_SIZE, "big") + value
