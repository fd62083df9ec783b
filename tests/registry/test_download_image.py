"""Images downloaded without an engine: layers of every kind, resumed, and refused where anything is wrong."""

import gzip
import hashlib
import io
import json
import os
import sys
import tarfile

import pytest
import zstandard

from launcher.errors import NotPublishedError, RegistryError
from launcher.registry import layer_stream
from launcher.registry.digests import digest_of
from launcher.registry.download_image import find_remote_image, open_layer
from launcher.registry.manifests import DOCKER_INDEX, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST
from tests.registry.servers import CONFIG_TYPE, Raw, refusal

OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"


def a_tar(content):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        info = tarfile.TarInfo("file")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


LAYERS = [a_tar(b"base" * 1000), a_tar(os.urandom(3_000_000))]


def zst(data):
    return zstandard.ZstdCompressor().compress(data)


def put(shelf, blobs, tag="1", *, ids=None, kind=OCI_MANIFEST, platform="linux/amd64", layer_type=OCI_LAYER, **facts):
    """Put an image of these *blobs* on the shelf and return its manifest's digest."""
    system, machine = platform.split("/")
    ids = ids if ids is not None else [digest_of(each) for each in LAYERS[: len(blobs)]]
    content = {"os": system, "architecture": machine, "config": {"Cmd": ["sh"]}, "rootfs": {"diff_ids": ids}} | facts
    data = json.dumps(content).encode()
    config_type = CONFIG_TYPE if kind == OCI_MANIFEST else DOCKER_CONFIG
    config = {"mediaType": config_type, "digest": shelf.blob(data), "size": len(data)}
    layers = [{"mediaType": layer_type, "digest": shelf.blob(each), "size": len(each)} for each in blobs]
    return shelf.manifest({"config": config, "layers": layers}, tag, kind)


def content(registry, image, show=lambda _: None):
    """Return the contents of all layers."""
    found = []
    for layer in image.layers:
        with open_layer(registry, image, layer, show) as stream:
            found.append(b"".join(iter(lambda: stream.read(1), b"")))
    return found


def told(work, *words):
    with pytest.raises(RegistryError) as refused:
        work(*words)
    return refused.value


@pytest.mark.parametrize(
    ("compress", "layer_type"),
    [
        (lambda data: data, OCI_LAYER),
        (gzip.compress, f"{OCI_LAYER}+gzip"),
        (lambda data: gzip.compress(data[:1000]) + gzip.compress(data[1000:]), f"{OCI_LAYER}+gzip"),
        (zst, f"{OCI_LAYER}+zstd"),
        (lambda data: zst(data[:1000]) + zst(data[1000:]), f"{OCI_LAYER}+zstd"),
        (zst, f"{OCI_LAYER}+gzip"),  # engines look at the data, too
        (gzip.compress, DOCKER_LAYER),
    ],
    ids=["plain", "gzip", "two gzip members", "zstd", "two zstd frames", "zstd with another type", "docker"],
)
def test_layers_of_every_kind_are_read(serve, at, tool, shelf, compress, layer_type):
    kind = DOCKER_MANIFEST if layer_type == DOCKER_LAYER else OCI_MANIFEST
    digest = put(shelf, [compress(each) for each in LAYERS], kind=kind, layer_type=layer_type)
    server = serve(shelf)
    registry, events = at(server), []

    image = find_remote_image(registry, tool(server), "linux/amd64")

    assert (image.digest, image.platform, image.config) == (digest, "linux/amd64", {"Cmd": ["sh"]})
    assert image.image_id == json.loads(shelf.manifests[digest][1])["config"]["digest"]
    assert content(registry, image, events.append) == LAYERS
    short = [layer.blob.digest[7:19] for layer in image.layers]
    assert [event.id for event in events if event.status == "Pull complete"] == short
    done = [event for event in events if event.status == "Downloading" and event.current == event.total]
    assert {event.id for event in done} == {*short}


@pytest.mark.parametrize("kind", [OCI_INDEX, DOCKER_INDEX])
def test_the_image_for_the_platform_is_chosen(serve, at, tool, shelf, kind):
    digests = {
        each: put(shelf, LAYERS, each.replace("/", "-"), platform=each) for each in ("linux/arm64", "linux/amd64")
    }
    listed = [
        {
            "mediaType": OCI_MANIFEST,
            "digest": digest,
            "size": 1,
            "platform": dict(zip(("os", "architecture"), each.split("/"), strict=True)),
        }
        for each, digest in digests.items()
    ]
    index = shelf.manifest({"manifests": listed}, "1", kind)
    server = serve(shelf)

    image = find_remote_image(at(server), tool(server), "linux/amd64")

    assert (image.digest, image.platform) == (index, "linux/amd64")
    assert find_remote_image(at(server), tool(server).with_digest(index), "linux/arm64").platform == "linux/arm64"
    assert told(find_remote_image, at(server), tool(server), "linux/s390x").what == (
        "there is no image for linux/s390x, only for linux/arm64, linux/amd64"
    )


def test_an_image_for_another_platform_is_refused(serve, at, tool, shelf):
    put(shelf, LAYERS, platform="linux/arm64")
    server = serve(shelf)

    assert told(find_remote_image, at(server), tool(server), "linux/amd64").what == (
        "there is no image for linux/amd64, only for linux/arm64"
    )


def test_other_layers_under_a_known_config_are_refused(serve, at, tool, shelf):
    """The config's digest names the tree: whoever publishes that config with other layers must not get into it."""
    own = gzip.compress(a_tar(b"evil"))
    put(shelf, [gzip.compress(LAYERS[0]), own])
    server = serve(shelf)
    image = find_remote_image(at(server), tool(server), "linux/amd64")

    assert (
        told(content, at(server), image).what == f"the content from {server.name} does not match {digest_of(LAYERS[1])}"
    )


@pytest.mark.parametrize("ids", [[], [digest_of(b"1")], None, "x", [1, 2], ["sha256:1", "md5:2"]])
def test_a_config_that_does_not_fit_is_refused(serve, at, tool, shelf, ids):
    put(shelf, LAYERS, rootfs={"diff_ids": ids})
    server = serve(shelf)

    assert "its manifest" in told(find_remote_image, at(server), tool(server), "linux/amd64").what


@pytest.mark.parametrize("rootfs", [None, [], 3, {}])
def test_an_artifact_is_no_image(serve, at, tool, shelf, rootfs):
    put(shelf, LAYERS, rootfs=rootfs)
    server = serve(shelf)

    assert told(find_remote_image, at(server), tool(server), "linux/amd64").what.endswith(
        "is not an image that can be unpacked"
    )


def test_encrypted_layers_are_refused(serve, at, tool, shelf):
    put(shelf, LAYERS, layer_type=f"{OCI_LAYER}+encrypted")
    server = serve(shelf)

    assert told(find_remote_image, at(server), tool(server), "linux/amd64").what.endswith("has encrypted layers")


def swapped(shelf, data, other):
    """Let the shelf give *other* for the blob *data*."""
    digest = digest_of(data)

    def answer(seen):
        return (200, {}, other) if seen.path.endswith(digest) else shelf(seen)

    return answer


@pytest.mark.parametrize(
    "wrong",
    [lambda data: data[:-1] + bytes([data[-1] ^ 1]), lambda data: data + b"x", lambda data: data[:-1], lambda _: b""],
    ids=["changed", "longer", "shorter", "empty"],
)
@pytest.mark.parametrize("compress", [gzip.compress, zst, bytes], ids=["gzip", "zstd", "plain"])
def test_a_blob_with_another_digest_is_refused(serve, at, tool, shelf, wrong, compress):
    blob = compress(LAYERS[1])
    put(shelf, [blob], ids=[digest_of(LAYERS[1])])
    server = serve(swapped(shelf, blob, wrong(blob)))
    image = find_remote_image(at(server), tool(server), "linux/amd64")

    trouble = told(content, at(server), image)

    assert "does not match" in trouble.what or "damaged layer" in trouble.what or "larger" in trouble.what
    assert "\n" not in trouble.line


@pytest.mark.parametrize("compress", [gzip.compress, zst])
def test_a_truncated_layer_with_a_right_digest_is_refused(serve, at, tool, shelf, compress):
    put(shelf, [compress(LAYERS[1])[:-9]], ids=[digest_of(LAYERS[1])])
    server = serve(shelf)
    image = find_remote_image(at(server), tool(server), "linux/amd64")

    trouble = told(content, at(server), image)

    assert "damaged layer" in trouble.what or "does not match" in trouble.what


def test_without_the_package_for_zstd_it_is_named(serve, at, tool, shelf, monkeypatch):
    put(shelf, [zst(LAYERS[0])])
    server = serve(shelf)
    image = find_remote_image(at(server), tool(server), "linux/amd64")
    monkeypatch.setitem(sys.modules, "zstandard", None)

    trouble = told(content, at(server), image)

    assert trouble.what == "has layers compressed with zstd, which need the Python package zstandard"
    assert trouble.fix == "pipx inject applaunch zstandard"


def test_a_bomb_comes_in_small_pieces(serve, at, tool, shelf):
    zeros = bytes(200_000_000)
    put(shelf, [gzip.compress(zeros, 1)], ids=[f"sha256:{hashlib.sha256(zeros).hexdigest()}"])
    server = serve(shelf)
    registry = at(server)
    image = find_remote_image(registry, tool(server), "linux/amd64")

    with open_layer(registry, image, image.layers[0], lambda _: None) as stream:
        assert max(len(stream.read(1)) for _ in range(50)) <= 1 << 20


class Breaking:
    """A server that closes the connection after *most* bytes of a layer, and may understand ranges."""

    def __init__(self, shelf, blob, most, *, ranges=True):
        self.shelf, self.blob, self.most, self.ranges = shelf, blob, most, ranges
        self.starts = []

    def __call__(self, seen):
        if not seen.path.endswith(digest_of(self.blob)):
            return self.shelf(seen)
        start = int(seen.headers.get("range", "bytes=0-")[6:-1]) if self.ranges else 0
        self.starts.append(start)
        rest = self.blob[start:]
        status = "206 Partial Content" if start else "200 OK"
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(rest)}\r\n\r\n".encode()
        return Raw([head, rest[: self.most if len(self.starts) < 3 else len(rest)]])


@pytest.mark.parametrize("ranges", [True, False])
def test_a_broken_download_continues_where_it_broke_off(serve, at, tool, shelf, ranges):
    blob = gzip.compress(LAYERS[1])
    put(shelf, [blob], ids=[digest_of(LAYERS[1])])
    breaking = Breaking(shelf, blob, 2_000_000 if not ranges else 1_000_000, ranges=ranges)
    server = serve(breaking)
    image = find_remote_image(at(server), tool(server), "linux/amd64")

    assert content(at(server), image) == [LAYERS[1]]
    assert len(breaking.starts) == 3
    assert breaking.starts == ([0, 1_000_000, 2_000_000] if ranges else [0, 0, 0])


def test_a_download_that_always_breaks_ends(serve, at, tool, shelf, monkeypatch):
    blob = gzip.compress(LAYERS[1])
    put(shelf, [blob], ids=[digest_of(LAYERS[1])])
    monkeypatch.setattr(layer_stream.time, "sleep", lambda _: None)
    breaking = Breaking(shelf, blob, 0)
    breaking.starts = Never()
    server = serve(breaking)
    image = find_remote_image(at(server), tool(server), "linux/amd64")

    assert told(content, at(server), image).what == f"{server.name} closed the connection in the middle of a response"
    assert breaking.starts.count == 5


class Never:
    """A list that stays short, however much is added."""

    count = 0

    def append(self, _):
        self.count += 1

    def __len__(self):
        return 1


def test_a_layer_that_is_not_there_is_named(serve, at, tool, shelf):
    put(shelf, LAYERS)
    del shelf.blobs[digest_of(LAYERS[1])]
    server = serve(shelf)
    image = find_remote_image(at(server), tool(server), "linux/amd64")

    with pytest.raises(NotPublishedError) as refused:
        content(at(server), image)
    assert refused.value.what == f"{server.name} lacks a part of team/tool, {digest_of(LAYERS[1])}"


def test_the_login_is_used_and_not_sent_to_where_layers_lie(serve, at, tool, shelf):
    put(shelf, LAYERS)
    store = serve(shelf)

    def guarded(seen):
        if not seen.authorization:
            return refusal(401, "UNAUTHORIZED", WWW_Authenticate='Basic realm="x"')
        if "/blobs/" in seen.path and seen.path.endswith(digest_of(LAYERS[1])):
            return 307, {"Location": f"http://{store.name}{seen.path}"}, b""
        return shelf(seen)

    server = serve(guarded)
    registry = at(server, {"username": "ana", "password": "secret"})
    image = find_remote_image(registry, tool(server), "linux/amd64")

    assert content(registry, image) == LAYERS
    assert [seen.authorization for seen in store.seen] == [""]
    assert told(find_remote_image, at(server), tool(server), "linux/amd64").fix == f"docker login {server.name}"
