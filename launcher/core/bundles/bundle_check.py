"""Reading of a bundle: its documents are checked against each other before they are used."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from launcher.core.bundles import bundle_format
from launcher.core.bundles.bundle_format import CATALOG, INDEX, LOCK, Blob, Contents, Image
from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.merge import resolve
from launcher.core.catalog.published_snapshot import BUNDLE
from launcher.core.images.lockfile import LockedApp, checksum, read_lock
from launcher.core.values.invalid_value import InvalidValueError

DocumentReader = Callable[[str], bytes]
"""Returns a document of the bundle by its name; raises `InvalidValueError` for one that is too large."""

_AGAIN = "get the bundle again"


def read_bundle(sizes: Mapping[str, int], document: DocumentReader, shown: str) -> Contents:
    """Read a bundle from its files and their *sizes*; *shown* names its catalog in errors.

    Raises `InvalidValueError` or `CatalogError` for anything that an export does not write. The bytes of layers are
    not checked here: the caller compares them with their names.
    """
    if missing := [name for name in bundle_format.REQUIRED if name not in sizes]:
        what = f"is not a bundle: it does not contain {missing[0]}"
        raise InvalidValueError(what, "create one with: applaunch bundle export")
    index = bundle_format.parse_json(document(INDEX), INDEX)
    annotations = index.get("annotations") if isinstance(index, dict) else None
    if annotations != bundle_format.own_checksums({name: document(name) for name in (LOCK, CATALOG)}):
        raise InvalidValueError("is damaged: its lock or its catalog was changed", _AGAIN)
    lock, catalog = (_text(document(name), name) for name in (LOCK, CATALOG))
    images = _images(_items(index, "manifests"), sizes, document)
    found = Contents(Catalog.parse(catalog, BUNDLE, shown), read_lock(lock), images)
    _check_consistency(found)
    _check_files(found, sizes, document)
    return found


def image_ids_for(locks: Iterable[LockedApp], wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the id of each app's image for its platform in *wanted*; raises `InvalidValueError` if there is none."""
    found = {}
    for lock in locks:
        if wanted[lock.app] not in lock.platforms:
            what = f"{lock.app} is for {', '.join(sorted(lock.platforms))}, but this engine is {wanted[lock.app]}"
            raise InvalidValueError(what, f"export it on a {wanted[lock.app]} machine")
        found[lock.app] = lock.platforms[wanted[lock.app]].image_id
    return found


def _images(descriptors: Iterable[Any], sizes: Mapping[str, int], document: DocumentReader) -> tuple[Image, ...]:
    def blob(digest: Any) -> bytes:
        name = bundle_format.BLOBS + str(digest).removeprefix("sha256:")
        if name not in sizes:
            raise InvalidValueError(f"lacks {name}", _AGAIN)
        return document(name)

    found = set()
    for descriptor in descriptors:
        manifest = bundle_format.parse_json(blob(_item(descriptor, "digest")), "a manifest")
        layers = [_layer(each) for each in _items(manifest, "layers")]
        found.add(bundle_format.image_of(blob(_item(_item(manifest, "config"), "digest")), layers))
    return tuple(sorted(found))


def _check_consistency(found: Contents) -> None:
    """Raise `InvalidValueError` if catalog, lock and images do not match."""
    found.catalog.check()
    apps = {lock.app: lock for lock in found.locks}
    if {*apps} != {*found.catalog.apps}:
        raise InvalidValueError("its lock and its catalog contain different apps", _AGAIN)
    for app, lock in apps.items():
        resolved = resolve([found.catalog], app)
        if checksum(found.catalog.apps[app]) != lock.config or resolved.keys.get("image") != lock.ref:
            raise InvalidValueError(f"its lock and its catalog differ for {app}", _AGAIN)
    locked = {(held.image_id, platform) for lock in found.locks for platform, held in lock.platforms.items()}
    if len(locked) != len(found.images) or locked != {(image.id, image.platform) for image in found.images}:
        raise InvalidValueError("its lock names other images than it contains", _AGAIN)


def _check_files(found: Contents, sizes: Mapping[str, int], document: DocumentReader) -> None:
    """Raise `InvalidValueError` if a file is missing, unexpected, of another size, or not what an export writes."""
    documents = found.documents
    blobs = {blob.path: blob.size for image in found.images for blob in (image.config, *image.layers)}
    for name, size in ({name: len(data) for name, data in documents.items()} | blobs).items():
        if sizes.get(name) != size:
            raise InvalidValueError(f"lacks {name}, or its size is wrong", _AGAIN)
    if unexpected := sorted({*sizes} - {*documents} - {*blobs}):
        raise InvalidValueError(f"contains the unexpected file {unexpected[0]!r}", _AGAIN)
    for name, data in documents.items():
        if document(name) != data:
            raise InvalidValueError(f"is damaged: {name} is not what export writes", _AGAIN)


def _layer(descriptor: Any) -> Blob:
    size = _item(descriptor, "size")
    return Blob(str(_item(descriptor, "digest")), size if type(size) is int else -1)


def _item(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _items(value: Any, key: str) -> list[Any]:
    found = _item(value, key)
    return found if isinstance(found, list) else []


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise InvalidValueError(f"{name} is not UTF-8", _AGAIN) from None
