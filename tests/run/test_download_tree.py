"""Trees straight from registries that need a login, a proxy or a mirror, or that misbehave: no engine is there."""

import base64
import gzip
import json
import os
import platform
from types import SimpleNamespace

import pytest

from launcher.core.run.engine_traits import machine_platform
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import ImageError, RegistryError
from launcher.registry.digests import digest_of
from launcher.registry.manifests import OCI_MANIFEST
from launcher.run import make_tree
from launcher.sandbox import tree_store
from launcher.sandbox.unpack_limits import UnpackLimits
from tests.net.fixtures import certificate, elsewhere, serve
from tests.registry.servers import CONFIG_TYPE, Shelf, refusal
from tests.sandbox.trees import a_tar, entry

__all__ = ["certificate", "elsewhere", "serve"]
LAYERS = [a_tar(entry("bin/"), entry("bin/tool", "one", mode=0o755), entry("old", "x")), a_tar(entry(".wh.old"))]
HERE = machine_platform(platform.machine())


@pytest.fixture
def shelf():
    shelf = Shelf()
    system, machine = HERE.split("/")
    facts = {"os": system, "architecture": machine, "config": {"Entrypoint": ["tool"], "Volumes": {"/data": {}}}}
    config = json.dumps(facts | {"rootfs": {"diff_ids": [digest_of(each) for each in LAYERS]}}).encode()
    blobs = [gzip.compress(each) for each in LAYERS]
    listed = [{"mediaType": "application/x", "digest": shelf.blob(each), "size": len(each)} for each in blobs]
    head = {"mediaType": CONFIG_TYPE, "digest": shelf.blob(config), "size": len(config)}
    shelf.manifest({"config": head, "layers": listed}, "1", OCI_MANIFEST)
    return shelf


@pytest.fixture
def download(tmp_path):
    """Make the tree of an image; return the image, the tree and the paths in it."""

    def download(image, *, env=None, **named):
        call = SimpleNamespace(uid=os.getuid(), gid=os.getgid(), groups=(), env=env or {}, home=str(tmp_path / "home"))
        places = SimpleNamespace(trees=str(tmp_path / "images"))
        pin, tree = make_tree.make_tree_from_registry(places, call, "tool", image, ResolvedImage(), **named)
        return pin, tree, {*os.listdir(f"{tree_store.tree_folder(places.trees, tree.image_id)}/rootfs")}

    return download


PATHS = {"bin", "data", "etc", "dev", "proc", "sys", ".dockerenv", "home"}


def test_an_image_becomes_a_tree(serve, shelf, download, capsys):
    server = serve(shelf)

    pin, tree, paths = download(f"{server.name}/team/tool:1")

    assert paths == PATHS
    assert (tree.config.entrypoint, tree.config.volumes, tree.config.platform) == (("tool",), ("/data",), HERE)
    assert pin == ResolvedImage(digest_of(shelf.manifests["1"][1]), tree.image_id, pulled=True, platform=HERE)
    assert capsys.readouterr().err.splitlines() == [
        f"tool: pulling {server.name}/team/tool:1",
        f"Digest: {pin.digest} Status: Downloaded newer image for {server.name}/team/tool:1",
    ]


def test_the_login_of_docker_is_used(serve, shelf, download, tmp_path):
    basic = base64.b64encode(b"ana:secret").decode()

    def guarded(seen):
        allowed = seen.authorization == f"Basic {basic}"
        return shelf(seen) if allowed else refusal(401, "UNAUTHORIZED", WWW_Authenticate='Basic realm="x"')

    server = serve(guarded)
    image = f"{server.name}/team/tool:1"
    with pytest.raises(RegistryError) as refused:
        download(image)
    (tmp_path / "config.json").write_text(json.dumps({"auths": {server.name: {"auth": basic}}}))

    assert refused.value.fix == f"docker login {server.name}"
    assert download(image, env={"DOCKER_CONFIG": str(tmp_path)})[2] == PATHS


def test_layers_come_through_the_proxy(elsewhere, shelf, download):
    server, proxy, env = elsewhere(shelf)

    assert download("registry.example/team/tool:1", env=env)[2] == PATHS
    assert {host for host, _ in proxy.asked} == {"registry.example:443"}
    assert len(server.paths()) == 4  # the manifest, the config and two layers


def test_a_mirror_stands_in_for_docker_hub(elsewhere, serve, shelf, download):
    _, _, env = elsewhere(lambda _: (503, {}, b""))
    mirror = serve(shelf)

    with pytest.raises(RegistryError):
        download("team/tool:1", env=env)
    with pytest.raises(RegistryError):
        download("registry.example/team/tool:1", env=env, mirrors=[mirror.name])
    assert download("team/tool:1", env=env, mirrors=["127.0.0.1:9", mirror.name])[2] == PATHS
    assert len(mirror.paths()) == 4


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docker/daemon.json", '{"registry-mirrors": ["http://127.0.0.1:9", "http://NAME/"]}'),
        ("containers/registries.conf", MIRROR := '[[registry]]\nlocation = "docker.io"\n[[registry.mirror]]\nlocation = "NAME"\ninsecure = true\n'),
        ("containers/registries.conf.d/a.conf", MIRROR),
    ],
)  # fmt: skip
def test_a_mirror_that_an_engine_is_configured_with_stands_in(elsewhere, serve, shelf, download, tmp_path, path, text):
    _, _, env = elsewhere(lambda _: (503, {}, b""))
    mirror = serve(shelf)
    file = tmp_path / "home/.config" / path
    file.parent.mkdir(parents=True)
    file.write_text(text.replace("NAME", mirror.name))

    assert download("team/tool:1", env=env)[2] == PATHS
    assert len(mirror.paths()) == 4


def test_a_wrong_layer_leaves_nothing(serve, shelf, download, tmp_path):
    last = [*shelf.blobs][-2]
    blob = bytearray(shelf.blobs[last])
    blob[-8] ^= 1
    shelf.blobs[last] = bytes(blob)
    server = serve(shelf)

    with pytest.raises(RegistryError, match=r"does not match|damaged layer"):
        download(f"{server.name}/team/tool:1")

    assert os.listdir(tmp_path / "images") == []


def test_limits_hold_for_all_layers_together(serve, shelf, download, tmp_path):
    server = serve(shelf)
    size = sum(map(len, LAYERS))

    with pytest.raises(ImageError) as refused:
        download(f"{server.name}/team/tool:1", limits=UnpackLimits(size=size - 1))

    assert (
        refused.value.line
        == f"applaunch: {server.name}/team/tool:1: cannot be unpacked: the image is too large; let an engine run it: runtime = 'engine'"
    )
    assert os.listdir(tmp_path / "images") == []
    download(f"{server.name}/team/tool:1", limits=UnpackLimits(size=size))
