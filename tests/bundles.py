"""Images and bundles of a few hundred bytes, made without an engine."""

import gzip
import hashlib
import io
import json
import tarfile

from launcher.core.bundles import canonical_tar
from launcher.core.bundles.bundle_format import Blob, Contents, image_of
from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.published_snapshot import BUNDLE
from launcher.core.images.lockfile import LockedApp, LockedImage, checksum

DIGEST = f"sha256:{'d' * 64}"
BASE, OWN, OTHER = "base", "own", "other"


def sha(data):
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def layer(text):
    """Return the plain tar of a layer that holds one file."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        info = tarfile.TarInfo("which")
        info.size = len(text)
        archive.addfile(info, io.BytesIO(text.encode()))
    return file.getvalue()


def config(*layers, arch="amd64", **more):
    """Return the configuration of an image of these layers."""
    ids = [sha(layer(text)) for text in layers]
    said = {"os": "linux", "architecture": arch, "rootfs": {"type": "layers", "diff_ids": ids}, **more}
    return json.dumps(said).encode()


def packed(text):
    return gzip.compress(layer(text), mtime=0)


def image(*layers, **more):
    """Return an image and its blobs, by their paths."""
    own = config(*layers, **more)
    blobs = [packed(text) for text in layers]
    made = image_of(own, [Blob.of(blob) for blob in blobs])
    return made, {Blob.of(data).path: data for data in (own, *blobs)}


def bundle(
    apps="[apps.one]\nimage = 'docker.io/library/one:1'\n[apps.two]\nimage = 'docker.io/library/two:1'\n",
    images=None,
    **more,
):
    """Return the files of a bundle, by their names; each of its apps has an image of its own on one base."""
    catalog = Catalog.parse(f"schema = 1\n{apps}", BUNDLE, BUNDLE)
    found, files, locks = [], {}, []
    for app, table in catalog.apps.items():
        made, blobs = image(*((images or {}).get(app) or (BASE, app)), **more)
        found.append(made)
        files |= blobs
        held = {made.platform: LockedImage(DIGEST, made.id)}
        locks.append(LockedApp(app, table["image"], checksum(table), held))
    return Contents(catalog, tuple(locks), tuple(sorted({*found}))).documents | files


def tarred(files):
    """Return the tar of *files*, as export writes it."""
    return b"".join(canonical_tar.stream((name, len(data), (data,)) for name, data in sorted(files.items())))


def old_archive(images, links=()):
    """Return what docker 20.10 hands out for *images* (each its layers); *links* are layers told as links."""
    file, listed, seen = io.BytesIO(), [], {}
    with tarfile.open(fileobj=file, mode="w") as archive:

        def add(name, data=b"", link=""):
            info = tarfile.TarInfo(name)
            info.size, info.type, info.linkname = len(data), tarfile.SYMTYPE if link else tarfile.REGTYPE, link
            archive.addfile(info, io.BytesIO(data))

        for at, layers in enumerate(images):
            own, paths = config(*layers), []
            for number, text in enumerate(layers):
                path = f"{at}{number}/layer.tar"
                add(f"{at}{number}/VERSION", b"1.0")
                add(f"{at}{number}/json", b'{"id":"x"}')
                if text in links and text in seen:
                    add(path, link=f"../{seen[text]}")
                else:
                    add(path, layer(text))
                seen.setdefault(text, path)
                paths.append(path)
            add(f"{sha(own)[7:]}.json", own)
            listed.append({"Config": f"{sha(own)[7:]}.json", "RepoTags": None, "Layers": paths})
        add("manifest.json", json.dumps(listed).encode())
    return file.getvalue()
