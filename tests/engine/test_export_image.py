"""An image's files as one archive, and its config, from the real engine; no container remains."""

import io
import tarfile

import pytest

from launcher.engine.export_image import export_image, read_config
from launcher.errors import EngineError, ImageMissingError

pytestmark = pytest.mark.engine


def containers(client):
    return client.containers(all=True, filters={"label": "applaunch.probe"})


def test_an_image_is_exported_without_a_start(client, imported):
    name = imported("export-room/files:1", {"a/b": b"content"}, link="a/b")

    with export_image(client, name) as stream:
        assert len(containers(client)) == 1
        data = b"".join(iter(lambda: stream.read(1000), b""))

    assert containers(client) == []
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert archive.extractfile("a/b").read() == b"content"
        assert archive.getmember("link").linkname == "a/b"


def test_a_reader_that_stops_leaves_no_container(client, imported):
    name = imported("export-room/large:1", {"a": bytes(3_000_000)})

    with export_image(client, name) as stream:
        assert stream.read(10)

    assert containers(client) == []


def test_the_config_is_read(engine, client):
    image = engine.ref("docker.io/library/busybox:latest")
    engine.engine.pull(image)

    image_id, config = read_config(client, image)

    assert image_id == client.inspect_image(image)["Id"]
    assert config.command == ("sh",)
    assert config.environment == tuple(client.inspect_image(image)["Config"]["Env"])
    assert config.platform.startswith("linux/")


def test_a_missing_image_is_named(client):
    with pytest.raises(ImageMissingError):
        read_config(client, "localhost/no/such:1")
    with pytest.raises(EngineError), export_image(client, "localhost/no/such:1"):
        pass
