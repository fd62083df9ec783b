"""Images as an engine hands them out, read from the stream: docker's old archive, or an OCI layout, as it comes.

Layers are kept packed in a file; nothing but documents is ever in memory.
"""

from __future__ import annotations

import json
import posixpath
import tarfile
from hashlib import sha256
from itertools import chain
from typing import IO, TYPE_CHECKING, Any, Protocol

from launcher.core.bundles.bundle_format import LARGEST, Blob, Image, diff_ids, image_of
from launcher.core.values.invalid_value import InvalidValueError
from launcher.engine.layer_archive import compress_layer, decompress_layer
from launcher.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PIECE = 1 << 18
_SHORTEST = 512  # bytes of a layer


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, *size* of them but at the end."""


class BlobFile:
    """Blobs as they come, one behind the other in a file, each once."""

    def __init__(self, file: IO[bytes]) -> None:
        """Keep them in *file*, which is ours alone."""
        self._file = file
        self._places: dict[str, int] = {}

    def add(self, pieces: Iterable[bytes]) -> Blob:
        """Put a blob there, and return what it is called; raises OSError."""
        begin = self._file.tell()
        seen, size = sha256(), 0
        for piece in pieces:
            self._file.write(piece)
            seen.update(piece)
            size += len(piece)
        blob = Blob(f"sha256:{seen.hexdigest()}", size)
        if blob.digest in self._places:
            self._file.seek(begin)
            self._file.truncate()
        else:
            self._places[blob.digest] = begin
        return blob

    def pieces(self, blob: Blob) -> Iterator[bytes]:
        """Yield the bytes of a *blob*, when all have come."""
        self._file.seek(self._places[blob.digest])
        left = blob.size
        while left and (piece := self._file.read(min(left, _PIECE))):
            left -= len(piece)
            yield piece


def read_images(stream: Readable, heap: BlobFile, wanted: Iterable[str]) -> dict[str, Image]:
    """Put the images of *stream* on the *heap*, and return those with the *wanted* ids, by them.

    Raises `EngineError` where one is not in it, or not whole; OSError where the heap is full.
    """
    documents: dict[str, bytes] = {}
    layers: dict[str, tuple[str, Blob]] = {}
    links: dict[str, str] = {}
    try:
        whole: Any = _Whole(stream)
        with tarfile.open(fileobj=whole, mode="r|", bufsize=_PIECE) as archive:
            for member in archive:
                if member.issym():
                    links[member.name] = posixpath.join(posixpath.dirname(member.name), member.linkname)
                elif member.islnk():
                    links[member.name] = member.linkname
                elif member.isreg() and (file := archive.extractfile(member)):
                    _take(member.name, file, heap, documents, layers)
    except tarfile.TarError as error:
        raise _broken(f"its archive is broken off: {error}") from error
    by_id = {image.id: image for image in _images(documents, layers, links, heap)}
    return {each: by_id[_config_of(each, documents, by_id)] for each in wanted}


def _take(
    name: str, file: IO[bytes], heap: BlobFile, documents: dict[str, bytes], layers: dict[str, tuple[str, Blob]]
) -> None:
    """Keep one file: as a document, where it is JSON or next to nothing, else as a layer."""
    first = file.read(LARGEST)
    if _is_document(first):
        documents[name] = first
        return
    seen = sha256()

    def plain() -> Iterator[bytes]:
        for piece in decompress_layer(chain((first,), iter(lambda: file.read(_PIECE), b""))):
            seen.update(piece)
            yield piece

    blob = heap.add(compress_layer(plain()))
    layers[name] = f"sha256:{seen.hexdigest()}", blob


def _is_document(data: bytes) -> bool:
    if len(data) < _SHORTEST and not data.startswith(b"\x1f\x8b"):
        return True
    if len(data) == LARGEST or not data.startswith((b"{", b"[")):
        return False
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _images(
    documents: dict[str, bytes], layers: dict[str, tuple[str, Blob]], links: dict[str, str], heap: BlobFile
) -> Iterator[Image]:
    for entry in _read(documents, "manifest.json"):
        config = documents.get(entry["Config"])
        if config is None:
            raise _broken("its archive lacks the configuration of an image")
        found = [layers.get(posixpath.normpath(links.get(name, name))) for name in entry["Layers"]]
        whole = [layer for layer in found if layer]
        said = json.loads(config)
        if [plain for plain, _ in whole] != diff_ids(said):
            raise _broken("its archive lacks a layer of an image, or has another one in its place")
        try:
            image = image_of(config, [blob for _, blob in whole])
        except InvalidValueError as wrong:
            raise _broken(wrong.what) from None
        heap.add((config,))
        yield image


def _config_of(image_id: str, documents: dict[str, bytes], known: dict[str, Image]) -> str:
    """Return the id that an image has everywhere; docker's containerd store says that of a manifest or an index."""
    waiting = [image_id]
    while waiting:
        digest = waiting.pop(0)
        if digest in known:
            return digest
        name = f"blobs/sha256/{digest.removeprefix('sha256:')}"
        said = _read(documents, name) if name in documents else {}
        if isinstance(said, dict):
            below = [said.get("config"), *(said.get("manifests") or ())]
            waiting += [str(each["digest"]) for each in below if isinstance(each, dict) and "digest" in each]
    raise _broken(f"its archive lacks the image {image_id}")


def _read(documents: dict[str, bytes], name: str) -> Any:
    if name not in documents:
        raise _broken(f"its archive has no {name}")
    return json.loads(documents[name])


def _broken(what: str) -> EngineError:
    return EngineError("engine", what, "pull the image again, and try once more")


class _Whole:
    """A stream that gives as many bytes as it is asked for, as tarfile wants it."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size and (piece := self._stream.read(size - len(found))):
            found += piece
        return bytes(found)
