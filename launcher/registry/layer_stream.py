"""A layer of an image as a plain tar, while it is downloaded: resumed, decompressed, and checked by its digests."""

import time
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from launcher.core.images.inflate import GZIP, inflate
from launcher.core.images.pull_events import PullEvent
from launcher.core.values.reference import Reference
from launcher.errors import RegistryError
from launcher.net.network_errors import NetworkError, TooLargeError
from launcher.registry.digests import new_hash

if TYPE_CHECKING:
    from launcher.net.streamed_body import StreamedBody
    from launcher.registry.manifests import Descriptor

_BLOCK = 1 << 20
_ZSTD = b"\x28\xb5\x2f\xfd"
_PAUSES = (0.2, 0.4, 0.8, 1.6)  # seconds before each further connection for one layer
_INTERVAL = 0.1  # seconds between two progress reports


class BlobReader:
    """The bytes of a blob; a broken connection is replaced by another one, which continues at the same place."""

    def __init__(
        self,
        ref: Reference,
        blob: "Descriptor",
        connect: Callable[[int], "StreamedBody"],
        show: Callable[[PullEvent], None],
    ) -> None:
        """Read the *blob*; *connect* opens it from a byte on, and *show* gets the progress."""
        self._ref = ref
        self._blob = blob
        self._connect = connect
        self._show = show
        self._body = connect(0)
        self._checksum = new_hash(blob.digest)
        self._done = 0
        self._pauses = list(_PAUSES)
        self._shown = 0.0

    def read(self, size: int = -1, /) -> bytes:
        """Return at most *size* bytes, b"" at the end, where the digest is verified; raises `RegistryError`."""
        data = self._read(size if size > 0 else _BLOCK)
        self._checksum.update(data)
        self._done += len(data)
        if self._done > self._blob.size or (not data and self._done < self._blob.size):
            raise wrong_content(self._ref, self._blob.digest)
        if not data and f"{self._checksum.name}:{self._checksum.hexdigest()}" != self._blob.digest:
            raise wrong_content(self._ref, self._blob.digest)
        self._report()
        return data

    def chunks(self) -> Iterator[bytes]:
        """Yield all bytes."""
        while data := self.read(_BLOCK):
            yield data

    def close(self) -> None:
        """Close the connection."""
        self._body.close()

    def _read(self, size: int) -> bytes:
        while True:
            try:
                return self._body.read(size)
            except NetworkError as error:
                if not self._pauses or isinstance(error, TooLargeError):
                    raise RegistryError(self._ref.familiar, error.what, error.fix) from error
            self._body.close()
            time.sleep(self._pauses.pop(0))
            self._body = self._connect(self._done)

    def _report(self) -> None:
        now = time.monotonic()
        if now - self._shown >= _INTERVAL or self._done == self._blob.size:
            self._shown = now
            self._show(PullEvent(short_id(self._blob.digest), "Downloading", self._done, self._blob.size))


class LayerStream:
    """A layer as a plain tar, whatever its compression; at its end, both digests are verified."""

    def __init__(self, ref: Reference, blob: BlobReader, diff_id: str) -> None:
        """Decompress *blob*, whose content must have the digest *diff_id*, as the image's config says."""
        self._ref = ref
        self._diff_id = diff_id
        self._checksum = new_hash(diff_id)
        self._pieces = self._decompress(blob)

    def read(self, _size: int, /) -> bytes:
        """Return the next bytes (at most 1 MiB), b"" at the end; raises `RegistryError`."""
        try:
            data = next((piece for piece in self._pieces if piece), b"")
        except zlib.error as error:
            raise self._damaged(str(error)) from error
        self._checksum.update(data)
        if not data and f"{self._checksum.name}:{self._checksum.hexdigest()}" != self._diff_id:
            raise wrong_content(self._ref, self._diff_id)
        return data

    def _decompress(self, blob: BlobReader) -> Iterator[bytes]:
        first = blob.read(_BLOCK)
        if first.startswith(GZIP):
            yield from inflate(_chain(first, blob), _BLOCK)
        elif first.startswith(_ZSTD):
            yield from self._decompress_zstd(first, blob)
        else:
            yield from _chain(first, blob)

    def _decompress_zstd(self, first: bytes, blob: BlobReader) -> Iterator[bytes]:
        try:
            import zstandard  # noqa: PLC0415  few images need it
        except ImportError:
            what = "has layers compressed with zstd, which need the Python package zstandard"
            raise RegistryError(self._ref.familiar, what, "pipx inject applaunch zstandard") from None
        source: Any = _Rejoined(first, blob)
        reader = zstandard.ZstdDecompressor().stream_reader(source, read_across_frames=True)
        try:
            while data := reader.read(_BLOCK):
                yield data
        except zstandard.ZstdError as error:
            raise self._damaged(str(error)) from error
        while blob.read(_BLOCK):  # its end, where its digest is verified
            pass

    def _damaged(self, why: str) -> RegistryError:
        return RegistryError(self._ref.familiar, f"has a damaged layer: {why}", "ask the publisher to push it again")


class _Rejoined:
    """A blob together with its first bytes, which were read already."""

    def __init__(self, first: bytes, blob: BlobReader) -> None:
        self._first = first
        self._blob = blob

    def read(self, size: int = -1) -> bytes:
        data, self._first = self._first, b""
        return data or self._blob.read(size)


def _chain(first: bytes, blob: BlobReader) -> Iterator[bytes]:
    if first:
        yield first
        yield from blob.chunks()


def short_id(digest: str) -> str:
    """Return the short id of a layer, as docker shows it."""
    return digest.partition(":")[2][:12]


def wrong_content(ref: Reference, digest: str) -> RegistryError:
    """Return the error for content that does not have its *digest*."""
    what = f"the content from {ref.registry} does not match {digest}"
    return RegistryError(ref.familiar, what, f"try again; if it persists, contact the operator of {ref.registry}")
