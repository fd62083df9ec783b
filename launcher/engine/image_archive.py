"""Read images from an engine's export stream, in docker's old archive format or as an OCI layout.

Layers are written compressed to a file; only JSON documents are held in memory.
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

_CHUNK_SIZE = 1 << 18
_MIN_LAYER = 512  # bytes of a layer


class Readable(Protocol):
    """A readable stream of bytes."""

    def read(self, size: int, /) -> bytes:
        """Return the next *size* bytes, fewer only at the end."""


class BlobFile:
    """Blobs stored one after another in a file, each of them once."""

    def __init__(self, file: IO[bytes]) -> None:
        """Store them in *file*, which nothing else uses."""
        self._file = file
        self._offsets: dict[str, int] = {}

    def add(self, chunks: Iterable[bytes]) -> Blob:
        """Store a blob and return its digest and size; raises OSError."""
        start = self._file.tell()
        checksum, size = sha256(), 0
        for chunk in chunks:
            self._file.write(chunk)
            checksum.update(chunk)
            size += len(chunk)
        blob = Blob(f"sha256:{checksum.hexdigest()}", size)
        if blob.digest in self._offsets:
            self._file.seek(start)
            self._file.truncate()
        else:
            self._offsets[blob.digest] = start
        return blob

    def chunks(self, blob: Blob) -> Iterator[bytes]:
        """Yield the bytes of a *blob* after all blobs have been added."""
        self._file.seek(self._offsets[blob.digest])
        remaining = blob.size
        while remaining and (chunk := self._file.read(min(remaining, _CHUNK_SIZE))):
            remaining -= len(chunk)
            yield chunk


def read_images(stream: Readable, blobs: BlobFile, wanted: Iterable[str]) -> dict[str, Image]:
    """Store the images of *stream* in *blobs* and return those with the *wanted* ids, by id.

    Raises `EngineError` if one is missing or incomplete, and OSError if the disk is full.
    """
    documents: dict[str, bytes] = {}
    layers: dict[str, tuple[str, Blob]] = {}
    links: dict[str, str] = {}
    try:
        reader: Any = _ExactReader(stream)
        with tarfile.open(fileobj=reader, mode="r|", bufsize=_CHUNK_SIZE) as archive:
            for member in archive:
                if member.issym():
                    links[member.name] = posixpath.join(posixpath.dirname(member.name), member.linkname)
                elif member.islnk():
                    links[member.name] = member.linkname
                elif member.isreg() and (file := archive.extractfile(member)):
                    _store_member(member.name, file, blobs, documents, layers)
    except tarfile.TarError as error:
        raise _broken(f"the image archive is truncated: {error}") from error
    by_id = {image.id: image for image in _images(documents, layers, links, blobs)}
    return {each: by_id[_find_config(each, documents, by_id)] for each in wanted}


def _store_member(
    name: str, file: IO[bytes], blobs: BlobFile, documents: dict[str, bytes], layers: dict[str, tuple[str, Blob]]
) -> None:
    """Store one file: as a document if it is JSON or very small, else as a layer."""
    first = file.read(LARGEST)
    if _is_document(first):
        documents[name] = first
        return
    checksum = sha256()

    def plain() -> Iterator[bytes]:
        for chunk in decompress_layer(chain((first,), iter(lambda: file.read(_CHUNK_SIZE), b""))):
            checksum.update(chunk)
            yield chunk

    blob = blobs.add(compress_layer(plain()))
    layers[name] = f"sha256:{checksum.hexdigest()}", blob


def _is_document(data: bytes) -> bool:
    if len(data) < _MIN_LAYER and not data.startswith(b"\x1f\x8b"):
        return True
    if len(data) == LARGEST or not data.startswith((b"{", b"[")):
        return False
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _images(
    documents: dict[str, bytes], layers: dict[str, tuple[str, Blob]], links: dict[str, str], blobs: BlobFile
) -> Iterator[Image]:
    for entry in _read(documents, "manifest.json"):
        config = documents.get(entry["Config"])
        if config is None:
            raise _broken("the image archive lacks the configuration of an image")
        listed = [layers.get(posixpath.normpath(links.get(name, name))) for name in entry["Layers"]]
        present = [layer for layer in listed if layer]
        parsed = json.loads(config)
        if [plain for plain, _ in present] != diff_ids(parsed):
            raise _broken("the image archive lacks a layer of an image, or has a wrong one")
        try:
            image = image_of(config, [blob for _, blob in present])
        except InvalidValueError as wrong:
            raise _broken(wrong.what) from None
        blobs.add((config,))
        yield image


def _find_config(image_id: str, documents: dict[str, bytes], known: dict[str, Image]) -> str:
    """Return the config digest of an image; docker's containerd store uses that of the manifest or index as its id."""
    pending = [image_id]
    while pending:
        digest = pending.pop(0)
        if digest in known:
            return digest
        name = f"blobs/sha256/{digest.removeprefix('sha256:')}"
        document = _read(documents, name) if name in documents else {}
        if isinstance(document, dict):
            below = [document.get("config"), *(document.get("manifests") or ())]
            pending += [str(each["digest"]) for each in below if isinstance(each, dict) and "digest" in each]
    raise _broken(f"the image archive lacks the image {image_id}")


def _read(documents: dict[str, bytes], name: str) -> Any:
    if name not in documents:
        raise _broken(f"the image archive has no {name}")
    return json.loads(documents[name])


def _broken(what: str) -> EngineError:
    return EngineError("engine", what, "pull the image again and retry")


class _ExactReader:
    """A stream that returns exactly as many bytes as requested, as tarfile expects."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size and (chunk := self._stream.read(size - len(data))):
            data += chunk
        return bytes(data)
