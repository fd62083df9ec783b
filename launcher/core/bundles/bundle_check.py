"""A bundle opened: what its documents say, checked against each other before anybody acts on them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from launcher.core.bundles import bundle_format
from launcher.core.bundles.bundle_format import CATALOG, INDEX, LOCK, Blob, Contents, Image
from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.merge import resolve
from launcher.core.catalog.published_snapshot import BUNDLE
from launcher.core.images.lockfile import Locked, checksum, read_lock
from launcher.core.values.invalid_value import InvalidValueError

Reader = Callable[[str], bytes]
"""Gives a document of the bundle by its name; raises `InvalidValueError` for one that is too large."""

_AGAIN = "get the bundle again"


def opened(sizes: Mapping[str, int], document: Reader, shown: str) -> Contents:
    """Read a bundle from its files and their *sizes*; *shown* names its catalog in errors.

    Raises `InvalidValueError` or `CatalogError` for anything that an export does not write. The bytes of layers are
    not checked here: the caller compares them with their names.
    """
    if missing := [name for name in bundle_format.ALWAYS if name not in sizes]:
        raise InvalidValueError(f"is no bundle: there is no {missing[0]} in it", "applaunch bundle export makes one")
    index = bundle_format.read(document(INDEX), INDEX)
    said = index.get("annotations") if isinstance(index, dict) else None
    if said != bundle_format.notes({name: document(name) for name in (LOCK, CATALOG)}):
        raise InvalidValueError("is damaged: its lock or its catalog is not what was packed", _AGAIN)
    lock, catalog = (_text(document(name), name) for name in (LOCK, CATALOG))
    images = _images(_listed(index, "manifests"), sizes, document)
    found = Contents(Catalog.parse(catalog, BUNDLE, shown), read_lock(lock), images)
    _agree(found)
    _is_whole(found, sizes, document)
    return found


def of_platform(locks: Iterable[Locked], wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the id of each app's image for its platform in *wanted*; raises `InvalidValueError` if there is none."""
    found = {}
    for lock in locks:
        if wanted[lock.app] not in lock.platforms:
            what = f"{lock.app} is for {', '.join(sorted(lock.platforms))}, and this engine is {wanted[lock.app]}"
            raise InvalidValueError(what, f"export it on a machine of {wanted[lock.app]}")
        found[lock.app] = lock.platforms[wanted[lock.app]].image_id
    return found


def _images(descriptors: Iterable[Any], sizes: Mapping[str, int], document: Reader) -> tuple[Image, ...]:
    def blob(digest: Any) -> bytes:
        name = bundle_format.BLOBS + str(digest).removeprefix("sha256:")
        if name not in sizes:
            raise InvalidValueError(f"lacks {name}", _AGAIN)
        return document(name)

    found = set()
    for descriptor in descriptors:
        manifest = bundle_format.read(blob(_said(descriptor, "digest")), "a manifest")
        layers = [_layer(each) for each in _listed(manifest, "layers")]
        found.add(bundle_format.image_of(blob(_said(_said(manifest, "config"), "digest")), layers))
    return tuple(sorted(found))


def _agree(found: Contents) -> None:
    """Raise where catalog, lock and images do not speak of the same."""
    found.catalog.check()
    apps = {lock.app: lock for lock in found.locks}
    if {*apps} != {*found.catalog.apps}:
        raise InvalidValueError("its lock and its catalog name different apps", _AGAIN)
    for app, lock in apps.items():
        resolved = resolve([found.catalog], app)
        if checksum(found.catalog.apps[app]) != lock.config or resolved.keys.get("image") != lock.ref:
            raise InvalidValueError(f"its lock and its catalog say different things of {app}", _AGAIN)
    locked = {(held.image_id, platform) for lock in found.locks for platform, held in lock.platforms.items()}
    if len(locked) != len(found.images) or locked != {(image.id, image.platform) for image in found.images}:
        raise InvalidValueError("its lock names other images than it holds", _AGAIN)


def _is_whole(found: Contents, sizes: Mapping[str, int], document: Reader) -> None:
    """Raise where a file is missing, too many, of another size, or not what would be written today."""
    documents = found.documents
    blobs = {blob.path: blob.size for image in found.images for blob in (image.config, *image.layers)}
    for name, size in ({name: len(data) for name, data in documents.items()} | blobs).items():
        if sizes.get(name) != size:
            raise InvalidValueError(f"lacks {name}, or has another one in its place", _AGAIN)
    if strange := sorted({*sizes} - {*documents} - {*blobs}):
        raise InvalidValueError(f"holds {strange[0]!r}, which belongs to nothing", _AGAIN)
    for name, data in documents.items():
        if document(name) != data:
            raise InvalidValueError(f"is damaged: {name} is not what export writes", _AGAIN)


def _layer(descriptor: Any) -> Blob:
    size = _said(descriptor, "size")
    return Blob(str(_said(descriptor, "digest")), size if type(size) is int else -1)


def _said(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _listed(value: Any, key: str) -> list[Any]:
    found = _said(value, key)
    return found if isinstance(found, list) else []


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise InvalidValueError(f"{name} is not UTF-8", _AGAIN) from None
