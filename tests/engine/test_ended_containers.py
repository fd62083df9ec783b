"""Waiting for the end of containers, on the rig's engine."""

import time

import pytest

from launcher.engine.ended_containers import wait_for_removal
from tests.held_removals import held_removal

pytestmark = pytest.mark.engine


@pytest.fixture
def image(engine):
    name = engine.ref("docker.io/library/busybox:latest")
    engine.docker("pull", name, check=True)
    return name


def test_a_removal_that_takes_longer_than_the_time_given_is_not_waited_for(client, engine, home, image):
    with held_removal(home, engine, image) as go_on_after:
        (container,) = engine.engine.ask("GET", "/containers/json")
        began = time.monotonic()

        assert not wait_for_removal(client, container["Id"], 0.3)
        assert time.monotonic() - began < 5
        go_on_after(0.3)
        assert wait_for_removal(client, container["Id"])


def test_a_container_that_does_not_remove_itself_is_not_waited_for(client, image):
    container = client.create_container(image, ["true"])["Id"]
    try:
        client.start(container)
        client.wait(container)

        assert not wait_for_removal(client, container)
    finally:
        client.remove_container(container, force=True)


def test_a_running_container_is_not_waited_for(client, image):
    config = client.create_host_config(auto_remove=True)
    container = client.create_container(image, ["sleep", "60"], host_config=config)["Id"]
    try:
        client.start(container)

        assert not wait_for_removal(client, container)
    finally:
        client.remove_container(container, force=True)
    assert wait_for_removal(client, container)
