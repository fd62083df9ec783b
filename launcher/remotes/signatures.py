"""Make and verify signatures by ssh-keygen, or by the Python package cryptography."""

from collections.abc import Sequence

from launcher.core.remotes.ssh_signature import Signature
from launcher.remotes import python_signatures, ssh_keygen
from launcher.remotes.ssh_keygen import KeygenUnavailableError


def find_valid(found: Sequence[Signature], data: bytes) -> Signature | None:
    """Return the first valid signature over *data* among *found*, None if there is none; raises `RemoteError`."""
    return next((each for each in found if verify(each, data)), None)


def verify(signature: Signature, data: bytes) -> bool:
    """Return whether *signature* is valid: by its key, over *data*, for its namespace; raises `RemoteError`."""
    try:
        return ssh_keygen.verify(signature, data)
    except KeygenUnavailableError as missing:
        return python_signatures.verify(signature, data, str(missing))


def sign(path: str, data: bytes, namespace: str) -> str:
    """Return a signature file over *data* by the key at *path*; raises `RemoteError`."""
    try:
        return ssh_keygen.sign(path, data, namespace)
    except KeygenUnavailableError as missing:
        return python_signatures.sign(path, data, namespace, str(missing))
