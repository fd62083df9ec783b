import pytest

from launcher.engine.client import connect
from launcher.engine.endpoint import Endpoint


@pytest.fixture(scope="session")
def endpoint(engine):
    return Endpoint(engine.docker_host, None, "the rig")


@pytest.fixture(scope="session")
def client(endpoint):
    with connect(endpoint) as client:
        yield client
