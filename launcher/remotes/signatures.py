"""Signatures made and checked: by ssh-keygen, else by what stands in for it."""

from collections.abc import Sequence

from launcher.core.remotes.ssh_signature import Signature
from launcher.remotes import python_signatures, ssh_keygen
from launcher.remotes.ssh_keygen import NoKeygen


def fitting(found: Sequence[Signature], data: bytes) -> Signature | None:
    """Return the first signature of those *found* that is over *data*, None where none is; raises `RemoteError`."""
    return next((each for each in found if fits(each, data)), None)


def fits(signature: Signature, data: bytes) -> bool:
    """Tell whether *signature* is one of its key over *data*, for its namespace; raises `RemoteError`."""
    try:
        return ssh_keygen.fits(signature, data)
    except NoKeygen as missing:
        return python_signatures.fits(signature, data, str(missing))


def sign(path: str, data: bytes, namespace: str) -> str:
    """Return the signature file of the key at *path* over *data*; raises `RemoteError`."""
    try:
        return ssh_keygen.sign(path, data, namespace)
    except NoKeygen as missing:
        return python_signatures.sign(path, data, namespace, str(missing))
