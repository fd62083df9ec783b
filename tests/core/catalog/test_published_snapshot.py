import json

import pytest

from launcher.core.catalog.merge import resolve
from launcher.core.catalog.published_snapshot import BUNDLE, keep_sources, source_of, take_snapshot, with_snapshot
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


def test_a_snapshot_contains_only_the_published_tables_of_the_app():
    assert take_snapshot(LAYERS, "jq") == (
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


def test_a_snapshot_includes_the_apps_that_it_extends():
    assert names(take_snapshot(LAYERS, "tool")) == {"built-in": ["base", "tool"]}
    assert names(take_snapshot(LAYERS, "mine")) == {"built-in": ["base", "tool"]}


def test_a_users_own_app_that_extends_nothing_has_an_empty_snapshot():
    mine = catalog('[apps.mine]\nimage = "docker.io/x/mine:1"\n[apps.short]\n', "user")

    assert take_snapshot((BUILT_IN, mine), "mine") == ()
    assert take_snapshot((BUILT_IN, catalog('[apps]\nmine = "docker.io/x/mine:1"\n')), "mine") == ()


def test_a_snapshot_of_a_cycle_of_apps_ends():
    circle = catalog('[apps.a]\nextends = "b"\n[apps.b]\nextends = "a"\n', "built-in")

    assert names(take_snapshot([circle], "a")) == {"built-in": ["a", "b"]}


@pytest.mark.parametrize("name", ["jq", "tool", "mine", "yq"])
def test_a_snapshot_resolves_like_the_catalogs_it_was_taken_from(name):
    kept = json.loads(json.dumps(take_snapshot(LAYERS, name)))

    assert resolve(with_snapshot(LAYERS, kept), name) == resolve(LAYERS, name)


def test_a_published_change_has_no_effect_and_a_local_one_does():
    kept = take_snapshot(LAYERS, "jq")
    theirs = catalog('[apps.jq]\nimage = "ghcr.io/jqlang/jq:2"\n', "built-in")
    ours = catalog('[apps.jq]\nimage = "docker.io/me/jq:1"\n', "user")

    assert resolve(with_snapshot((theirs, SYSTEM, USER), kept), "jq") == resolve(LAYERS, "jq")
    assert resolve(with_snapshot((theirs, SYSTEM), kept), "jq").keys["environment"] == (
        ("SYSTEM", "1"),
        ("PROJECT", "1"),
    )
    assert resolve(with_snapshot((theirs, ours), kept), "jq").keys["image"] == "docker.io/me/jq:1"


def test_a_snapshot_keeps_the_order_of_layers():
    kept = json.loads(json.dumps(take_snapshot(LAYERS, "jq")))

    layers = [each.layer for each in with_snapshot((USER, SYSTEM), kept)]

    assert layers == ["built-in", "system", "project p", "user"]


@pytest.mark.parametrize(
    ("layer", "is_published"),
    [("built-in", True), ("team", True), ("system", False), ("user", False), ("project", False), ("override", False)],
)
def test_published_layers(layer, is_published):
    assert catalog("", layer).is_published == is_published


@pytest.mark.parametrize(
    ("layer", "is_source"),
    [("built-in", True), ("team", True), ("bundle", True), ("project p", False), ("user", False), ("system", False)],
)
def test_source_layers(layer, is_source):
    assert catalog("", layer).is_source == is_source


def test_the_snapshot_of_a_project_is_used_outside_the_project():
    kept = take_snapshot(LAYERS, "jq")
    newer = BUILT_IN._replace(tables=BUILT_IN.tables | {"apps": {"jq": {"image": "ghcr.io/jqlang/jq:2"}}})

    found = resolve(keep_sources((newer, SYSTEM, USER), kept), "jq").keys

    assert source_of(kept, "jq") == "built-in"
    assert found["image"] == "ghcr.io/jqlang/jq:2"
    assert ("PROJECT", "1") in found["environment"]


def test_no_other_published_catalog_affects_an_app_from_a_bundle():
    bundle = catalog('[apps.jq]\nimage = "docker.io/x/bundled:1"\n', BUNDLE, BUNDLE)
    kept = take_snapshot((bundle, USER), "jq")

    found = resolve(keep_sources(LAYERS, kept), "jq").keys

    assert source_of(kept, "jq") == BUNDLE
    assert found["image"] == "docker.io/x/bundled:1"
    assert ("USER", "1") in found["environment"]
    assert "network_mode" not in found
