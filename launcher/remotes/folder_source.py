"""Catalogs in a folder of this machine, or one that is mounted on it."""

import os
import stat

from launcher.core.remotes.source_url import Address
from launcher.core.values.file_error_fixes import fix_for
from launcher.errors import RemoteError
from launcher.remotes.fetch import CATALOG, LARGEST, Fetched, named


def fetch(address: Address) -> Fetched:
    """Return the files of the folder; raises `RemoteError`."""
    found = {name: _read(address.url + named(address, name), most) for name, most in LARGEST.items()}
    if found[CATALOG] is None:
        path = address.url + address.file
        raise RemoteError(path, "there is no such file", "check the address: applaunch remote info NAME")
    return Fetched({name: data for name, data in found.items() if data is not None})


def _read(path: str, most: int) -> bytes | None:
    """Return the bytes of a plain file: a pipe in its place would keep us waiting for ever."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise RemoteError(path, "is not a plain file", "put the catalog there")
            data = file.read(most + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RemoteError(path, f"cannot be read: {reason}", fix_for(error, path, reading=True)) from None
    if len(data) > most:
        raise too_large(path, most)
    return data


def too_large(where: str, most: int) -> RemoteError:
    """Return the refusal of a file of more than *most* bytes."""
    size = f"{most >> 20} MiB" if most >= 1 << 20 else f"{most >> 10} KiB"
    return RemoteError(where, f"is larger than {size}", "ask who publishes it to split it; what was accepted goes on")
