"""The archives that engines hand out, read from a stream: docker's old kind and the OCI kind."""

import gzip
import io
import json
import random
import tarfile
import tempfile
import zlib

import pytest

from launcher.engine import layer_archive
from launcher.engine.image_archive import BlobFile, read_images
from launcher.engine.layer_archive import compress_layer, decompress_layer
from launcher.errors import EngineError
from tests import bundles
from tests.bundles import config, layer, old_archive, sha


class Slow:
    """A stream that gives a few bytes at a time, as a socket does."""

    def __init__(self, data, most=1000):
        self._file, self._most = io.BytesIO(data), most

    def read(self, size):
        return self._file.read(min(size, self._most))


def taken(data, *wanted):
    with tempfile.TemporaryFile() as file:
        heap = BlobFile(file)
        found = read_images(Slow(data), heap, wanted)
        blobs = {
            each.digest: b"".join(heap.chunks(each))
            for image in found.values()
            for each in (image.config, *image.layers)
        }
        return found, blobs, file.seek(0, 2)


def ids(*images):
    return [sha(config(*each)) for each in images]


def tar_of(files):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


@pytest.mark.parametrize("links", [(), ("base",)], ids=["each layer in full", "links between layers"])
def test_a_blob_shared_by_two_images_is_stored_once(links):
    images = [("base", "one"), ("base", "two")]

    found, blobs, size = taken(old_archive(images, links), *ids(*images))

    one, two = found.values()
    assert one.layers[0] == two.layers[0]
    assert [gzip.decompress(blobs[each.digest]) for each in one.layers] == [layer("base"), layer("one")]
    assert blobs[one.id] == config("base", "one")
    assert (
        size
        == sum(map(len, blobs.values()))
        == sum({each: each.size for image in found.values() for each in (image.config, *image.layers)}.values())
    )


def test_every_kind_of_archive_gives_the_same_blobs():
    image = ("base", "own")
    own, plain = config(*image), [layer(text) for text in image]
    gzipped = [gzip.compress(each, 1) for each in plain]
    manifest = json.dumps({"config": {"digest": sha(own)}, "layers": []}).encode()
    index = json.dumps({"manifests": [{"digest": sha(b"elsewhere")}, {"digest": sha(manifest)}]}).encode()

    def oci(layers):
        path = {sha(each): f"blobs/sha256/{sha(each)[7:]}" for each in (own, *layers, manifest, index)}
        listed = [{"Config": path[sha(own)], "Layers": [path[sha(each)] for each in layers]}]
        return tar_of(
            {path[sha(each)]: each for each in (own, *layers, manifest, index)}
            | {"manifest.json": json.dumps(listed).encode()}
        )

    podman = {f"{sha(each)[7:]}.tar": each for each in plain}
    listed = [{"Config": f"{sha(own)[7:]}.json", "RepoTags": [], "Layers": [*podman]}]
    podman |= {f"{sha(own)[7:]}.json": own, "manifest.json": json.dumps(listed).encode(), "repositories": b"{}"}

    every = [
        old_archive([image]),
        oci(plain),
        oci(gzipped),
        oci([gzip.compress(each[:500]) + gzip.compress(each[500:]) for each in plain]),
        tar_of(podman),
    ]
    found = [taken(data, sha(own))[:2] for data in every]

    assert all(each == found[0] for each in found)
    for wanted in (sha(manifest), sha(index)):  # what docker's containerd store calls an image
        (image,) = taken(oci(gzipped), wanted)[0].values()
        assert image.id == sha(own)


def broken(data, *wanted):
    with pytest.raises(EngineError) as said:
        taken(data, *wanted)
    return said.value.what


def test_a_truncated_archive_is_an_error():
    data = old_archive([("base", "one")])

    assert "lacks the image" in broken(data, sha(b"another"))
    assert "has no manifest.json" in broken(tar_of({}), sha(b"x"))
    for end in (0, 100, 700, 5000, len(data) // 2):
        assert broken(data[:end], *ids(("base", "one")))


def test_a_missing_or_wrong_layer_is_an_error():
    own = config("base", "one")
    listed = json.dumps([{"Config": "c.json", "Layers": ["a", "b"]}]).encode()
    files = {"c.json": own, "a": layer("base"), "b": layer("one"), "manifest.json": listed}

    assert "lacks a layer" in broken(tar_of(files | {"b": layer("another")}), sha(own))
    assert "lacks a layer" in broken(tar_of({key: files[key] for key in files if key != "b"}), sha(own))
    assert "lacks the configuration" in broken(tar_of({key: files[key] for key in files if key != "c.json"}), sha(own))


def test_a_damaged_or_zstd_layer_is_reported():
    own = config("base")
    listed = json.dumps([{"Config": "c.json", "Layers": ["a"]}]).encode()
    files = {"c.json": own, "manifest.json": listed}
    gzipped = gzip.compress(layer("base") + random.Random(1).randbytes(9000))

    assert "damaged layer" in broken(tar_of(files | {"a": gzipped[:-9]}), sha(own))
    assert "damaged layer" in broken(tar_of(files | {"a": gzipped[:5000] + b"x" + gzipped[5001:]}), sha(own))
    assert "zstd" in broken(tar_of(files | {"a": b"\x28\xb5\x2f\xfd" + bytes(1000)}), sha(own))


SIZES = (0, 1, 511, layer_archive.BLOCK - 1, layer_archive.BLOCK, layer_archive.BLOCK + 1, 3 * layer_archive.BLOCK + 5)


@pytest.mark.parametrize("size", SIZES)
def test_compression_does_not_depend_on_the_number_of_processors(size, monkeypatch):
    dice = random.Random(size)
    data = b"".join(dice.choice((b"abc", b"\0" * 50, dice.randbytes(9))) for _ in range(size // 3 + 1))[:size]
    pieces = [data[at : at + 70_001] for at in range(0, size, 70_001)]

    many = b"".join(compress_layer(pieces))
    monkeypatch.setattr(layer_archive.os, "cpu_count", lambda: 1)

    assert gzip.decompress(many) == data
    assert b"".join(compress_layer([data])) == many
    assert b"".join(decompress_layer([many[at : at + 9001] for at in range(0, len(many), 9001)])) == data
    assert len(many) < len(zlib.compress(data, 6)) * 1.02 + 40


def test_a_decompression_bomb_comes_in_small_chunks():
    bomb = gzip.compress(bytes(50 << 20))

    pieces = [len(piece) for piece in decompress_layer([bomb])]

    assert sum(pieces) == 50 << 20
    assert max(pieces) <= layer_archive.BLOCK


def test_the_bundles_of_the_tests_are_consistent():
    made, blobs = bundles.image("base", "own")

    assert [layer("base"), layer("own")] == [gzip.decompress(blobs[each.path]) for each in made.layers]
