"""Exporting installed apps into one file: their images, their catalog entries and their lock."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from launcher.core.bundles import canonical_tar
from launcher.core.bundles.bundle_format import Blob, Contents, Image
from launcher.core.catalog import toml_edit
from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.merge import resolve
from launcher.core.catalog.published_snapshot import BUNDLE, with_snapshot
from launcher.core.catalog.to_table import to_table
from launcher.core.deploy.record import Deployment, find_app
from launcher.core.images.lockfile import LockedApp, LockedImage, checksum
from launcher.core.values.resolved_image import ResolvedImage
from launcher.engine.image_archive import BlobFile, read_images
from launcher.errors import CatalogError, EngineError
from launcher.host import bundle_archive
from launcher.manage.context import Context
from launcher.manage.images.engine_images import find_image
from launcher.run.catalog_set import CatalogSet
from launcher.run.engine_connection import EngineConnection
from launcher.run.lookup import find_command


class PackedApp(NamedTuple):
    """One app to put into a bundle."""

    app: str
    image: str
    pin: ResolvedImage
    table: Mapping[str, Any]
    variables: tuple[str, ...]
    """Names of variables whose values come from the user's own catalogs and are included."""


class Exported(NamedTuple):
    """What `bundle export` has written."""

    path: str
    size: int
    apps: tuple[PackedApp, ...]
    contents: Contents


def export_bundle(context: Context, names: Sequence[str], path: str) -> Exported:
    """Write the apps *names* as they are installed into a bundle at *path*, whole or not at all.

    The same apps give the same bytes. Raises `HostError`, and `EngineError` if the engine lacks an image.
    """
    bundle_archive.check_writable(path)
    deployed = context.deployed()
    chosen = {each.app: each for each in (find_app(deployed, name) for name in names)}
    catalog_set = context.read_catalogs(published=False)
    reached = context.engine_for(path, "the images of a bundle come from a container engine")
    apps = tuple(_pack_app(context, reached, catalog_set, chosen[app]) for app in sorted(chosen))
    ids = sorted({each.pin.image_id for each in apps})
    with bundle_archive.temporary_file(path) as file:
        heap = BlobFile(file)
        with reached.store.save(ids) as stream:
            images = read_images(stream, heap, ids)
        contents = _contents(apps, images)
        return Exported(path, bundle_archive.write(path, _files(contents, heap)), apps, contents)


def _pack_app(
    context: Context, reached: EngineConnection, catalog_set: CatalogSet, deployment: Deployment
) -> PackedApp:
    name = deployment.app
    on_path = [command.name for command in deployment.commands]  # empty if all are hidden
    known = find_command(on_path[0], context.places, context.call.home) if on_path else deployment
    pin = (
        find_image(reached, deployment._replace(image=known.image).with_image(known.pin))
        if known.pin.image_id
        else None
    )
    if pin is None:
        raise EngineError(name, "its image is not here", f"applaunch pull {name}")
    app = resolve(with_snapshot(catalog_set.catalogs, known.published), name)
    try:
        table = to_table(app, known.image)
    except ValueError as error:
        raise CatalogError(f"[apps.{name}]", f"cannot be packed: {error}", f"applaunch edit {name}") from None
    local = {each.layer for each in catalog_set.catalogs}
    values = app.keys.get("environment", ()) if app.origins.get("environment") in local else ()
    return PackedApp(name, known.image, pin, table, tuple(key for key, value in values if value is not None))


def _contents(apps: Sequence[PackedApp], images: Mapping[str, Image]) -> Contents:
    tables = {"schema": 1, "apps": {each.app: each.table for each in apps}}
    text = toml_edit.new_document(tables, "The apps of this bundle, as they were where it was made.")
    catalog = Catalog.parse(text, BUNDLE, BUNDLE)
    locks = tuple(
        LockedApp(
            each.app,
            each.image,
            checksum(catalog.apps[each.app]),
            {image.platform: LockedImage(each.pin.digest, image.id)},
        )
        for each in apps
        for image in (images[each.pin.image_id],)
    )
    return Contents(catalog, locks, tuple(sorted({*images.values()})))


def _files(contents: Contents, heap: BlobFile) -> list[canonical_tar.File]:
    documents = [(name, len(data), (data,)) for name, data in contents.documents.items()]
    blobs: dict[str, Blob] = {each.path: each for image in contents.images for each in (image.config, *image.layers)}
    return [*documents, *((path, blob.size, heap.chunks(blob)) for path, blob in blobs.items())]
