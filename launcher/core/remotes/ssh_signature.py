"""SSH signatures in the format of ``ssh-keygen -Y sign``: parsing, and the bytes that are signed.

This is OpenSSH's own format (PROTOCOL.sshsig), so a signature can also be verified with ssh-keygen alone.
"""

import base64
import binascii
import hashlib
from typing import NamedTuple, Self

from launcher.core.remotes.public_key import PublicKey, pack_string, unpack_strings
from launcher.core.values.invalid_value import InvalidValueError

LARGEST = 64 * 1024  # bytes of a signature file
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_MAGIC = b"SSHSIG"
_VERSION = (1).to_bytes(4, "big")
_HASHES = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}
_WIDTH = 70  # characters of a line, as ssh-keygen writes them
_FEWEST_STRINGS = 2  # the type and the value of a signature
_FIX = "sign it again: applaunch catalog sign"
_FOR_RSA = ("rsa-sha2-256", "rsa-sha2-512")


class Signature(NamedTuple):
    """One signature that is not verified yet, so none of its fields can be trusted."""

    key: PublicKey
    namespace: str
    reserved: bytes
    hash_name: bytes
    kind: str
    """The type of the signature: the type of the key, or ``rsa-sha2-512`` for RSA."""
    value: bytes
    armored: str

    @classmethod
    def parse(cls, body: str) -> Self:
        """Parse the text between the lines of the armor; raises `InvalidValueError`."""
        try:
            blob = base64.b64decode("".join(body.split()), validate=True)
        except binascii.Error:
            raise InvalidValueError("the signature is not base64", _FIX) from None
        if not blob.startswith(_MAGIC + _VERSION):
            raise InvalidValueError("the signature is not in ssh-keygen's format, or of a later version", _FIX)
        found = [*unpack_strings(blob[len(_MAGIC + _VERSION) :])]
        if len(found) != len(cls._fields) - 2 or len(made := [*unpack_strings(found[4])]) < _FEWEST_STRINGS:
            raise InvalidValueError("the signature is truncated, or contains more than one", _FIX)
        key = PublicKey.from_blob(found[0])
        if found[3] not in _HASHES:
            raise InvalidValueError(f"the signature's hash {found[3].decode(errors='replace')!r} is not known", _FIX)
        kind = made[0].decode(errors="replace")
        if kind not in (_FOR_RSA if key.kind == "ssh-rsa" else (key.kind,)):
            raise InvalidValueError(f"a signature of type {kind!r} does not match a key of type {key.kind!r}", _FIX)
        return cls(key, found[1].decode(errors="replace"), found[2], found[3], kind, found[4], _armored(blob))

    def signed_bytes(self, data: bytes) -> bytes:
        """Return the bytes that the key must have signed if this is a signature of *data*."""
        return signed_bytes(data, self.namespace, self.hash_name, self.reserved)


def parse_signatures(text: str) -> tuple[Signature, ...]:
    """Parse every signature in a file; raises `InvalidValueError` if there is none."""
    blocks = [after.partition(_END)[0] for after in text.split(_BEGIN)[1:] if _END in after]
    found = tuple(map(Signature.parse, blocks))
    if not found:
        raise InvalidValueError(f"it contains no signature (which begins with {_BEGIN!r})", _FIX)
    return found


def signed_bytes(data: bytes, namespace: str, hash_name: bytes = b"sha512", reserved: bytes = b"") -> bytes:
    """Return the bytes that a key signs for *data*."""
    digest = _HASHES[hash_name](data).digest()
    return (
        _MAGIC + pack_string(namespace.encode()) + pack_string(reserved) + pack_string(hash_name) + pack_string(digest)
    )


def armor_signature(key: PublicKey, namespace: str, value: bytes, hash_name: bytes = b"sha512") -> str:
    """Return the signature file for a signature of *key*; *value* is its type and its numbers, as packed strings."""
    fields = (key.blob, namespace.encode(), b"", hash_name, value)
    return _armored(_MAGIC + _VERSION + b"".join(map(pack_string, fields)))


def _armored(blob: bytes) -> str:
    text = base64.b64encode(blob).decode()
    lines = [text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]
    return "\n".join([_BEGIN, *lines, _END, ""])
