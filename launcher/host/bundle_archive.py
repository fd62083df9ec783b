"""The bundle file: written atomically, and read back entry by entry with every byte checked."""

import errno
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import IO, NamedTuple

from launcher.core.bundles import bundle_format, canonical_tar
from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import HostError
from launcher.host.files import file_error

MAX_ENTRIES = 10_000
"""The most entries that a bundle may have."""

_CHUNK_SIZE = 1 << 18
_GET_AGAIN = "get the bundle again"


class EntryLocation(NamedTuple):
    """The offset and size of an entry in the file."""

    offset: int
    size: int


class BundleFile:
    """A bundle file, open for reading."""

    def __init__(self, path: str, descriptor: int, entries: Mapping[str, EntryLocation]) -> None:
        """Store what `open_bundle` read."""
        self.path = path
        self.entries = entries
        self._descriptor = descriptor

    @property
    def size(self) -> int:
        """The size of the file in bytes."""
        return os.fstat(self._descriptor).st_size

    @property
    def sizes(self) -> dict[str, int]:
        """The size of every entry."""
        return {name: entry.size for name, entry in self.entries.items()}

    def read_small(self, name: str) -> bytes:
        """Return the bytes of a small entry; raises `InvalidValueError` if it is larger than `LARGEST`."""
        if self.entries[name].size > bundle_format.LARGEST:
            raise InvalidValueError(f"{name} is larger than {bundle_format.LARGEST >> 20} MiB", _GET_AGAIN)
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of an entry in chunks."""
        offset, remaining = self.entries[name]
        while remaining:
            chunk = _read(self.path, self._descriptor, min(remaining, _CHUNK_SIZE), offset)
            offset, remaining = offset + len(chunk), remaining - len(chunk)
            yield chunk

    def verify_blobs(self, progress: Callable[[int], object] = lambda _: None) -> None:
        """Check every blob against its digest and report the bytes read to *progress*; raises `HostError`."""
        for name in self.entries:
            if not name.startswith(bundle_format.BLOBS):
                continue
            checksum = sha256()
            for chunk in self.chunks(name):
                checksum.update(chunk)
                progress(len(chunk))
            if checksum.hexdigest() != name.removeprefix(bundle_format.BLOBS):
                raise HostError(self.path, f"is damaged: {name} has another checksum", _GET_AGAIN)


@contextmanager
def open_bundle(path: str) -> Iterator[BundleFile]:
    """Open the bundle at *path* and read all headers; raises `HostError` if it is not a complete bundle."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # opening a pipe would block
    except OSError as error:
        raise file_error(path, "cannot be read", error) from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise HostError(path, "is not a regular file", "name a bundle file")
        yield BundleFile(path, descriptor, _read_headers(path, descriptor))
    except InvalidValueError as wrong:
        raise HostError(path, wrong.what, wrong.fix) from None
    finally:
        os.close(descriptor)


@contextmanager
def temporary_file(path: str) -> Iterator[IO[bytes]]:
    """Give an unnamed temporary file on the same disk as *path*; it is deleted when the block ends."""
    try:
        with tempfile.TemporaryFile(dir=os.path.dirname(os.path.realpath(path)), buffering=_CHUNK_SIZE) as file:
            yield file
    except OSError as error:
        raise _unwritable(path, error) from None


def write(path: str, files: Iterable[canonical_tar.File]) -> int:
    """Write *files*, sorted, as a tar at *path* and return its size.

    An existing bundle is replaced atomically. Raises `HostError` and leaves the existing file unchanged.
    """
    path = os.path.realpath(path)
    new = f"{path}.{os.getpid()}.new"
    try:
        with open(new, "wb", buffering=_CHUNK_SIZE) as file:
            try:
                file.writelines(canonical_tar.stream(sorted(files, key=lambda each: each[0])))
                file.flush()
                os.fsync(file.fileno())
                os.replace(new, path)
                return file.tell()
            except BaseException:
                with suppress(OSError):
                    os.unlink(new)
                raise
    except OSError as error:
        raise _unwritable(path, error) from None


def check_writable(path: str) -> None:
    """Raise `HostError` if *path* exists and is not a bundle, or if its folder is missing."""
    folder = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(folder):
        raise HostError(path, "its folder is missing", f"mkdir -p {folder}")
    if not os.path.lexists(path):
        return
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            first = canonical_tar.parse_header(file.read(canonical_tar.BLOCK))
    except OSError as error:
        raise file_error(path, "cannot be read", error) from None
    except InvalidValueError:
        first = None
    if not first or first[0] != bundle_format.REQUIRED[0]:
        raise HostError(path, "exists and is not a bundle", "write to another file, or delete it")


def _read_headers(path: str, descriptor: int) -> dict[str, EntryLocation]:
    """Read all headers and paddings and return where each entry is; raises `InvalidValueError`."""
    end = os.fstat(descriptor).st_size
    if end < canonical_tar.BLOCK:
        raise InvalidValueError("is not a bundle: it is too short", "create one with: applaunch bundle export")
    found: dict[str, EntryLocation] = {}
    offset, last = 0, ""
    while True:
        block = _read_exactly(path, descriptor, canonical_tar.BLOCK, offset, end)
        try:
            entry = canonical_tar.parse_header(block)
        except InvalidValueError as wrong:
            if not found:
                raise InvalidValueError(
                    f"is not a bundle: {wrong.what}", "create one with: applaunch bundle export"
                ) from None
            raise InvalidValueError(f"is damaged at byte {offset}: {wrong.what}", wrong.fix or _GET_AGAIN) from None
        if entry is None:
            break
        name, size = entry
        if name <= last:
            raise InvalidValueError(f"is damaged at byte {offset}: {name!r} is out of order after {last!r}", _GET_AGAIN)
        found[name] = EntryLocation(offset + canonical_tar.BLOCK, size)
        if len(found) > MAX_ENTRIES:
            raise InvalidValueError(f"has more than {MAX_ENTRIES} entries", _GET_AGAIN)
        padding = canonical_tar.padding(size)
        offset, last = offset + canonical_tar.BLOCK + size, name
        if _read_exactly(path, descriptor, len(padding), offset, end) != padding:
            raise InvalidValueError(f"is damaged at byte {offset}: unexpected data between two entries", _GET_AGAIN)
        offset += len(padding)
    if (
        _read_exactly(path, descriptor, len(canonical_tar.END), offset, end) != canonical_tar.END
        or offset + len(canonical_tar.END) != end
    ):
        raise InvalidValueError(f"is damaged at byte {offset}: unexpected data after the end", _GET_AGAIN)
    return found


def _read_exactly(path: str, descriptor: int, size: int, offset: int, end: int) -> bytes:
    """Read *size* bytes; raises `InvalidValueError` if the file ends before them."""
    if offset + size > end:
        raise InvalidValueError(f"is truncated: it ends after {end} bytes", _GET_AGAIN)
    return _read(path, descriptor, size, offset) if size else b""


def _read(path: str, descriptor: int, size: int, offset: int) -> bytes:
    try:
        chunk = os.pread(descriptor, size, offset)
    except OSError as error:
        raise file_error(path, "cannot be read", error) from None
    if not chunk and size:
        raise HostError(path, "was truncated while it was read", _GET_AGAIN)
    return chunk


def _unwritable(path: str, error: OSError) -> HostError:
    failure = file_error(path, "cannot be written", error)
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return HostError(path, failure.what, "free some space, or write to another disk" if full else failure.fix)
