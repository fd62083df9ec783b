"""Which images go with an app, and which stay because somebody needs them or gave them a name."""

from pathlib import Path

import pytest

from launcher.core.values.reference import parse
from launcher.manage.apps import add as adding
from launcher.manage.apps import gc as collecting
from launcher.manage.apps import pull, rollback
from launcher.manage.apps import remove as removing
from launcher.manage.apps import upgrade as upgrading
from launcher.manage.apps.add import AddRequest
from launcher.manage.apps.upgrade import UpgradeOptions
from launcher.manage.images.removed_image import WAS_HERE_BEFORE
from tests.manage.answers import agree

IMAGE, OTHER = (f"docker.io/library/tool:{tag}" for tag in (1, 2))


@pytest.fixture
def stocked(world):
    """Two apps of one image, in a catalog and not installed."""
    world.registry.publish(IMAGE, "one")
    world.registry.publish(OTHER, "other")
    world.catalog("".join(f'[apps.{app}]\nimage = "{IMAGE}"\n' for app in ("a", "b")))
    return world


def add(world, *names):
    """Install apps one after the other, each with its image here."""
    for name in names:
        adding.add_apps(world.context("add", name), AddRequest((name,)))
        pull.pull_images(world.context("pull"), [name])


def remove(world, *names, **how):
    return removing.remove_apps(world.context("remove", *names), names, **{"keep_image": False} | how).images


def upgrade(world, content):
    world.registry.publish(IMAGE, content)
    upgrading.upgrade_apps(world.context("upgrade"), UpgradeOptions(), agree)


def download(world, content):
    """Download what an upgrade would take, as `upgrade --preview` and `--download-only` do."""
    world.registry.publish(IMAGE, content)
    upgrading.upgrade_apps(world.context("upgrade"), UpgradeOptions(download_only=True), agree)


def contents(world):
    return sorted(content for content, _ in world.store.images.values())


def gc(world, **how):
    """Collect as `gc` does, with no container anywhere; returns what became of images."""
    context = world.context("gc")
    every, stays = collecting.all_and_retained(context)
    going = [each for each in every if each not in stays]
    return collecting.remove_images(
        context.engine(), going, collecting.deployments_in_use(context, stays), every, **how
    )


def test_an_image_we_pulled_is_removed_with_its_last_app(stocked):
    add(stocked, "a", "b")  # a pulls, b finds it here

    assert remove(stocked, "a") == []
    assert contents(stocked) == ["one"]
    (gone,) = remove(stocked, "b")
    assert (gone.image, gone.kept, gone.deployments) == (IMAGE, "", (2,))
    assert contents(stocked) == []


def test_an_image_that_existed_before_keeps_its_name(stocked):
    stocked.store.pull(parse(IMAGE))
    add(stocked, "a")

    (gone,) = remove(stocked, "a")

    assert gone.kept == WAS_HERE_BEFORE
    assert stocked.store.names("docker.io/") == [IMAGE]


def test_remove_removes_the_images_of_all_deployments_of_an_app(stocked):
    add(stocked, "a")
    for content in ("two", "three"):
        upgrade(stocked, content)
    assert contents(stocked) == ["one", "three", "two"]

    gone = remove(stocked, "a")

    assert sorted(each.deployments for each in gone) == [(1,), (2,), (3,)]
    assert contents(stocked) == []


def test_a_kept_deployment_keeps_its_image_after_remove(stocked):
    add(stocked, "a")
    upgrade(stocked, "two")
    rollback.keep_deployment(stocked.context("keep"), 1, wanted=True)

    remove(stocked, "a")

    assert contents(stocked) == ["one"]
    rollback.keep_deployment(stocked.context("unkeep"), 1, wanted=False)
    assert [each.deployments for each in gc(stocked)] == [(1,)]
    assert contents(stocked) == []


def test_the_leftover_images_of_a_removed_app_are_garbage(stocked):
    add(stocked, "a")

    assert remove(stocked, "a", keep_image=True) == []
    assert contents(stocked) == ["one"]
    assert [each.freed for each in gc(stocked, dry_run=True)] == [10]
    assert contents(stocked) == ["one"]
    assert [each.freed for each in gc(stocked)] == [10]
    assert (contents(stocked), gc(stocked)) == ([], [])


def test_an_image_used_through_an_edited_catalog_is_not_garbage(stocked):
    add(stocked, "a", "b")
    path = Path(stocked.places.config, "catalog.d/mine.toml")
    text = path.read_text()
    path.write_text(text.replace(f'[apps.b]\nimage = "{IMAGE}"', f'[apps.b]\nimage = "{OTHER}"'))
    adding.add_apps(stocked.context("add", "b"), AddRequest(("b",)))  # b is deployed on the other image now
    pull.pull_images(stocked.context("pull"), ["b"])
    path.write_text(text)  # and an edit has it run the one that only a had

    pull.pull_images(stocked.context("pull"), ["b"])
    remove(stocked, "a")
    gc(stocked)

    assert contents(stocked) == ["one", "other"]


# Downloaded for an upgrade that did not happen


def abandoned(world, **how):
    context = world.context("gc")
    return collecting.discard_abandoned_downloads(context, context.engine(), **how)


def test_remove_removes_a_download_for_an_upgrade(stocked):
    add(stocked, "a")
    download(stocked, "newer")
    assert contents(stocked) == ["newer", "one"]

    gone = remove(stocked, "a")

    assert contents(stocked) == []
    assert [(each.freed, each.kept) for each in gone] == [(10, ""), (10, "")]


def test_gc_removes_the_download_of_a_removed_app(stocked):
    add(stocked, "a")
    download(stocked, "newer")
    remove(stocked, "a", keep_image=True)

    (would,) = abandoned(stocked, dry_run=True)
    assert (would.image.partition("@")[0], would.freed, would.deployments) == ("docker.io/library/tool", 10, ())
    assert contents(stocked) == ["newer", "one"]

    assert abandoned(stocked) == [would]
    assert contents(stocked) == ["one"]


def test_gc_keeps_the_download_of_an_installed_app(stocked):
    add(stocked, "a")
    download(stocked, "newer")

    assert abandoned(stocked) == []
    assert contents(stocked) == ["newer", "one"]


def test_a_newer_download_replaces_the_previous_one(stocked):
    add(stocked, "a")
    download(stocked, "newer")
    download(stocked, "newest")

    assert contents(stocked) == ["newest", "one"]


def test_an_upgrade_removes_the_tag_of_its_download(stocked):
    add(stocked, "a")
    download(stocked, "newer")
    upgrade(stocked, "newer")
    assert [name for name in stocked.store.names("docker.io/applaunch/") if ":next-" in name] == []

    upgrade(stocked, "third")
    upgrade(stocked, "fourth")

    gc(stocked)
    assert contents(stocked) == ["fourth", "third"]


def test_a_download_with_another_tag_keeps_its_image(stocked):
    add(stocked, "a")
    download(stocked, "newer")
    (image,) = [image for image, (content, _) in stocked.store.images.items() if content == "newer"]
    stocked.store.tag(image, "docker.io/library/mine:1")

    remove(stocked, "a")

    assert contents(stocked) == ["newer"]
