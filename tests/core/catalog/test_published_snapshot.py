import json

import pytest

from launcher.core.catalog.merge import resolve
from launcher.core.catalog.published_snapshot import BUNDLE, combined, published, settled, source_of
from tests.core.examples import catalog

BUILT_IN = catalog(
    """
[defaults]
init = false
[apps.jq]
image = "ghcr.io/jqlang/jq:1.7"
network_mode = "none"
[apps.base]
image = "docker.io/x/base:1"
environment = ["A=1"]
[apps.tool]
extends = "base"
[apps.yq]
image = "docker.io/x/yq:1"
""",
    "built-in",
    "built-in.toml",
)
PROJECT = catalog('[apps.jq]\nenvironment = ["PROJECT=1"]\n', "project p", "p.toml")
SYSTEM = catalog('[apps.jq]\nenvironment = ["SYSTEM=1"]\n', "system", "/etc/c.toml")
USER = catalog('[apps.jq]\nenvironment = ["USER=1"]\n[apps.mine]\nextends = "tool"\n', "user", "c.toml")
LAYERS = (BUILT_IN, SYSTEM, PROJECT, USER)


def names(kept):
    return {layer: [*tables["apps"]] for layer, _, tables in kept}


def test_what_is_kept_is_what_others_say_of_the_app_and_no_more():
    assert published(LAYERS, "jq") == (
        [
            "built-in",
            "built-in.toml",
            {
                "schema": 1,
                "defaults": {"init": False},
                "apps": {"jq": {"image": "ghcr.io/jqlang/jq:1.7", "network_mode": "none"}},
            },
        ],
        ["project p", "p.toml", {"schema": 1, "apps": {"jq": {"environment": ["PROJECT=1"]}}}],
    )


def test_apps_that_it_extends_come_along_even_where_the_users_own_names_them():
    assert names(published(LAYERS, "tool")) == {"built-in": ["base", "tool"]}
    assert names(published(LAYERS, "mine")) == {"built-in": ["base", "tool"]}


def test_an_app_of_the_users_own_that_extends_nothing_needs_nobody():
    mine = catalog('[apps.mine]\nimage = "docker.io/x/mine:1"\n[apps.short]\n', "user")

    assert published((BUILT_IN, mine), "mine") == ()
    assert published((BUILT_IN, catalog('[apps]\nmine = "docker.io/x/mine:1"\n')), "mine") == ()


def test_a_circle_of_apps_has_an_end():
    circle = catalog('[apps.a]\nextends = "b"\n[apps.b]\nextends = "a"\n', "built-in")

    assert names(published([circle], "a")) == {"built-in": ["a", "b"]}


@pytest.mark.parametrize("name", ["jq", "tool", "mine", "yq"])
def test_what_was_kept_stands_for_what_it_was_kept_of(name):
    kept = json.loads(json.dumps(published(LAYERS, name)))

    assert resolve(combined(LAYERS, kept), name) == resolve(LAYERS, name)


def test_an_edit_that_others_make_changes_nothing_and_one_of_ours_does():
    kept = published(LAYERS, "jq")
    theirs = catalog('[apps.jq]\nimage = "ghcr.io/jqlang/jq:2"\n', "built-in")
    ours = catalog('[apps.jq]\nimage = "docker.io/me/jq:1"\n', "user")

    assert resolve(combined((theirs, SYSTEM, USER), kept), "jq") == resolve(LAYERS, "jq")
    assert resolve(combined((theirs, SYSTEM), kept), "jq").keys["environment"] == (("SYSTEM", "1"), ("PROJECT", "1"))
    assert resolve(combined((theirs, ours), kept), "jq").keys["image"] == "docker.io/me/jq:1"


def test_what_was_kept_stands_where_its_layer_stands():
    kept = json.loads(json.dumps(published(LAYERS, "jq")))

    layers = [each.layer for each in combined((USER, SYSTEM), kept)]

    assert layers == ["built-in", "system", "project p", "user"]


@pytest.mark.parametrize(
    ("layer", "is_published"),
    [("built-in", True), ("team", True), ("system", False), ("user", False), ("project", False), ("override", False)],
)
def test_published_is_what_somebody_else_edits(layer, is_published):
    assert catalog("", layer).is_published == is_published


@pytest.mark.parametrize(
    ("layer", "is_source"),
    [("built-in", True), ("team", True), ("bundle", True), ("project p", False), ("user", False), ("system", False)],
)
def test_a_source_is_published_and_no_project(layer, is_source):
    assert catalog("", layer).is_source == is_source


def test_what_a_project_said_goes_on_where_the_project_is_not_at_hand():
    kept = published(LAYERS, "jq")
    newer = BUILT_IN._replace(tables=BUILT_IN.tables | {"apps": {"jq": {"image": "ghcr.io/jqlang/jq:2"}}})

    found = resolve(settled((newer, SYSTEM, USER), kept), "jq").keys

    assert source_of(kept, "jq") == "built-in"
    assert found["image"] == "ghcr.io/jqlang/jq:2"
    assert ("PROJECT", "1") in found["environment"]


def test_what_came_in_a_bundle_listens_to_no_other_catalog_of_others():
    bundle = catalog('[apps.jq]\nimage = "docker.io/x/bundled:1"\n', BUNDLE, BUNDLE)
    kept = published((bundle, USER), "jq")

    found = resolve(settled(LAYERS, kept), "jq").keys

    assert source_of(kept, "jq") == BUNDLE
    assert found["image"] == "docker.io/x/bundled:1"
    assert ("USER", "1") in found["environment"]
    assert "network_mode" not in found
