"""What bytes are called, and whether bytes are what they are called (OCI image spec, descriptor: digests)."""

import hashlib
import re

_KNOWN = re.compile(r"(sha256):[0-9a-f]{64}|(sha512):[0-9a-f]{128}")


def digest_of(data: bytes) -> str:
    """Return the name of *data*: ``sha256:`` and 64 hexadecimal digits."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def is_digest(text: str) -> bool:
    """Tell whether *text* names bytes in a way that can be checked here: sha256 or sha512."""
    return _KNOWN.fullmatch(text) is not None


def fits(data: bytes, digest: str) -> bool:
    """Tell whether *data* is what *digest* names; what cannot be checked does not fit."""
    found = _KNOWN.fullmatch(digest)
    algorithm = found[1] or found[2] if found else ""
    return algorithm != "" and f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}" == digest
