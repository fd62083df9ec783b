"""Bundles on a machine without an engine: unpacked whole or not at all, and no image is taken for another."""

import os

import pytest

from launcher.errors import NoEngineError, UserError
from launcher.manage.apps import remove, rollback
from launcher.manage.bundles.install_bundle import install_bundle
from launcher.manage.context import Context
from launcher.sandbox import tree_store
from launcher.state.transactions import Record
from tests import bundles
from tests.manage.answers import agree
from tests.manage.bundles.test_bundles_on_an_engine import forged
from tests.manage.conftest import World


class BareWorld(World):
    """A world whose machine has no engine."""

    def context(self, *words):
        call = super().context(*words).call
        return BareContext(call, self.places, Record(self.places.database), ("applaunch", *words), self.now)


class BareContext(Context):
    """The context of a command that finds no engine."""

    def engine(self, *, autostart=False):
        raise NoEngineError("engine", "no container engine answers", "sudo apt install podman")


@pytest.fixture
def bare(tmp_path):
    return BareWorld(tmp_path)


def install(world, files, tmp_path):
    path = tmp_path / "a.bundle"
    path.write_bytes(bundles.tarred(files))
    return install_bundle(world.context("bundle", "import"), str(path), agree)


def trees(world):
    return {tree.image_id for tree in tree_store.list_trees(world.places.trees)}


def content(world, image_id):
    with open(f"{tree_store.tree_folder(world.places.trees, image_id)}/rootfs/which") as file:
        return file.read()


def left(world):
    """Return what is in the store besides trees."""
    return [name for name in os.listdir(world.places.trees) if f"sha256:{name}" not in trees(world)]


def test_each_app_gets_a_tree_with_the_content_of_its_last_layer(bare, tmp_path):
    done = install(bare, bundles.bundle(), tmp_path)

    now = bare.context("list").deployed()
    assert {name: content(bare, each.image_id) for name, each in now.items()} == {"one": "one", "two": "two"}
    assert {each.image_id for each in now.values()} == trees(bare) == {*done.loaded}
    assert all(each.loaded and each.digest == bundles.DIGEST for each in now.values())
    assert not install(bare, bundles.bundle(), tmp_path).loaded


def test_a_newer_bundle_upgrades_and_a_rollback_needs_no_registry(bare, tmp_path):
    install(bare, bundles.bundle(), tmp_path)
    first = bare.context("list").deployed()["one"]
    install(bare, bundles.bundle(images={"one": ("base", "newer")}), tmp_path)

    assert content(bare, bare.context("list").deployed()["one"].image_id) == "newer"
    rollback.rollback_app(bare.context("rollback"), "one")
    assert bare.context("list").deployed()["one"].image_id == first.image_id
    remove.remove_apps(bare.context("remove"), ["one", "two"], keep_image=False)
    assert trees(bare) == set()


def truncated():
    """Return a bundle with a layer that ends in the middle."""
    files = bundles.bundle("[apps.one]\nimage = 'docker.io/library/one:1'\n")
    real = bundles.Blob.of(bundles.packed("one"))
    return files | {real.path: files[real.path][: real.size // 2]}


@pytest.mark.parametrize(
    ("files", "what"),
    [(forged(bundles.bundle()), "content does not match sha256:"), (truncated(), "a.bundle")],
    ids=["another-layer", "truncated"],
)
def test_a_bundle_that_lies_about_a_layer_changes_nothing(bare, tmp_path, files, what):
    with pytest.raises(UserError, match=what):
        install(bare, files, tmp_path)

    assert bare.context("list").deployed() == {}
    assert trees(bare) == set()
    assert not os.path.isdir(bare.places.trees) or left(bare) == []


def test_a_bundle_for_another_machine_is_refused(bare, tmp_path):
    with pytest.raises(UserError, match="s390x"):
        install(bare, bundles.bundle(arch="s390x"), tmp_path)

    assert trees(bare) == set()


def test_trees_of_a_bundle_go_again_if_the_apps_cannot_switch(bare, tmp_path):
    os.makedirs(bare.places.bin)
    with open(f"{bare.places.bin}/two", "w") as file:
        file.write("#!/bin/sh\n# somebody else's\n")

    with pytest.raises(UserError):
        install(bare, bundles.bundle(), tmp_path)

    assert trees(bare) == set()
    assert bare.context("list").deployed() == {}
