import io
import os
import tarfile
import uuid

import pytest

from launcher.core.values.reference import parse
from launcher.engine.docker_client import connect
from launcher.engine.endpoint import Endpoint


@pytest.fixture(scope="session")
def endpoint(engine):
    return Endpoint(engine.docker_host, None, "the rig")


@pytest.fixture(scope="session")
def client(endpoint):
    with connect(endpoint) as client:
        yield client


@pytest.fixture
def imported(client):
    """Make one-layer images out of files, by a name of their own; they are gone afterwards."""
    made = []

    def make(name, files, **links):
        repository, _, tag = name.rpartition(":")
        client.import_image_from_data(a_tar(files, links), repository=repository, tag=tag)
        made.append(name)
        return name

    yield make
    for name in made:
        for image in client.images(name.rpartition(":")[0]):
            client.remove_image(image["Id"], force=True)


@pytest.fixture
def published(engine, client, imported):
    """Put an image of *size* random bytes into the rig's registry, and not into the engine."""

    def publish(size=1000):
        name = f"{engine.registry}/engine-room/{uuid.uuid4().hex[:8]}"
        imported(f"{name}:1", {"payload": os.urandom(size)})
        assert "error" not in client.push(name, "1", auth_config={})
        client.remove_image(f"{name}:1")
        return parse(f"{name}:1")

    return publish


def a_tar(files, links):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for path, target in links.items():
            member = tarfile.TarInfo(path.replace("__", "/"))
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return buffer.getvalue()
