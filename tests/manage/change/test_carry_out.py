"""Plan, then apply: nobody holds the writer's lock while a registry is slow or a person thinks, and what changed
meanwhile is noticed."""

import pytest

from launcher.errors import StateError, UserError
from launcher.manage.apps import add, pull, remove, rollback, undo, upgrade
from launcher.manage.apps.add import AddRequest
from launcher.manage.apps.upgrade import UpgradeOptions
from launcher.manage.projects import project_trust, sync
from tests.manage.answers import agree

APPS = ("a", "b")


def image(app):
    return f"docker.io/library/{app}:1"


@pytest.fixture
def stocked(world):
    """Two apps, installed, with newer images in the registry; a writer who finds the lock held fails at once."""
    world.patience = 0.05
    for app in APPS:
        world.registry.publish(image(app), f"{app} 1")
    world.catalog("".join(f'[apps.{app}]\nimage = "{image(app)}"\n' for app in APPS))
    add.add_apps(world.context("add", *APPS), AddRequest(APPS))
    pull.pull_images(world.context("pull"), APPS)
    for app in APPS:
        world.registry.publish(image(app), f"{app} 2")
    return world


def pin(world, app):
    rollback.pin_apps(world.context("pin", app), [app], wanted=True)


def deployed(world):
    return {app: (each.number, each.pinned) for app, each in world.context("status").record.deployed().items()}


def during(monkeypatch, store, verb, happens):
    """Let something *happen*, once, while the engine or the registry is busy with *verb*."""
    real, events = getattr(store, verb), [happens]

    def slow(*args, **options):
        if events:
            events.pop()()
        return real(*args, **options)

    monkeypatch.setattr(store, verb, slow)


@pytest.mark.parametrize("verb", ["latest", "pull"])
def test_an_upgrade_keeps_no_writer_out_while_a_registry_answers(stocked, monkeypatch, verb):
    during(monkeypatch, stocked.store, verb, lambda: pin(stocked, "b"))

    upgrade.upgrade_apps(stocked.context("upgrade", "a"), UpgradeOptions(("a",)), agree)

    assert deployed(stocked) == {"a": (3, False), "b": (2, True)}


def test_an_upgrade_keeps_no_writer_out_while_a_person_thinks(stocked):
    def think(plan):
        pin(stocked, "b")
        return True

    upgrade.upgrade_apps(stocked.context("upgrade", "a"), UpgradeOptions(("a",)), think)

    assert deployed(stocked) == {"a": (3, False), "b": (2, True)}


@pytest.mark.parametrize("verb", ["latest", "pull"])
def test_an_app_that_changes_while_a_registry_answers_is_not_upgraded(stocked, monkeypatch, verb):
    during(monkeypatch, stocked.store, verb, lambda: pin(stocked, "a"))

    with pytest.raises(StateError) as caught:
        upgrade.upgrade_apps(stocked.context("upgrade"), UpgradeOptions(), agree)

    assert caught.value.line == "applaunch: a: it was changed while this command was at work; run it again"
    assert deployed(stocked) == {"a": (1, True), "b": (2, False)}


def test_an_app_that_changes_while_a_person_thinks_is_not_upgraded(stocked):
    def think(plan):
        pin(stocked, "a")
        return True

    with pytest.raises(StateError, match="run it again"):
        upgrade.upgrade_apps(stocked.context("upgrade"), UpgradeOptions(), think)

    assert deployed(stocked) == {"a": (1, True), "b": (2, False)}


def test_a_catalog_that_changes_while_a_person_thinks_is_noticed(stocked):
    def think(plan):
        stocked.catalog("".join(f'[apps.{app}]\nimage = "{image(app)}"\nnetwork_mode = "host"\n' for app in APPS))
        return True

    with pytest.raises(StateError, match="run it again"):
        upgrade.upgrade_apps(stocked.context("upgrade"), UpgradeOptions(), think)

    assert deployed(stocked) == {"a": (1, False), "b": (2, False)}


def test_an_edit_that_does_not_concern_what_was_shown_is_no_reason_to_refuse(stocked):
    def think(plan):
        with open(f"{stocked.places.config}/catalog.d/other.toml", "w") as file:
            file.write(f'schema = 1\n[apps.c]\nimage = "{image("c")}"\n')
        return True

    upgrade.upgrade_apps(stocked.context("upgrade"), UpgradeOptions(), think)

    assert deployed(stocked) == {"a": (3, False), "b": (4, False)}


def test_an_addition_keeps_no_writer_out_while_a_person_thinks(stocked):
    add.add_apps(
        stocked.context("add", "a"), AddRequest(("a",), {"network_mode": "none"}), lambda plan: pin(stocked, "b") or 1
    )

    assert deployed(stocked) == {"a": (3, False), "b": (2, True)}


def test_an_app_that_changes_while_a_person_thinks_is_not_added(stocked):
    before = stocked.files()
    with pytest.raises(StateError, match="run it again"):
        add.add_apps(
            stocked.context("add", "a"),
            AddRequest(("a",), {"network_mode": "none"}),
            lambda plan: pin(stocked, "a") or 1,
        )

    assert deployed(stocked) == {"a": (1, True), "b": (2, False)}
    assert stocked.files()["catalog"] == before["catalog"]


def test_two_additions_at_once_both_hold(stocked):
    def meanwhile(plan):
        add.add_apps(stocked.context("add", "d"), AddRequest(("d",), {"image": image("d")}))
        return True

    add.add_apps(stocked.context("add", "c"), AddRequest(("c",), {"image": image("c")}), meanwhile)

    assert {*deployed(stocked)} == {"a", "b", "c", "d"}
    assert stocked.files()["catalog"] == {"c": {"image": image("c")}, "d": {"image": image("d")}}


def test_a_command_that_somebody_else_takes_meanwhile_is_refused(stocked):
    stocked.catalog(
        "".join(f'[apps.{app}]\nimage = "{image(app)}"\n' for app in APPS)
        + f'[apps.c]\nimage = "{image("a")}"\ncommands.x = {{}}\n[apps.d]\nimage = "{image("a")}"\ncommands.x = {{}}\n'
    )

    def meanwhile(plan):
        add.add_apps(stocked.context("add", "c"), AddRequest(("c",)))
        return True

    with pytest.raises(UserError, match="the command 'x' belongs to the app 'c'"):
        add.add_apps(stocked.context("add", "d"), AddRequest(("d",)), meanwhile)


def test_an_undo_keeps_no_writer_out_while_a_person_thinks(stocked):
    pin(stocked, "a")

    undo.undo_transaction(stocked.context("undo"), "last", lambda plan: pin(stocked, "b") or True)

    assert deployed(stocked) == {"a": (1, False), "b": (2, True)}


def test_what_changes_while_a_person_thinks_is_not_undone(stocked):
    pin(stocked, "a")

    def meanwhile(plan):
        rollback.pin_apps(stocked.context("unpin", "a"), ["a"], wanted=False)
        return True

    with pytest.raises(StateError):
        undo.undo_transaction(stocked.context("undo"), "last", meanwhile)

    assert [each.actions for each in stocked.transactions()] == ["Unpin", "Pin", "Install"]


def test_an_image_that_had_to_be_fetched_is_ours_to_remove(stocked):
    upgrade.upgrade_apps(stocked.context("upgrade"), UpgradeOptions(), agree)

    assert all(each.pulled for each in stocked.context("status").record.deployed().values())


def test_no_tag_of_a_download_is_left_after_an_upgrade(stocked):
    upgrade.upgrade_apps(stocked.context("upgrade"), UpgradeOptions(), agree)

    assert not [name for name in stocked.store.names("docker.io/applaunch/") if ":next-" in name]


def test_a_pull_keeps_no_writer_out(stocked, monkeypatch):
    stocked.store.images.clear()
    during(monkeypatch, stocked.store, "pull", lambda: pin(stocked, "b"))

    assert [each.is_new for each in pull.pull_images(stocked.context("pull", "a"), ["a"])] == [True]

    assert deployed(stocked) == {"a": (1, False), "b": (2, True)}


def test_an_app_that_goes_while_its_image_is_pulled_gets_no_launch_file(stocked, monkeypatch):
    stocked.store.images.clear()
    during(
        monkeypatch,
        stocked.store,
        "pull",
        lambda: remove.remove_apps(stocked.context("remove", "a"), ["a"], keep_image=True),
    )

    with pytest.raises(StateError, match="a: it was changed while its image was pulled; run it again"):
        pull.pull_images(stocked.context("pull", "a"), ["a"])

    assert "current/a" not in stocked.files()


@pytest.fixture
def project(stocked, tmp_path):
    """A project with one app, trusted."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "applaunch.toml").write_text(f'schema = 1\n[apps.mine]\nimage = "{image("a")}"\nnetwork_mode = "host"\n')
    found = project_trust.review_project(stocked.context(), str(folder / "applaunch.toml")).project
    project_trust.trust_project(stocked.context(), found)
    return found


def test_a_project_is_matched_without_keeping_writers_out(stocked, project):
    asked = []

    def consent(requests):
        asked.extend(each.app for each in requests)
        pin(stocked, "b")

    done = sync.sync_project(stocked.context("sync"), project, consent, check=False, prune=False)

    assert (done.install, asked) == (("mine",), ["mine"])
    assert deployed(stocked) == {"a": (1, False), "b": (2, True), "mine": (3, False)}
