"""What is known of deployments when the record is damaged: by launch files, and by tags at an engine."""

from pathlib import Path

import pytest

from launcher.core.deploy.record import Command, Deployment
from launcher.core.values.resolved_image import ResolvedImage
from launcher.engine.local_images import ImageFacts
from launcher.errors import UserError
from launcher.manage.apps import add, gc, pull, remove, rollback, undo, upgrade
from launcher.manage.apps.add import AddRequest
from launcher.manage.apps.upgrade import UpgradeOptions
from launcher.manage.doctor import rebuild_record
from launcher.manage.doctor.rebuild_record import assign_numbers, earlier_deployment, link_parents
from launcher.manage.images.removed_image import WAS_HERE_BEFORE
from launcher.state import launch_files
from tests.manage.answers import agree

REPO = "ghcr.io/jqlang/jq"
OWN = "1a2b3c"
PIN = ResolvedImage(f"sha256:{'7' * 64}", "sha256:i7", pulled=True, platform="linux/amd64")
JQ = Deployment(
    app="jq",
    image=f"{REPO}:1.7.1",
    digest="",
    image_id="",
    pulled=False,
    source="built-in",
    entry_hash="e",
    commands=(Command("jq", "/home/ana/.local/bin/jq", "jq"),),
    created="2026-11-23T16:00:00Z",
    number=7,
    tag=f"docker.io/applaunch/jq:7-{OWN}",
    pinned=True,
).with_image(PIN)


def facts(number, *digests, tags=()):
    """Return what the engine says of the image that deployment *number* had."""
    return ImageFacts(f"sha256:i{number}", tags, digests, 1, 0, "linux", "amd64", "", (), (), (), "", {})


def tag(app, number):
    return f"docker.io/applaunch/{app}:{number}-{OWN}"


def tagged(app, *numbers):
    return {tag(app, number): facts(number, f"{REPO}@sha256:d{number}") for number in numbers}


def test_the_tag_of_an_earlier_deployment_shows_its_image():
    was = earlier_deployment(JQ, tag("jq", 5), facts(5, f"{REPO}@sha256:d5"))

    assert was == JQ._replace(number=5, tag=tag("jq", 5), pinned=False).with_image(
        ResolvedImage("sha256:d5", "sha256:i5", platform="linux/amd64")
    )


@pytest.mark.parametrize(
    ("known", "image", "digest"),
    [
        (facts(5, f"{REPO}@sha256:d5", "docker.io/x/jq@sha256:e5"), f"{REPO}:1.7.1", "sha256:d5"),
        (facts(5, "docker.io/applaunch/jq@sha256:d5", f"{REPO}@sha256:d5"), f"{REPO}:1.7.1", "sha256:d5"),
        (facts(5, "docker.io/x/jq@sha256:e5"), "docker.io/x/jq@sha256:e5", "sha256:e5"),
        (facts(5, "docker.io/x/jq@sha256:e5", tags=("docker.io/x/jq:1",)), "docker.io/x/jq:1", "sha256:e5"),
        (facts(5), f"{REPO}:1.7.1", ""),
    ],
)
def test_the_image_has_the_name_that_the_engine_reports(known, image, digest):
    was = earlier_deployment(JQ, tag("jq", 5), known)

    assert (was.image, was.digest, was.image_id) == (image, digest, "sha256:i5")
    assert was.loaded == (digest == "")


def test_a_built_image_has_the_recipe_in_its_name():
    made = JQ._replace(image="localhost/applaunch-build/jq:latest", recipe="7" * 64)

    was = earlier_deployment(made, tag("jq", 5), facts(5, tags=(f"localhost/applaunch-build/jq:{'5' * 32}",)))

    assert (was.image, was.recipe, was.digest, was.loaded) == (made.image, "5" * 32, "", True)
    same = earlier_deployment(made, tag("jq", 5), facts(5, tags=(f"localhost/applaunch-build/jq:{'7' * 32}",)))
    assert same.recipe == made.recipe


def test_the_parent_of_a_deployment_is_its_predecessor():
    every = link_parents([JQ], tagged("jq", 5, 2, 9))

    assert [(each.number, each.parent) for each in every] == [(2, 0), (5, 2), (7, 5), (9, 7)]


def test_launch_files_win_over_tags_for_the_current_deployment():
    (now,) = link_parents([JQ], {tag("jq", 7): facts(3, f"{REPO}@sha256:d3")})

    assert now == JQ


def test_tags_of_other_apps_are_ignored():
    tags = tagged("yq", 4) | tagged("jq", "next", "latest", "007") | tagged("jq-x", 6)

    assert link_parents([JQ], tags) == [JQ]


def test_a_number_belongs_to_one_app():
    yq = JQ._replace(app="yq", number=8)

    every = link_parents([JQ, yq], tagged("yq", 7) | tagged("jq", 8) | tagged("yq", 6))

    assert [(each.app, each.number) for each in every] == [("jq", 7), ("yq", 6), ("yq", 8)]


def test_a_deployment_without_number_gets_no_parent_link():
    assert [each.number for each in link_parents([JQ._replace(number=0)], tagged("jq", 5))] == [5]
    assert assign_numbers([JQ, JQ._replace(app="yq"), JQ._replace(app="gh", number=8)]) == [
        JQ,
        JQ._replace(app="yq", number=0, tag=""),
        JQ._replace(app="gh", number=8),
    ]


@pytest.fixture
def lived(world):
    """A home where the app a was upgraded twice, b was pinned, and c came and went."""
    for app in "abc":
        world.registry.publish(image(app), f"{app} 1")
    world.catalog("".join(f'[apps.{app}]\nimage = "{image(app)}"\n' for app in "abc"))
    add.add_apps(world.context("add"), AddRequest(("a", "b", "c")))
    pull.pull_images(world.context("pull"), ())
    for content in ("a 2", "a 3"):
        world.registry.publish(image("a"), content)
        upgrade.upgrade_apps(world.context("upgrade"), UpgradeOptions(), agree)
    rollback.pin_apps(world.context("pin"), ["b"], wanted=True)
    remove.remove_apps(world.context("remove"), ["c"], keep_image=True)
    return world


def image(app):
    return f"docker.io/library/{app}:1"


def damaged(world):
    """Damage the record, make it anew, and return what is said of that."""
    Path(world.places.database).write_bytes(b"no database at all" * 500)
    return rebuild_record.rebuild_record(world.context("doctor", "--fix"))


def known(world):
    return {each.number: each for each in world.context("log").record.deployments()}


def test_a_rebuild_keeps_the_deployments_and_launch_files(lived):
    before, files = lived.context("status").deployed(), lived.files()

    said = damaged(lived)

    assert "rebuilt from the launch files (2 apps) and the engine's tags (2 earlier deployments);" in said
    now = lived.context("status").deployed()
    assert now == {app: each._replace(created=now[app].created) for app, each in before.items()}
    assert now["b"].pinned
    assert lived.files() == files


def test_earlier_deployments_are_found_by_their_tags(lived):
    before = known(lived)

    damaged(lived)

    now = known(lived)
    assert [*now] == [5, 4, 2, 1]
    for number in (1, 4):
        assert now[number] == before[number]._replace(created=now[number].created, pulled=False)


def test_a_rollback_after_a_rebuild_needs_no_registry(lived):
    damaged(lived)
    lived.store.prune()
    lived.registry.down = True

    step = rollback.rollback_app(lived.context("rollback"), "a").only

    assert (step.before.number, step.after.number) == (5, 4)
    assert lived.files()["current/a"]["digest"] == step.after.digest
    assert rollback.rollback_app(lived.context("rollback"), "a").only.after.number == 1


def test_the_new_history_can_be_undone(lived):
    files = lived.files()
    damaged(lived)
    rollback.rollback_app(lived.context("rollback"), "a")

    undo.undo_transaction(lived.context("undo"), "last", agree)

    assert lived.files() == files
    with pytest.raises(UserError):
        undo.undo_transaction(lived.context("undo"), "9", agree)


def test_deployment_numbers_are_never_reused(lived):
    damaged(lived)

    add.add_apps(lived.context("add"), AddRequest(("c",)))

    assert lived.context("status").record.deployed()["c"].number == 6


def test_the_number_in_a_removed_apps_tag_is_not_reused(lived):
    add.add_apps(lived.context("add"), AddRequest(("c",)))
    pull.pull_images(lived.context("pull"), ["c"])
    remove.remove_apps(lived.context("remove"), ["c"], keep_image=True)
    damaged(lived)

    add.add_apps(lived.context("add"), AddRequest(("c",)))

    assert lived.context("status").record.deployed()["c"].number == 7


def test_tags_of_another_user_are_ignored(lived):
    image_id = lived.store.inspect(image("a")).id
    lived.store.tag(image_id, "docker.io/applaunch/a:40-ffffff")
    own = lived.context("status").record.id()

    damaged(lived)

    assert lived.context("status").record.id() == own
    assert max(known(lived)) == 5


def test_gc_removes_only_the_tag_of_an_earlier_deployment(lived):
    first = known(lived)[1]
    lived.store.tag(first.image_id, "localhost/mine:1")
    damaged(lived)

    every, stays = gc.all_and_retained(lived.context("gc"))
    gone = gc.remove_images(lived.context("gc").engine(), [e for e in every if e not in stays], stays, every)

    assert [each.kept for each in gone] == [WAS_HERE_BEFORE]
    assert lived.store.inspect(first.tag) is None
    assert lived.store.inspect("localhost/mine:1").id == first.image_id


def test_an_edited_app_is_rebuilt_as_before_the_edit(lived):
    lived.registry.publish("docker.io/library/a:2", "a other")
    path = Path(lived.places.config, "catalog.d/mine.toml")
    path.write_text(path.read_text().replace(image("a"), "docker.io/library/a:2"))
    before = lived.context("status").record.deployed()["a"]
    pull.pull_images(lived.context("pull"), ["a"])
    assert launch_files.read(lived.places.current, "a").image == "docker.io/library/a:2"

    damaged(lived)

    now = lived.context("status").record.deployed()["a"]
    assert (now.number, now.image, now.pin, now.tag) == (before.number, before.image, before.pin, before.tag)
