"""SSH signatures as ``ssh-keygen -Y sign`` writes them: armored text to its parts, and the bytes that were signed.

The format is OpenSSH's own (PROTOCOL.sshsig): who holds a signature can check it with ssh-keygen alone.
"""

import base64
import binascii
import hashlib
from typing import NamedTuple, Self

from launcher.core.remotes.public_key import PublicKey, part, parts
from launcher.core.values.invalid_value import InvalidValueError

LARGEST = 64 * 1024  # bytes of a signature file
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_MAGIC = b"SSHSIG"
_VERSION = (1).to_bytes(4, "big")
_HASHES = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}
_WIDTH = 70  # characters of a line, as ssh-keygen writes them
_FIX = "make it again: applaunch catalog sign"
_FOR_RSA = ("rsa-sha2-256", "rsa-sha2-512")


class Signature(NamedTuple):
    """One signature, not checked yet: whoever made it may say what he likes in it."""

    key: PublicKey
    namespace: str
    reserved: bytes
    hash_name: bytes
    kind: str
    """How it was made: the kind of the key, ``rsa-sha2-512`` for RSA."""
    value: bytes
    armored: str

    @classmethod
    def parse(cls, body: str) -> Self:
        """Read what stands between the lines of the armor; raises `InvalidValueError`."""
        try:
            blob = base64.b64decode("".join(body.split()), validate=True)
        except binascii.Error:
            raise InvalidValueError("the signature is not base64", _FIX) from None
        if not blob.startswith(_MAGIC + _VERSION):
            raise InvalidValueError("the signature is not one of ssh-keygen's, or of a later version", _FIX)
        found = [*parts(blob[len(_MAGIC + _VERSION) :])]
        if len(found) != len(cls._fields) - 2 or len(made := [*parts(found[4])]) < 2:  # noqa: PLR2004  kind and value
            raise InvalidValueError("the signature is cut short, or holds more than one", _FIX)
        key = PublicKey.read(found[0])
        if found[3] not in _HASHES:
            raise InvalidValueError(f"the signature's hash {found[3].decode(errors='replace')!r} is not known", _FIX)
        kind = made[0].decode(errors="replace")
        if kind not in (_FOR_RSA if key.kind == "ssh-rsa" else (key.kind,)):
            raise InvalidValueError(
                f"a signature of the kind {kind!r} does not go with a key of the kind {key.kind!r}", _FIX
            )
        return cls(key, found[1].decode(errors="replace"), found[2], found[3], kind, found[4], _armored(blob))

    def signed(self, data: bytes) -> bytes:
        """Return the bytes that the key has signed, where it has signed *data*."""
        return signed(data, self.namespace, self.hash_name, self.reserved)


def signatures(text: str) -> tuple[Signature, ...]:
    """Read every signature of a file, one after the other; raises `InvalidValueError` where there is none."""
    blocks = [after.partition(_END)[0] for after in text.split(_BEGIN)[1:] if _END in after]
    found = tuple(map(Signature.parse, blocks))
    if not found:
        raise InvalidValueError(f"no signature is in it (it begins {_BEGIN!r})", _FIX)
    return found


def signed(data: bytes, namespace: str, hash_name: bytes = b"sha512", reserved: bytes = b"") -> bytes:
    """Return the bytes that a key signs for *data*."""
    digest = _HASHES[hash_name](data).digest()
    return _MAGIC + part(namespace.encode()) + part(reserved) + part(hash_name) + part(digest)


def armored(key: PublicKey, namespace: str, value: bytes, hash_name: bytes = b"sha512") -> str:
    """Return the signature file for what *key* made of `signed`: *value* is its kind and its numbers, as parts."""
    fields = (key.blob, namespace.encode(), b"", hash_name, value)
    return _armored(_MAGIC + _VERSION + b"".join(map(part, fields)))


def _armored(blob: bytes) -> str:
    text = base64.b64encode(blob).decode()
    lines = [text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]
    return "\n".join([_BEGIN, *lines, _END, ""])
