"""Digests of content, computed and verified (OCI image spec, descriptor: digests)."""

import hashlib
import re

_KNOWN = re.compile(r"(sha256):[0-9a-f]{64}|(sha512):[0-9a-f]{128}")


def digest_of(data: bytes) -> str:
    """Return the digest of *data*: ``sha256:`` and 64 hexadecimal digits."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def is_digest(text: str) -> bool:
    """Return whether *text* is a digest that can be verified: sha256 or sha512."""
    return _KNOWN.fullmatch(text) is not None


def new_hash(digest: str) -> "hashlib._Hash":
    """Return a hash object of the algorithm of *digest*, which `is_digest` accepts."""
    return hashlib.new(digest.partition(":")[0])


def matches(data: bytes, digest: str) -> bool:
    """Return whether *data* has that *digest*; False if it cannot be verified."""
    found = _KNOWN.fullmatch(digest)
    algorithm = found[1] or found[2] if found else ""
    return algorithm != "" and f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}" == digest
