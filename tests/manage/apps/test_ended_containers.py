"""A command follows a run at once: the container of that run, which the engine still removes, uses no image."""

import json

import pytest

from tests.held_removals import held_removal

pytestmark = pytest.mark.engine

SOON = 0.7  # seconds, in which a command would meet the container


@pytest.fixture
def image(engine):
    """An image that only this test uses, and that applaunch pulls."""
    name = engine.ref("docker.io/applaunch/layers:latest")
    engine.forget(name)
    return name


@pytest.fixture
def ended(home, engine, image):
    """Run a program in that image; its container is still listed as running when the test begins."""
    with held_removal(home, engine, image) as go_on_after:
        yield go_on_after


def test_remove_waits_for_the_container_and_removes_the_image(home, engine, image, ended):
    ended(SOON)

    said = home.run("applaunch", "remove", "held").stdout

    assert f"image removed: {image}" in said
    assert engine.docker("image", "inspect", image).returncode != 0


def test_gc_waits_for_the_container_and_removes_the_image(home, engine, image, ended):
    home.run("applaunch", "remove", "--keep-image", "held", check=True)
    ended(SOON)

    (collected,) = json.loads(home.run("applaunch", "gc", "--json").stdout)["images"]

    assert (collected["image"], collected["kept"]) == (image, "")
    assert engine.docker("image", "inspect", image).returncode != 0


def test_gc_dry_run_lists_the_image_as_free(home, image, ended):
    home.run("applaunch", "remove", "--keep-image", "held", check=True)
    ended(SOON)

    (listed,) = json.loads(home.run("applaunch", "gc", "--dry-run", "--json").stdout)["images"]

    assert (listed["image"], listed["kept"]) == (image, "")


def test_doctor_does_not_report_the_container(home, ended):
    ended(SOON)

    done = home.run("applaunch", "doctor")

    assert "✓ containers none left over" in done.stdout
    assert done.returncode == 0


def test_remove_keeps_an_image_whose_container_stays(home, engine, image):
    home.app("held", image, entrypoint='["true"]')
    home.run("held", check=True)
    name = engine.docker("create", image, "true", check=True).stdout.strip()
    try:
        said = home.run("applaunch", "remove", "held").stdout

        assert f"kept: {image} (the container " in said
    finally:
        engine.docker("rm", name, check=True)
