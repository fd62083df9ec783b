"""History that can be gone back: whatever was done, every state there was can be had again, file by file."""

import os
import random
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from launcher.errors import UserError
from launcher.manage.apps import add as adding
from launcher.manage.apps import pull, remove, rollback, undo
from launcher.manage.apps import upgrade as upgrading
from launcher.manage.apps.add import AddRequest
from launcher.manage.apps.upgrade import UpgradeOptions
from tests.manage.answers import agree
from tests.manage.conftest import World
from tests.soak import rounds

APPS = ("a", "b", "c")


def image(app, tag="1"):
    return f"docker.io/library/{app}:{tag}"


@pytest.fixture
def stocked(world):
    return stock(world)


def stock(world):
    """Three apps in a catalog, each with an image in the registry."""
    for app in APPS:
        world.registry.publish(image(app), f"{app} 1")
        world.registry.publish(image(app, "2"), f"{app} other")
    world.catalog("".join(f'[apps.{app}]\nimage = "{image(app)}"\n' for app in APPS))
    return world


def add(world, *names, **keys):
    adding.add_apps(world.context("add", *names), AddRequest(names, keys))
    pull.pull_images(world.context("pull"), names)


def upgrade(world):
    return upgrading.upgrade_apps(world.context("upgrade"), UpgradeOptions(), agree).transaction


def deployed(world):
    return {app: (each.number, each.pinned) for app, each in world.context("status").record.deployed().items()}


def test_undoing_an_upgrade_restores_the_old_deployment(stocked):
    add(stocked, "a")
    before = stocked.files()
    stocked.registry.publish(image("a"), "a 2")

    number = upgrade(stocked)

    assert deployed(stocked) == {"a": (2, False)}
    undo.undo_transaction(stocked.context("undo"), str(number), agree)
    assert deployed(stocked) == {"a": (1, False)}
    assert stocked.files() == before


def test_a_rollback_needs_no_registry_and_survives_a_prune(stocked):
    add(stocked, "a")
    before = stocked.files()
    stocked.registry.publish(image("a"), "a 2")
    upgrade(stocked)
    stocked.store.prune()
    stocked.registry.down = True

    step = rollback.rollback_app(stocked.context("rollback", "a"), "a").only

    assert (step.before.number, step.after.number, step.after.pinned) == (2, 1, True)
    rollback.pin_apps(stocked.context("unpin", "a"), ["a"], wanted=False)
    assert stocked.files() == before


def test_repeated_rollbacks_go_back_to_the_first_deployment(stocked):
    add(stocked, "a")
    for content in ("a 2", "a 3"):
        stocked.registry.publish(image("a"), content)
        upgrade(stocked)

    numbers = [rollback.rollback_app(stocked.context("rollback", "a"), "a").only.after.number for _ in range(2)]

    assert numbers == [2, 1]
    with pytest.raises(UserError) as caught:
        rollback.rollback_app(stocked.context("rollback", "a"), "a")
    assert caught.value.line == "applaunch: a: there is no deployment before 1; applaunch rollback a --to 2"


def test_an_upgrade_skips_pinned_apps(stocked):
    add(stocked, "a", "b")
    rollback.pin_apps(stocked.context("pin", "a"), ["a"], wanted=True)
    for app in ("a", "b"):
        stocked.registry.publish(image(app), f"{app} 2")

    upgrade(stocked)

    assert deployed(stocked) == {"a": (1, True), "b": (3, False)}
    with pytest.raises(UserError, match="is pinned"):
        upgrading.upgrade_apps(stocked.context("upgrade", "a"), UpgradeOptions(("a",)), agree)


def test_one_unavailable_image_leaves_all_apps_unchanged(stocked):
    add(stocked, "a", "b")
    before = stocked.files()
    stocked.registry.publish(image("a"), "a 2")
    stocked.registry.publish(image("b"), "b 2")
    del stocked.registry.known[stocked.registry.digest(image("b"))]

    with pytest.raises(UserError, match="no such digest"):
        upgrade(stocked)

    assert stocked.files() == before
    assert deployed(stocked) == {"a": (1, False), "b": (2, False)}
    done = upgrading.upgrade_apps(stocked.context("upgrade"), UpgradeOptions(keep_going=True), agree)
    assert [each.outcome for each in done.plan.apps] == ["change", "failed"]
    assert deployed(stocked)["b"] == (2, False)
    assert deployed(stocked)["a"][0] > 2


def test_a_later_transaction_on_the_same_app_refuses_an_undo_by_name(stocked):
    add(stocked, "a", "b")
    rollback.pin_apps(stocked.context("pin", "a"), ["a"], wanted=True)

    with pytest.raises(UserError) as caught:
        undo.undo_transaction(stocked.context("undo", "1"), "1", agree)

    assert caught.value.line == (
        "applaunch: transaction 1: transaction 2 changed a after it;"
        " applaunch history undo 2 first, or: applaunch history rollback 0"
    )


def test_options_in_the_users_catalog_are_undone_with_their_transaction(stocked):
    before = stocked.files()
    add(stocked, "a", network_mode="none")
    with_options = stocked.files()

    undo.undo_transaction(stocked.context("undo"), "last", agree)
    assert stocked.files() == before

    undo.redo_transaction(stocked.context("redo"), "1", agree)
    assert stocked.files() == with_options


def test_undo_does_not_overwrite_an_edited_catalog(stocked):
    add(stocked, "a", network_mode="none")
    with open(stocked.places.user_catalog, "a") as file:
        file.write("init = false\n")

    with pytest.raises(UserError, match="was changed after this transaction; change it by hand"):
        undo.undo_transaction(stocked.context("undo"), "last", agree)
    assert "a" in deployed(stocked)


def test_an_image_missing_at_the_registry_names_the_nearest_deployment(stocked):
    add(stocked, "a")
    first = stocked.registry.digest(image("a"))
    for content in ("a 2", "a 3"):
        stocked.registry.publish(image("a"), content)
        upgrade(stocked)
    for name in (stocked.context("log").record.deployments("a")[-1].tag, image("a")):
        stocked.store.remove(name)
    del stocked.registry.known[first]

    with pytest.raises(UserError) as caught:
        rollback.rollback_app(stocked.context("rollback", "a"), "a", "1")

    assert "deployment 1 is gone" in caught.value.what
    assert caught.value.fix == "applaunch rollback a --to 2"
    assert deployed(stocked) == {"a": (3, False)}


# The property: random sequences of everything that can be done; after each, some state of before is asked for.


def step(world, dice):
    """Do something, whatever it is worth; a refusal is fine."""
    app = dice.choice(APPS)
    for name in APPS:
        if dice.random() < 0.3:
            world.registry.publish(image(name), f"{name} {dice.randrange(5)}")
    actions = {
        "add": lambda: add(world, app),
        "options": lambda: add(world, app, network_mode=dice.choice(["none", "bridge", "host"])),
        "remove": lambda: remove.remove_apps(world.context("remove", app), [app], keep_image=dice.random() < 0.5),
        "upgrade": lambda: upgrade(world),
        "rollback": lambda: rollback.rollback_app(world.context("rollback", app), app),
        "pin": lambda: rollback.pin_apps(world.context("pin", app), [app], wanted=dice.random() < 0.5),
        "rebase": lambda: rollback.rebase_app(world.context("rebase", app), app, dice.choice([":1", ":2"])),
        "undo": lambda: undo.undo_transaction(world.context("undo"), f"last-{dice.randrange(3)}", agree),
        "redo": lambda: undo.redo_transaction(world.context("redo"), f"last-{dice.randrange(4)}", agree),
        "prune": world.store.prune,
    }
    with suppress(UserError):
        actions[dice.choice(list(actions))]()


def lived(world, dice, steps):
    """Let *steps* happen, and return the files as they were after each transaction, by its number."""
    states = {0: world.files()}
    for _ in range(steps):
        step(world, dice)
        past = world.context("history").record.transactions()
        if past:
            states[past[0].id] = world.files()
    return states


def check_the_way_back(world, dice, states):
    """Go to some of the states, and back to the last one: each is as it was recorded, file by file."""
    past = world.context("history").record.transactions()
    good = [each.id for each in past if each.status == "Ok"]
    for number in dice.sample([0, *good], min(3, len(good) + 1)):
        undo.roll_back_history(world.context("rollback", str(number)), str(number), agree)
        assert world.files() == states[number], f"the state after {number}"
    undo.roll_back_history(world.context("rollback"), str(good[0] if good else 0), agree)
    assert world.files() == states[good[0] if good else 0]
    assert not world.context("doctor").record.interrupted()


@pytest.fixture
def memory():
    """A folder that is not on a disk, where there is one: a thousand transactions need not be synced."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(rounds(short=6, whole=60)))
def test_every_earlier_state_can_be_restored(memory, seed, monkeypatch):
    monkeypatch.setattr("launcher.manage.run.warm_pool.entries_of_apps", lambda context, apps: [])
    monkeypatch.setattr("launcher.run.find_image.write_stderr", lambda text: None)
    for number in range(5):
        folder = memory / str(number)
        folder.mkdir()
        dice = random.Random(f"{seed} {number}")
        world = stock(World(folder))

        states = lived(world, dice, 30)

        check_the_way_back(world, dice, states)
