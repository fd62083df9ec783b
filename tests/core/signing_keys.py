"""Invented keys and signatures, for decisions that depend only on the signer's name."""

from launcher.core.remotes import ssh_signature
from launcher.core.remotes.public_key import PublicKey, pack_string
from launcher.core.remotes.ssh_signature import parse_signatures
from launcher.core.remotes.trust_policy import FOR_CATALOG


def ed25519(number, comment=""):
    """Return a public key."""
    return PublicKey.from_blob(pack_string(b"ssh-ed25519") + pack_string(bytes([number]) * 32))._replace(
        comment=comment
    )


def rsa(bits):
    """Return a public RSA key of that many bits, which `PublicKey.from_blob` may refuse."""
    number = (1 << (bits - 1) | 1).to_bytes(bits // 8 + 1, "big")
    return PublicKey("ssh-rsa", pack_string(b"ssh-rsa") + pack_string(b"\1\0\1") + pack_string(number))


ANA, BEN, EVE = ed25519(1), ed25519(2), ed25519(3)


def signed_by(key, namespace=FOR_CATALOG, kind=None):
    """Return a signature file that claims to be by *key*."""
    return ssh_signature.armor_signature(
        key, namespace, pack_string((kind or key.kind).encode()) + pack_string(b"\7" * 64)
    ).encode()


def signature(key, namespace=FOR_CATALOG):
    """Return the signature in such a file."""
    return parse_signatures(signed_by(key, namespace).decode())[0]
