"""Signatures by the Python package cryptography, for machines without ssh-keygen."""

from typing import Any

from launcher.core.remotes import ssh_signature
from launcher.core.remotes.public_key import PublicKey, pack_string, unpack_strings
from launcher.core.remotes.ssh_signature import Signature
from launcher.core.values.file_error_fixes import fix_for
from launcher.errors import RemoteError

_PACKAGE = "pip install 'applaunch[signatures]'"
_MISSING = f"apt install openssh-client, or: {_PACKAGE}"
_TOKEN = "sk-"  # noqa: S105  the prefix of key types on hardware tokens, no secret


def verify(signature: Signature, data: bytes, why: str = "") -> bool:
    """Return whether *signature* is valid: by its key, over *data*, for its namespace; raises `RemoteError`.

    *why* is why ssh-keygen cannot be used, "" if it is not installed.
    """
    crypto = _Crypto(why)
    if signature.key.kind.startswith(_TOKEN):
        because = f" ({why})" if why else ""
        what = f"a signature by a hardware token ({signature.key.fingerprint}) needs ssh-keygen{because}"
        raise RemoteError("signatures", what, "apt install openssh-client")
    signed, value = signature.signed_bytes(data), [*unpack_strings(signature.value)][1]
    try:
        key = crypto.load_ssh_public_key(signature.key.line.encode())
        match key:
            case crypto.ed25519.Ed25519PublicKey():
                key.verify(value, signed)
            case crypto.ec.EllipticCurvePublicKey():
                key.verify(crypto.as_der(value), signed, crypto.ec.ECDSA(crypto.hash_of(key)))
            case crypto.rsa.RSAPublicKey():
                key.verify(value, signed, crypto.padding.PKCS1v15(), crypto.rsa_hash(signature.kind))
            case _:
                return False
    except (crypto.InvalidSignature, ValueError):
        return False
    return True


def sign(path: str, data: bytes, namespace: str, why: str = "") -> str:
    """Return a signature file over *data* by the private key at *path*, without passphrase; raises `RemoteError`."""
    crypto = _Crypto(why)
    try:
        with open(path, "rb") as file:
            key = crypto.load_ssh_private_key(file.read(), password=None)
    except OSError as error:
        fix = fix_for(error, path, reading=True)
        raise RemoteError(path, f"cannot be read: {(error.strerror or '').lower()}", fix) from None
    except (ValueError, TypeError, crypto.UnsupportedAlgorithm):  # a passphrase, a public key, an unknown type
        what = "is not a private key that works without ssh-keygen"
        raise RemoteError(path, what, "apt install openssh-client") from None
    signed = ssh_signature.signed_bytes(data, namespace)
    match key:
        case crypto.ed25519.Ed25519PrivateKey():
            kind, value = "ssh-ed25519", key.sign(signed)
        case crypto.ec.EllipticCurvePrivateKey():
            size = key.curve.key_size
            kind, value = (
                f"ecdsa-sha2-nistp{size}",
                crypto.as_parts(key.sign(signed, crypto.ec.ECDSA(crypto.hash_of(key)))),
            )
        case crypto.rsa.RSAPrivateKey():
            kind, value = "rsa-sha2-512", key.sign(signed, crypto.padding.PKCS1v15(), crypto.hashes.SHA512())
        case _:
            raise RemoteError(path, "is a key of a type that cannot sign", "ssh-keygen -t ed25519")
    public = PublicKey.parse(crypto.public_line(key))
    return ssh_signature.armor_signature(public, namespace, pack_string(kind.encode()) + pack_string(value))


class _Crypto:
    """The parts of cryptography in use, imported when a signature is verified or made."""

    def __init__(self, why: str) -> None:
        try:
            from cryptography import exceptions  # noqa: PLC0415  100 ms, and not there on every machine
            from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415  as above
            from cryptography.hazmat.primitives.asymmetric import (  # noqa: PLC0415  as above
                ec,
                ed25519,
                padding,
                rsa,
                utils,
            )
        except ImportError:
            if why:
                what = f"cannot be verified or made: {why}, and the Python package cryptography is not installed"
                raise RemoteError("signatures", what, _PACKAGE) from None
            what = "this machine has neither ssh-keygen nor the Python package cryptography"
            raise RemoteError("signatures", what, _MISSING) from None
        self.ec, self.ed25519, self.padding, self.rsa, self.hashes = ec, ed25519, padding, rsa, hashes
        self.InvalidSignature = exceptions.InvalidSignature
        self.UnsupportedAlgorithm = exceptions.UnsupportedAlgorithm
        self.load_ssh_public_key = serialization.load_ssh_public_key
        self.load_ssh_private_key = serialization.load_ssh_private_key
        self._serialization = serialization
        self._utils = utils

    def as_der(self, value: bytes) -> bytes:
        """Convert an ECDSA signature from SSH's form (RFC 5656, section 3.1.2) to DER."""
        r, s = (int.from_bytes(number, "big") for number in unpack_strings(value))
        der: bytes = self._utils.encode_dss_signature(r, s)
        return der

    def as_parts(self, der: bytes) -> bytes:
        """Convert an ECDSA signature from DER to SSH's form."""
        numbers = self._utils.decode_dss_signature(der)
        return b"".join(pack_string(number.to_bytes(number.bit_length() // 8 + 1, "big")) for number in numbers)

    def hash_of(self, key: Any) -> Any:
        """Return the hash for the curve of *key* (RFC 5656, section 6.2.1)."""
        hashes: dict[int, Any] = {256: self.hashes.SHA256, 384: self.hashes.SHA384, 521: self.hashes.SHA512}
        return hashes[key.curve.key_size]()

    def rsa_hash(self, kind: str) -> Any:
        """Return the hash for a signature type (RFC 8332)."""
        hashes: dict[str, Any] = {"rsa-sha2-256": self.hashes.SHA256, "rsa-sha2-512": self.hashes.SHA512}
        return hashes[kind]()

    def public_line(self, key: Any) -> str:
        """Return the public half of a private key in the form of a .pub file."""
        form = (self._serialization.Encoding.OpenSSH, self._serialization.PublicFormat.OpenSSH)
        line: str = key.public_key().public_bytes(*form).decode()
        return line
