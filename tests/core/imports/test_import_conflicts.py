"""Imported proposals among existing catalogs."""

import pytest

from launcher.core.catalog import toml_edit
from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.merge import resolve
from launcher.core.imports.import_conflicts import resolve_conflicts
from launcher.errors import CatalogError
from tests.core.examples import catalog
from tests.core.imports.texts import corpus, line

EMPTY = catalog("", path="mine.toml")
BUILT_IN = catalog(
    """
[apps.openstack]
image = "registry.gitlab.com/gbraad/openstack-client:centos"
user = "image"
mount_cwd = "none"
[apps.openstack.commands.openstack]
command = ["openstack"]
[apps.openstack.commands.stack]
command = ["stack"]
volumes = ["~/.stack:/root/.stack"]
[apps.youtube-dl]
description = "Download videos"
image = "docker.io/vimagick/youtube-dl:latest"
user = "host"
mount_cwd = "none"
volumes = ["${PWD}:/data"]
path_args = "none"
""",
    layer="built-in",
    path="built-in",
)


def talk(name):
    return next(each for each in corpus("talk").proposals if each.name == name)


def test_an_app_of_a_lower_layer_with_other_commands_is_kept_out():
    one = resolve_conflicts(talk("openstack"), EMPTY, [BUILT_IN])

    assert one.proposal.table["extends"] is False
    assert one.proposal.notes[-1].why == "the built-in catalog has another openstack: extends = false keeps it out"
    assert [*one.entries] == ["openstack"]
    assert one.entries["openstack"].command is None


def test_an_equal_app_of_a_lower_layer_stays_below():
    one = resolve_conflicts(talk("youtube-dl"), EMPTY, [BUILT_IN])

    assert "extends" not in one.proposal.table


def test_what_is_written_means_what_was_shown():
    one = resolve_conflicts(talk("openstack"), EMPTY, [BUILT_IN])
    text = toml_edit.append_apps(EMPTY.text, {"openstack": one.proposal.table})

    app = resolve([BUILT_IN, Catalog.parse(text, "user", "mine.toml")], "openstack")

    assert {name: app.entry(name) for name in app.command_names} == one.entries


def test_your_defaults_do_not_change_what_was_shown():
    own = catalog('[defaults]\nnetwork_mode = "none"\ninit = false\n')
    one = resolve_conflicts(line("docker run --rm x"), own, [])

    assert one.proposal.table["network_mode"] == "bridge"
    assert one.proposal.table["init"] is True
    assert (one.entries["x"].network_mode, one.entries["x"].init) == ("bridge", True)


def test_additions_from_your_defaults_are_reported():
    own = catalog('[defaults]\nenvironment = ["TOKEN"]\n')
    one = resolve_conflicts(line("docker run --rm x"), own, [])

    assert one.proposal.notes[-1].why == "your own [defaults] add to it: environment"
    assert one.entries["x"].environment == (("TOKEN", None),)


def test_a_name_in_your_catalog_is_taken():
    own = catalog('[apps]\nx = "docker.io/library/y:1"', path="~/.config/applaunch/catalog.toml")
    later = catalog('[apps]\nyoutube-dl = "docker.io/library/y:1"', path="catalog.d/b.toml")

    assert resolve_conflicts(line("docker run --rm x"), own, []).taken == "~/.config/applaunch/catalog.toml"
    assert resolve_conflicts(talk("youtube-dl"), own, [BUILT_IN, later]).taken == "catalog.d/b.toml"
    assert resolve_conflicts(talk("youtube-dl"), own, [BUILT_IN]).taken == ""


def test_an_entry_that_is_invalid_in_a_catalog_is_refused():
    one = line("docker run --rm x")

    with pytest.raises(CatalogError):
        resolve_conflicts(one._replace(table=one.table | {"cpus": -1}), EMPTY, [])


@pytest.mark.parametrize("name", ["bash", "zsh", "fish", "talk"])
def test_every_entry_of_the_corpus_is_valid_in_a_catalog(name):
    tables = {}
    for each in corpus(name).proposals:
        one = resolve_conflicts(each, EMPTY, [BUILT_IN])
        tables[one.proposal.name] = one.proposal.table

    Catalog.parse(toml_edit.append_apps(toml_edit.EMPTY_CATALOG, tables), "user", "mine.toml").check()
