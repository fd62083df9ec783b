"""Entries of the user's own catalog: what `add` wrote goes with `remove`, what a person wrote stays until `forget`."""

import pytest

from launcher.errors import CatalogError, NotFoundError, StateError
from launcher.manage.apps import add as adding
from launcher.manage.apps import expose, forget, rollback, undo
from launcher.manage.apps import remove as removing
from launcher.manage.apps.add import AddRequest
from tests.manage.answers import agree

IMAGE = "docker.io/library/tool:1"


@pytest.fixture
def published(world):
    for tag in ("1", "2"):
        world.registry.publish(f"docker.io/library/tool:{tag}", f"tool {tag}")
    return world


def add(world, *names, **keys):
    adding.add_apps(world.context("add", *names), AddRequest(names, {"image": IMAGE, **keys}))


def remove(world, *names):
    return removing.remove_apps(world.context("remove", *names), names, keep_image=False)


def catalog(world):
    return world.files()["catalog"]


def test_remove_deletes_an_entry_written_by_add_and_undo_restores_it(published):
    add(published, "tool", network_mode="none")
    before = published.files()

    done = remove(published, "tool")

    assert [(each.app, each.entry) for each in done.apps] == [("tool", "removed")]
    assert catalog(published) == {}
    undo.undo_transaction(published.context("undo"), "last", agree)
    assert published.files() == before


def test_remove_deletes_an_entry_that_other_commands_changed(published):
    add(published, "tool")
    expose.add_alias(published.context("alias"), "tool", "thing")
    rollback.rebase_app(published.context("rebase"), "tool", "docker.io/library/tool:2")

    remove(published, "tool")

    assert catalog(published) == {}


@pytest.mark.parametrize("edit", ["before", "between", "after"])
def test_remove_keeps_an_edited_entry(published, edit):
    path = published.places.user_catalog
    if edit == "before":
        add(published, "other")  # so that there is a file
        _append(path, f'[apps.tool]\nimage = "{IMAGE}"\n')
    add(published, "tool")
    if edit == "between":
        _append(path, "tty = false\n")
        expose.add_alias(published.context("alias"), "tool", "thing")
    elif edit == "after":
        _append(path, "tty = false\n")
    before = catalog(published)

    done = remove(published, "tool")

    assert [each.entry for each in done.apps] == ["kept"]
    assert catalog(published) == before


def test_remove_keeps_an_entry_while_another_extends_it(published):
    add(published, "tool")
    adding.add_apps(published.context("add"), AddRequest(("tool",), new_names=("second",)))
    assert catalog(published)["second"] == {"extends": "tool"}

    assert [each.entry for each in remove(published, "tool").apps] == ["kept"]

    undo.undo_transaction(published.context("undo"), "last", agree)
    assert [each.entry for each in remove(published, "tool", "second").apps] == ["removed", "removed"]
    assert catalog(published) == {}


def test_remove_changes_no_other_catalog(published):
    published.catalog(f'[apps.tool]\nimage = "{IMAGE}"\n')
    adding.add_apps(published.context("add"), AddRequest(("tool",)))

    assert [each.entry for each in remove(published, "tool").apps] == [""]


def test_forget_removes_an_entry_and_returns_its_text(published):
    add(published, "other")
    _append(published.places.user_catalog, f'[apps.tool]\nimage = "{IMAGE}"  # mine\n')

    (gone,) = forget.forget(published.context("forget"), ["tool"])

    assert (gone.app, gone.toml) == ("tool", f'[apps.tool]\nimage = "{IMAGE}"\n')
    assert [*catalog(published)] == ["other"]


@pytest.mark.parametrize(
    ("name", "kind", "line"),
    [
        ("tool", StateError, "tool: is installed, and its entry with it; applaunch remove tool"),
        ("thing", CatalogError, "thing: second of ~/.config/applaunch/catalog.toml extends it; forget both, or edit that one"),
        ("mine", NotFoundError, "mine: is in ~/.config/applaunch/catalog.d/mine.toml; edit that file"),
        ("secnd", NotFoundError, "secnd: is not in your catalog; did you mean 'second'?"),
    ],
)  # fmt: skip
def test_an_entry_that_cannot_be_forgotten_is_reported(published, name, kind, line):
    add(published, "tool")
    published.catalog(f'[apps.mine]\nimage = "{IMAGE}"\n')
    _append(published.places.user_catalog, f'[apps.thing]\nimage = "{IMAGE}"\n[apps.second]\nextends = "thing"\n')
    before = catalog(published)

    with pytest.raises(kind) as caught:
        forget.forget(published.context("forget"), [name])

    assert str(caught.value) == line
    assert catalog(published) == before


def test_entries_that_extend_each_other_are_forgotten_together(published):
    add(published, "other")
    _append(published.places.user_catalog, f'[apps.thing]\nimage = "{IMAGE}"\n[apps.second]\nextends = "thing"\n')

    forget.forget(published.context("forget"), ["thing", "second"])

    assert [*catalog(published)] == ["other"]


def _append(path, text):
    with open(path, "a") as file:
        file.write(text)
