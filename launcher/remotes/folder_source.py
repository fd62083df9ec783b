"""Catalogs in a folder on this machine, local or mounted."""

import os
import stat

from launcher.core.remotes.source_url import SourceUrl
from launcher.core.values.file_error_fixes import fix_for
from launcher.errors import RemoteError
from launcher.remotes.catalog_files import CATALOG, LARGEST, Fetched, name_at, too_large


def fetch(address: SourceUrl) -> Fetched:
    """Return the files of the folder; raise `RemoteError`."""
    found = {name: _read(address.url + name_at(address, name), most) for name, most in LARGEST.items()}
    if found[CATALOG] is None:
        path = address.url + address.file
        raise RemoteError(path, "there is no such file", "check the address: applaunch remote info NAME")
    return Fetched({name: data for name, data in found.items() if data is not None})


def _read(path: str, most: int) -> bytes | None:
    """Return the bytes of a regular file, None if there is none; a pipe would block for ever."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise RemoteError(path, "is not a regular file", "put the catalog there")
            data = file.read(most + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RemoteError(path, f"cannot be read: {reason}", fix_for(error, path, reading=True)) from None
    if len(data) > most:
        raise too_large(path, most)
    return data
