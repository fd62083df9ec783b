"""Trees beside an engine: made by pull and upgrade, kept and removed with the deployments that use them."""

import os

import pytest

from launcher.manage.apps import add, gc, pull, remove, rollback, undo, upgrade
from launcher.manage.apps.add import AddRequest
from launcher.manage.apps.upgrade import UpgradeOptions
from launcher.manage.doctor import check_unpacked
from launcher.manage.images import retained_trees
from launcher.manage.query import disk_usage
from launcher.sandbox import manage_trees, tree_store
from tests.manage.answers import agree

pytestmark = pytest.mark.engine

IMAGE = "docker.io/library/tool:1"
SMALL, MIDDLE, LARGE = "c", "b", "a"  # the first two share their files, see `tests.manage.real`
NONE = 'network_mode = "none"\nread_only = true\n'


@pytest.fixture
def tool(real):
    """An app that bubblewrap can run, on an image that is not pulled yet."""
    real.registry.publish(IMAGE, SMALL)
    real.catalog(f'[apps.tool]\nimage = "{IMAGE}"\n{NONE}')
    add.add_apps(real.context("add"), AddRequest(("tool",)))
    return real


def trees(world):
    return [tree.image_id for tree in tree_store.list_trees(world.places.trees)]


def image(world):
    return world.context("list").deployed()["tool"].image_id


def pulled(world):
    pull.pull_images(world.context("pull"), ["tool"])
    return image(world)


def upgraded(world, content):
    world.registry.publish(IMAGE, content)
    upgrade.upgrade_apps(world.context("upgrade"), UpgradeOptions(), agree)
    return image(world)


def collected(world, **how):
    return gc.collect_garbage(world.context("gc"), **{"dry_run": False} | how).images


def findings(world, *, verify=False):
    return list(check_unpacked.check_unpacked(world.context("doctor"), verify=verify))


def test_a_pull_unpacks_the_image_at_once(tool):
    assert trees(tool) == []

    now = pulled(tool)

    assert trees(tool) == [now]


def test_an_image_that_is_here_already_is_unpacked_by_pull(tool):
    now = pulled(tool)
    manage_trees.remove_tree(tool.places.trees, now)

    pulled(tool)

    assert trees(tool) == [now]


@pytest.mark.parametrize(
    "keys", ['runtime = "engine"\n', 'user = "1:1"\n', 'cap_add = ["NET_RAW"]\n', 'mem_limit = "64m"\n']
)
def test_what_only_the_engine_can_run_is_not_unpacked(tool, keys):
    tool.catalog(f'[apps.tool]\nimage = "{IMAGE}"\n{NONE}{keys}')

    assert pulled(tool)
    assert trees(tool) == []


def test_without_bubblewrap_a_pull_is_as_it_was(tool):
    tool.env["PATH"] = f"{tool.home}/.local/bin"

    assert pulled(tool)
    assert trees(tool) == []


def test_an_upgrade_unpacks_and_a_rollback_finds_both(tool):
    first = pulled(tool)
    second = upgraded(tool, MIDDLE)

    assert first != second
    assert sorted(trees(tool)) == sorted([first, second])
    rollback.rollback_app(tool.context("rollback"), "tool")
    assert image(tool) == first
    assert collected(tool) == []
    assert sorted(trees(tool)) == sorted([first, second])


def test_a_rollback_needs_nothing_but_the_tree(tool, engine, registry):
    first = pulled(tool)
    upgraded(tool, MIDDLE)
    for name in engine.engine.ask("GET", f"/images/{first}/json")["RepoTags"]:
        engine.forget(name)
    engine.forget(first)
    registry.stop_registry()

    rollback.rollback_app(tool.context("rollback"), "tool")

    assert image(tool) == first in trees(tool)


def test_gc_removes_the_trees_of_deployments_that_nothing_needs(tool):
    tool.registry.publish(IMAGE, LARGE)
    first, second, third = pulled(tool), upgraded(tool, SMALL), upgraded(tool, MIDDLE)
    assert len({first, second, third}) == 3

    told = [each for each in collected(tool, dry_run=True) if each.unpacked]
    gone = [each for each in collected(tool) if each.unpacked]

    assert [(each.image, each.kept) for each in gone] == [(IMAGE, "")]
    assert [each._replace(freed=0) for each in told] == [each._replace(freed=0) for each in gone]
    assert all(each.freed > 0 for each in (*told, *gone))
    assert sorted(trees(tool)) == sorted([second, third])


def test_remove_takes_the_trees_along_and_undo_brings_the_app_back(tool):
    pulled(tool)
    upgraded(tool, MIDDLE)

    gone = remove.remove_apps(tool.context("remove"), ["tool"], keep_image=False)

    assert trees(tool) == []
    assert len([each for each in gone.images if each.unpacked]) == 2
    undo.undo_transaction(tool.context("history", "undo"), str(gone.transaction), agree)
    assert pulled(tool) in trees(tool)


def test_remove_with_keep_image_keeps_the_tree(tool):
    now = pulled(tool)

    remove.remove_apps(tool.context("remove"), ["tool"], keep_image=True)

    assert trees(tool) == [now]


def test_an_image_that_another_app_uses_stays(tool):
    tool.catalog(f'[apps.tool]\nimage = "{IMAGE}"\n{NONE}[apps.other]\nimage = "{IMAGE}"\n{NONE}')
    add.add_apps(tool.context("add"), AddRequest(("other",)))
    now = pulled(tool)
    pull.pull_images(tool.context("pull"), ["other"])

    remove.remove_apps(tool.context("remove"), ["tool"], keep_image=False)

    assert trees(tool) == [now]


def test_a_tree_in_use_stays_until_gc(tool):
    now = pulled(tool)
    held = tree_store.hold_tree(tool.places.trees, now)

    gone = remove.remove_apps(tool.context("remove"), ["tool"], keep_image=False)

    assert [each.kept for each in gone.images if each.unpacked] == [retained_trees.IN_USE]
    assert trees(tool) == [now]
    os.close(held)
    assert [each.kept for each in collected(tool) if each.unpacked] == [""]
    assert trees(tool) == []


def test_a_tree_of_nobody_stays_for_a_week(tool):
    now = pulled(tool)
    tool.registry.publish(IMAGE, MIDDLE)
    upgrade.upgrade_apps(tool.context("upgrade"), UpgradeOptions(download_only=True), agree)
    (waiting,) = {*trees(tool)} - {now}
    marker = f"{tree_store.tree_folder(tool.places.trees, waiting)}/tree.json"

    os.utime(marker, (tool.now, tool.now))
    assert [each for each in collected(tool) if each.unpacked] == []
    assert [each.state for each in findings(tool)] == ["ok"]
    os.utime(marker, (0, tool.now - retained_trees.UNOWNED_AGE - 1))
    assert [(each.state, each.fix) for each in findings(tool)] == [("note", "applaunch gc")]
    assert [each.image for each in collected(tool) if each.unpacked] == [waiting[:19]]
    assert trees(tool) == [now]


def test_du_counts_what_trees_share_once(tool):
    first = pulled(tool)
    second = upgraded(tool, MIDDLE)

    found = disk_usage.measure_usage(tool.context("du"))

    assert {each.image_id: each.names for each in found.trees} == {first: ("tool 1",), second: ("tool 2",)}
    assert all(0 < each.shared <= each.size for each in found.trees)
    assert found.unpacked < sum(each.size for each in found.trees)
    assert found.branches


def test_doctor_finds_what_an_interrupted_unpacking_left(tool):
    pulled(tool)
    os.makedirs(f"{tool.places.trees}/{'a' * 64}.new/rootfs")

    (found,) = findings(tool)

    assert (found.state, found.fix) == ("problem", "applaunch doctor --fix")
    assert "only partly unpacked" in found.what
    found.repair()
    assert [each.state for each in findings(tool)] == ["ok"]


def test_doctor_verify_names_a_changed_file_and_fix_removes_its_tree(tool):
    now = pulled(tool)
    changed = f"{tree_store.tree_folder(tool.places.trees, now)}/rootfs/etc/passwd"
    assert [each.what for each in findings(tool, verify=True)] == ["1 unpacked image, all files intact"]
    with open(changed, "a") as file:
        file.write("evil::0:0::/:/bin/sh\n")

    assert [each.state for each in findings(tool)] == ["ok"]
    (found,) = findings(tool, verify=True)

    assert found.what.startswith("the unpacked image of tool was changed: /etc/passwd was changed: ")
    found.repair()
    assert trees(tool) == []
    pulled(tool)
    assert [each.state for each in findings(tool, verify=True)] == ["ok"]
