"""Signatures made and checked: by ssh-keygen, else by what stands in for it."""

from collections.abc import Sequence

from launcher.core.remotes.ssh_signature import Signature
from launcher.remotes import python_signatures, ssh_keygen
from launcher.remotes.ssh_keygen import KeygenUnavailableError


def find_valid(found: Sequence[Signature], data: bytes) -> Signature | None:
    """Return the first signature of those *found* that is over *data*, None where none is; raises `RemoteError`."""
    return next((each for each in found if verify(each, data)), None)


def verify(signature: Signature, data: bytes) -> bool:
    """Tell whether *signature* is one of its key over *data*, for its namespace; raises `RemoteError`."""
    try:
        return ssh_keygen.verify(signature, data)
    except KeygenUnavailableError as missing:
        return python_signatures.verify(signature, data, str(missing))


def sign(path: str, data: bytes, namespace: str) -> str:
    """Return the signature file of the key at *path* over *data*; raises `RemoteError`."""
    try:
        return ssh_keygen.sign(path, data, namespace)
    except KeygenUnavailableError as missing:
        return python_signatures.sign(path, data, namespace, str(missing))
