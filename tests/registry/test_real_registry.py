"""A real registry, compared with what a real engine says about the same images."""

import json
import uuid

import pytest

from launcher.core.values.reference import parse
from launcher.engine import registry_lookup
from launcher.engine.docker_client import connect
from launcher.engine.endpoint import Endpoint
from launcher.errors import EngineError, RegistryError
from launcher.registry import oci_artifacts
from launcher.registry.digests import digest_of
from launcher.registry.manifests import DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST

pytestmark = pytest.mark.engine


@pytest.fixture
def busybox(engine):
    return parse(f"{engine.registry}/library/busybox:latest")


@pytest.fixture
def registry(engine, at):
    return at(engine.registry)


@pytest.fixture
def repository(engine):
    """A repository of the test's own; what was put there is gone afterwards (its manifests: blobs are never shown)."""
    import http.client

    name = f"registry-room/{uuid.uuid4().hex[:8]}"
    yield name
    with_registry = http.client.HTTPConnection(*engine.registry.split(":"))
    with_registry.request("GET", f"/v2/{name}/tags/list")
    answer = with_registry.getresponse()
    tags = json.loads(answer.read()).get("tags") or [] if answer.status == 200 else []
    for tag in tags:
        kinds = {"Accept": f"{OCI_MANIFEST}, {OCI_INDEX}, {DOCKER_MANIFEST}"}
        with_registry.request("HEAD", f"/v2/{name}/manifests/{tag}", headers=kinds)
        head = with_registry.getresponse()
        head.read()
        with_registry.request("DELETE", f"/v2/{name}/manifests/{head.headers['Docker-Content-Digest']}")
        with_registry.getresponse().read()
    with_registry.close()


def test_the_digest_is_the_one_that_docker_sees(engine, registry, busybox):
    with connect(Endpoint(engine.docker_host)) as client:
        assert registry.digest(busybox) == registry_lookup.latest_digest(client, busybox)
    assert registry.digest(busybox) == engine.digest("docker.io/library/busybox", "latest")


def test_a_manifest_is_verified_by_tag_and_by_digest(registry, busybox):
    by_tag = registry.manifest(busybox)
    by_digest = registry.manifest(busybox.with_digest(by_tag.digest))

    assert by_tag.media_type == DOCKER_MANIFEST
    assert by_digest == by_tag
    assert by_tag.digest == digest_of(by_tag.body) == registry.digest(busybox)


def test_the_tags_are_the_registrys(registry, repository):
    for tag in ("1", "2", "latest"):
        oci_artifacts.push(registry, repository, tag, "x/y", {"a": ("x/y", tag.encode())})

    assert sorted(registry.tags(repository)) == ["1", "2", "latest"]
    assert len(registry.tags(repository, most=1)) == 1
    assert "latest" in registry.tags("library/busybox")


def test_a_config_is_the_image_as_the_engine_has_it(engine, registry, busybox):
    engine.docker("pull", engine.ref("docker.io/library/busybox:latest"), check=True)
    (image,) = json.loads(engine.docker("inspect", engine.ref("docker.io/library/busybox:latest"), check=True).stdout)

    config = registry.config(busybox, f"linux/{image['Architecture']}")

    assert config["config"]["Cmd"] == image["Config"]["Cmd"]
    assert config["rootfs"]["diff_ids"] == image["RootFS"]["Layers"]
    with pytest.raises(RegistryError, match="there is no image for linux/s390x, only for linux/"):
        registry.config(busybox, "linux/s390x")


def test_a_layer_is_read_as_a_blob(registry, busybox):
    layer = registry.manifest(busybox).parts[0]

    assert len(registry.blob("library/busybox", layer.digest, layer.size)) == layer.size
    with pytest.raises(RegistryError, match=f"larger than {layer.size - 1} bytes"):
        registry.blob("library/busybox", layer.digest, layer.size - 1)


def test_an_artifact_goes_there_and_comes_back(registry, repository, engine):
    files = {"catalog.toml": ("application/toml", b"schema = 1\n"), "icons/a.svg": ("image/svg+xml", b"<svg/>")}

    digest = oci_artifacts.push(registry, repository, "1", "application/vnd.applaunch.catalog.v1", files)

    ref = parse(f"{engine.registry}/{repository}:1")
    assert registry.digest(ref) == digest
    assert registry.manifest(ref).media_type == OCI_MANIFEST
    assert oci_artifacts.pull(registry, ref.with_digest(digest), 1000, "application/vnd.applaunch.catalog.v1") == {
        "catalog.toml": b"schema = 1\n",
        "icons/a.svg": b"<svg/>",
    }


def test_an_index_has_one_digest_and_a_config_for_each_platform(registry, repository, engine):
    entries = []
    for platform in ("amd64", "arm64"):
        data = json.dumps({"os": "linux", "architecture": platform, "config": {"Labels": {"of": platform}}}).encode()
        config = {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": registry.push_blob(repository, data),
        }
        config |= {"size": len(data)}
        body = json.dumps({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": []}).encode()
        digest = registry.push_manifest(repository, platform, body, OCI_MANIFEST)
        entries.append(
            {
                "mediaType": OCI_MANIFEST,
                "digest": digest,
                "size": len(body),
                "platform": {"os": "linux", "architecture": platform},
            }
        )
    index = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}).encode()
    whole = registry.push_manifest(repository, "all", index, OCI_INDEX)
    ref = parse(f"{engine.registry}/{repository}:all")

    assert registry.digest(ref) == whole == digest_of(index)
    with connect(Endpoint(engine.docker_host)) as client:
        assert registry_lookup.latest_digest(client, ref) == whole
    assert registry.config(ref, "linux/arm64")["config"]["Labels"] == {"of": "arm64"}
    assert registry.config(ref, "linux/amd64")["config"]["Labels"] == {"of": "amd64"}


def test_a_blob_is_sent_once(registry, repository):
    assert registry.push_blob(repository, b"here") == registry.push_blob(repository, b"here") == digest_of(b"here")
    assert registry.blob(repository, digest_of(b"here"), 4) == b"here"


@pytest.mark.parametrize("name", ["library/busybox:none", "nobody/nothing:1"])
def test_a_missing_image_is_reported_as_by_a_pull(engine, registry, name):
    ref = parse(f"{engine.registry}/{name}")

    with pytest.raises(RegistryError) as ours, connect(Endpoint(engine.docker_host)) as client:
        registry.digest(ref)
    with pytest.raises(EngineError) as docker, connect(Endpoint(engine.docker_host)) as client:
        registry_lookup.latest_digest(client, ref)

    assert (ours.value.where, ours.value.what) == (docker.value.where, docker.value.what)


def test_a_missing_repository_has_no_tags(engine, registry):
    with pytest.raises(RegistryError) as refused:
        registry.tags("nobody/nothing")

    assert refused.value.what == f"{engine.registry} has no image nobody/nothing"
