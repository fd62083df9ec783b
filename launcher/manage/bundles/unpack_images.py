"""Unpacking the images of a bundle into trees, on a machine without an engine; on failure they are removed again."""

import json
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import Any

from launcher.core.bundles.bundle_format import Image
from launcher.core.images.inflate import inflate
from launcher.core.sandbox.image_config import parse_image_config
from launcher.core.sandbox.tree import Tree
from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import HostError, UserError
from launcher.host.bundle_archive import BundleFile
from launcher.manage.context import Context
from launcher.run.make_tree import owner_of
from launcher.run.project_command import this_platform
from launcher.sandbox.build_tree import build_tree
from launcher.sandbox.manage_trees import remove_tree
from launcher.sandbox.tree_store import read_tree
from launcher.sandbox.unpack_tar import Unpacker

_BLOCK = 1 << 20


class TreeLoader:
    """Puts the images of bundles into trees."""

    def __init__(self, context: Context) -> None:
        """Use the trees of the user at *context*."""
        self._context = context
        self.platform = this_platform()

    def find_id(self, image: Image) -> str:
        """Return the id of *image* if it is unpacked, else ""."""
        return image.id if read_tree(self._context.places.trees, image.id) else ""

    def hold(self, image_id: str, tag: str) -> None:
        """Do nothing: trees have no tags."""

    @contextmanager
    def load(self, file: BundleFile, images: Collection[Image]) -> Iterator[list[Image]]:
        """Unpack those of *images* that are missing, and yield them; on failure remove them again."""
        store = self._context.places.trees
        missing = sorted(image for image in images if not self.find_id(image))
        try:
            for image in missing:
                self._unpack(file, image)
            yield missing
        except BaseException:
            for image in missing:
                with suppress(UserError):  # the first error is the one to report
                    remove_tree(store, image.id)
            raise

    def _unpack(self, file: BundleFile, image: Image) -> None:
        """Make the tree of *image*; raises `HostError` if it cannot be unpacked."""
        content = json.loads(b"".join(file.chunks(image.config.path)))
        ids = _diff_ids(content)

        def unpack(unpacker: Unpacker) -> None:
            if len(ids) != len(image.layers):
                raise InvalidValueError("has another number of layers than its config")
            for layer, diff_id in zip(image.layers, ids, strict=True):
                stream = _LayerContent(file.chunks(layer.path))
                unpacker.unpack(stream, is_layer=True)
                if stream.digest != diff_id:
                    raise InvalidValueError(f"has a layer whose content does not match {diff_id}")

        blank = Tree(image.id, "", parse_image_config(content.get("config"), image.platform))
        try:
            build_tree(self._context.places.trees, blank, owner_of(self._context.call), unpack)
        except InvalidValueError as wrong:
            raise HostError(file.path, f"cannot be unpacked: an image in it {wrong.what}", "make it again") from None
        except zlib.error as error:
            raise HostError(file.path, f"cannot be unpacked: a layer is damaged: {error}", "make it again") from None


def _diff_ids(content: Any) -> list[str]:
    """Return the digests of the content of the layers, as the config of an image says."""
    root = content.get("rootfs") if isinstance(content, dict) else None
    ids = root.get("diff_ids") if isinstance(root, dict) else None
    return [str(each) for each in ids] if isinstance(ids, list) else []


class _LayerContent:
    """The content of a layer, decompressed while it is read."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._pieces = inflate(chunks, _BLOCK)
        self._checksum = sha256()
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        """Return at most *size* bytes, b"" at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._checksum.update(piece)
            self._rest = piece
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

    @property
    def digest(self) -> str:
        """The digest of all content, once it has been read to the end."""
        while self.read(_BLOCK):
            pass
        return f"sha256:{self._checksum.hexdigest()}"
