"""A bundle as a file: written whole or not at all, and read again entry by entry, every byte of it accounted for."""

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
"""How many entries a bundle may have."""

_PIECE = 1 << 18
_AGAIN = "get the bundle again"


class EntryLocation(NamedTuple):
    """Where one entry is."""

    offset: int
    size: int


class BundleFile:
    """A bundle's file, open for reading."""

    def __init__(self, path: str, descriptor: int, places: Mapping[str, EntryLocation]) -> None:
        """Keep what `opened` found."""
        self.path = path
        self.places = places
        self._descriptor = descriptor

    @property
    def size(self) -> int:
        """The bytes of the file."""
        return os.fstat(self._descriptor).st_size

    @property
    def sizes(self) -> dict[str, int]:
        """The size of every entry."""
        return {name: place.size for name, place in self.places.items()}

    def document(self, name: str) -> bytes:
        """Return the bytes of a small entry; raises `InvalidValueError` where it is not small."""
        if self.places[name].size > bundle_format.LARGEST:
            raise InvalidValueError(f"{name} is larger than {bundle_format.LARGEST >> 20} MiB", _AGAIN)
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of an entry."""
        offset, left = self.places[name]
        while left:
            piece = _read(self.path, self._descriptor, min(left, _PIECE), offset)
            offset, left = offset + len(piece), left - len(piece)
            yield piece

    def check(self, seen: Callable[[int], object] = lambda _: None) -> None:
        """Compare every blob with its name, telling how many bytes were *seen*; raises `HostError`."""
        for name in self.places:
            if not name.startswith(bundle_format.BLOBS):
                continue
            found = sha256()
            for piece in self.pieces(name):
                found.update(piece)
                seen(len(piece))
            if found.hexdigest() != name.removeprefix(bundle_format.BLOBS):
                raise HostError(self.path, f"is damaged: {name} holds something else", _AGAIN)


@contextmanager
def open_bundle(path: str) -> Iterator[BundleFile]:
    """Open the bundle at *path*, all its headers read; raises `HostError` for what is none, or is not whole."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe would wait for its writer
    except OSError as error:
        raise file_error(path, "cannot be read", error) from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise HostError(path, "is no file", "name the file of a bundle")
        yield BundleFile(path, descriptor, _places(path, descriptor))
    except InvalidValueError as wrong:
        raise HostError(path, wrong.what, wrong.fix) from None
    finally:
        os.close(descriptor)


@contextmanager
def temporary_file(path: str) -> Iterator[IO[bytes]]:
    """Give a file without a name on the disk that *path* is on; it is gone when the block ends, however that is."""
    try:
        with tempfile.TemporaryFile(dir=os.path.dirname(os.path.realpath(path)), buffering=_PIECE) as file:
            yield file
    except OSError as error:
        raise _unwritable(path, error) from None


def write(path: str, files: Iterable[canonical_tar.File]) -> int:
    """Put the tar of *files* at *path*, sorted, and return its size.

    What is there is replaced in one step, where it is a bundle. Raises `HostError`, and leaves what was there.
    """
    path = os.path.realpath(path)
    new = f"{path}.{os.getpid()}.new"
    try:
        with open(new, "wb", buffering=_PIECE) as file:
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
    """Raise `HostError` where something stands at *path* that is no bundle, or where its folder is missing."""
    folder = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(folder):
        raise HostError(path, "its folder is missing", f"mkdir -p {folder}")
    if not os.path.lexists(path):
        return
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            first = canonical_tar.entry(file.read(canonical_tar.BLOCK))
    except OSError as error:
        raise file_error(path, "cannot be read", error) from None
    except InvalidValueError:
        first = None
    if not first or first[0] != bundle_format.ALWAYS[0]:
        raise HostError(path, "is there already, and no bundle", "write to another file, or delete it")


def _places(path: str, descriptor: int) -> dict[str, EntryLocation]:
    """Return where each entry is, all headers and paddings read; raises `InvalidValueError`."""
    end = os.fstat(descriptor).st_size
    if end < canonical_tar.BLOCK:
        raise InvalidValueError("is no bundle: it is too short", "applaunch bundle export makes one")
    found: dict[str, EntryLocation] = {}
    offset, last = 0, ""
    while True:
        block = _within(path, descriptor, canonical_tar.BLOCK, offset, end)
        try:
            entry = canonical_tar.entry(block)
        except InvalidValueError as wrong:
            if not found:
                raise InvalidValueError(f"is no bundle: {wrong.what}", "applaunch bundle export makes one") from None
            raise InvalidValueError(f"is damaged at byte {offset}: {wrong.what}", wrong.fix or _AGAIN) from None
        if entry is None:
            break
        name, size = entry
        if name <= last:
            raise InvalidValueError(f"is damaged at byte {offset}: {name!r} stands after {last!r}", _AGAIN)
        found[name] = EntryLocation(offset + canonical_tar.BLOCK, size)
        if len(found) > MAX_ENTRIES:
            raise InvalidValueError(f"has more than {MAX_ENTRIES} entries", _AGAIN)
        padding = canonical_tar.padding(size)
        offset, last = offset + canonical_tar.BLOCK + size, name
        if _within(path, descriptor, len(padding), offset, end) != padding:
            raise InvalidValueError(f"is damaged at byte {offset}: something stands between two entries", _AGAIN)
        offset += len(padding)
    if (
        _within(path, descriptor, len(canonical_tar.END), offset, end) != canonical_tar.END
        or offset + len(canonical_tar.END) != end
    ):
        raise InvalidValueError(f"is damaged at byte {offset}: something stands behind its end", _AGAIN)
    return found


def _within(path: str, descriptor: int, size: int, offset: int, end: int) -> bytes:
    """Read where *size* bytes must be; raises `InvalidValueError` for a file that ends before."""
    if offset + size > end:
        raise InvalidValueError(f"is torn: it ends after {end} bytes, in the middle", _AGAIN)
    return _read(path, descriptor, size, offset) if size else b""


def _read(path: str, descriptor: int, size: int, offset: int) -> bytes:
    try:
        piece = os.pread(descriptor, size, offset)
    except OSError as error:
        raise file_error(path, "cannot be read", error) from None
    if not piece and size:
        raise HostError(path, "has become shorter while it was read", _AGAIN)
    return piece


def _unwritable(path: str, error: OSError) -> HostError:
    trouble = file_error(path, "cannot be written", error)
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return HostError(path, trouble.what, "free some space, or write to another disk" if full else trouble.fix)
