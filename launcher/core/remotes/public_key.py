"""Public keys as OpenSSH writes them: one line of a kind, a number in base64, and a comment."""

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
"""The kinds of key that may sign; those that begin ``sk-`` live on a token."""
SHORTEST_RSA = 2048  # bits

_SIZE = 4  # bytes of the length before each part (RFC 4251, section 5)
_FIX = "write the line of its .pub file: 'ssh-ed25519 AAAA...'"


class PublicKey(NamedTuple):
    """One key; two are the same when their `blob` is."""

    kind: str
    blob: bytes
    """The wire form, RFC 4253, section 6.6."""
    comment: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one line; raises `InvalidValueError`."""
        if "PRIVATE KEY" in text:
            raise InvalidValueError(
                "that is a private key", "give the .pub file beside it, and keep this one to yourself"
            )
        kind, number, comment = [*text.strip().split(maxsplit=2), "", "", ""][:3]
        if kind not in KINDS:
            raise InvalidValueError(f"{text.strip()[:40]!r} is not a public key", _FIX)
        try:
            blob = base64.b64decode(number, validate=True)
        except binascii.Error:
            raise InvalidValueError(f"the {kind} key is not base64", _FIX) from None
        return cls.read(blob)._replace(comment=comment.strip())

    @classmethod
    def read(cls, blob: bytes) -> Self:
        """Read the wire form; raises `InvalidValueError` for an unknown kind and for an RSA key that is too short."""
        found = [*parts(blob)]
        kind = found[0].decode(errors="replace") if found else ""
        if kind not in KINDS or len(found) < 2:  # noqa: PLR2004  its kind and its number
            raise InvalidValueError(f"a key of the kind {kind!r} cannot sign", f"use one of {', '.join(KINDS)}")
        if kind == "ssh-rsa" and (bits := int.from_bytes(found[-1], "big").bit_length()) < SHORTEST_RSA:
            raise InvalidValueError(
                f"an RSA key of {bits} bits is too short", f"use {SHORTEST_RSA} bits or more, or ssh-ed25519"
            )
        return cls(kind, blob)

    @property
    def fingerprint(self) -> str:
        """What people compare: ``SHA256:...``, as ``ssh-keygen -l`` shows it."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip("=")

    @property
    def line(self) -> str:
        """The key as its .pub file has it."""
        return f"{self.kind} {base64.b64encode(self.blob).decode()} {self.comment}".rstrip()

    @property
    def shown(self) -> str:
        """The fingerprint, and whose it says it is."""
        return f"{self.fingerprint} ({self.comment})" if self.comment else self.fingerprint


def keys_of(text: str) -> tuple[PublicKey, ...]:
    """Read every key of a file, one a line; blank lines and ``#`` comments are skipped. Raises `InvalidValueError`."""
    if "PRIVATE KEY" in text:
        PublicKey.parse(text)
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        raise InvalidValueError("no key is in it", _FIX)
    return tuple({key.blob: key for key in map(PublicKey.parse, lines)}.values())


def parts(blob: bytes) -> Iterator[bytes]:
    """Yield the length-prefixed strings in *blob*; raises `InvalidValueError` if one is cut short."""
    at = 0
    while at < len(blob):
        size = int.from_bytes(blob[at : at + _SIZE], "big")
        start, at = at + _SIZE, at + _SIZE + size
        if at > len(blob):
            raise InvalidValueError("it is cut short")
        yield blob[start:at]


def part(value: bytes) -> bytes:
    """Return *value* behind its length."""
    return len(value).to_bytes(_SIZE, "big") + value
