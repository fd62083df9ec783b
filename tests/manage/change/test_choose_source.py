import pytest

from launcher.core.catalog.app_summary import AppSummary, summarize_app
from launcher.core.catalog.merge import app_names, resolve
from launcher.core.catalog.published_snapshot import (
    keep_sources,
    select_source,
    source_layers,
    source_of,
    take_snapshot,
    with_snapshot,
)
from launcher.errors import NotFoundError
from tests.core.examples import catalog

BUILT_IN = catalog(
    """
[apps.jq]
image = "docker.io/built-in/jq:1"
volumes = ["/b:/b"]
[apps.base]
image = "docker.io/built-in/base:1"
""",
    "built-in",
    "built-in.toml",
)
LOW = catalog(
    """
[defaults]
dns = ["9.9.9.9"]
[apps.jq]
image = "docker.io/low/jq:1"
volumes = ["/l:/l"]
[apps.base]
image = "docker.io/low/base:1"
[apps.tool]
extends = "base"
""",
    "low",
    "low/catalog.toml",
)
TEAM = catalog('[apps.jq]\nimage = "docker.io/team/jq:1"\nvolumes = ["/t:/t"]\n', "team", "team/catalog.toml")
MINE = catalog('[apps.jq]\nmem_limit = "1g"\n[apps.mine]\nextends = "jq"\n', "user", "user.toml")
ALL = (BUILT_IN, LOW, TEAM, MINE)


def image(catalogs, name="jq"):
    return resolve(catalogs, name).entry(name).image


def test_of_the_published_catalogs_the_highest_counts_alone():
    entry = resolve(ALL, "jq").entry("jq")

    assert (entry.image, [mount.source for mount in entry.volumes]) == ("docker.io/team/jq:1", ["/t"])
    assert (entry.dns, entry.mem_limit) == ((), 1 << 30)  # nothing of the others, and what the user says


def test_what_an_app_extends_comes_from_the_same_catalog():
    assert image(ALL, "tool") == "docker.io/low/base:1"


def test_an_app_of_the_users_extends_what_counts():
    assert image(ALL, "mine") == "docker.io/team/jq:1"


def test_what_is_kept_of_an_app_is_its_own_catalogs_word_alone():
    kept = take_snapshot(ALL, "jq")

    assert [(layer, path, [*tables["apps"]]) for layer, path, tables in kept] == [("team", "team/catalog.toml", ["jq"])]
    assert source_of(kept, "jq") == "team"


def test_what_is_kept_of_one_that_extends_another_is_both_of_one_catalog():
    kept = take_snapshot(ALL, "tool")

    assert [(layer, sorted(tables["apps"])) for layer, _, tables in kept] == [("low", ["base", "tool"])]
    assert kept[0][2]["defaults"] == {"dns": ["9.9.9.9"]}


def test_what_is_kept_of_an_app_of_the_users_is_what_it_extends():
    kept = take_snapshot(ALL, "mine")

    assert [(layer, [*tables["apps"]]) for layer, _, tables in kept] == [("team", ["jq"])]
    assert source_of(kept, "mine") == ""


def test_an_app_can_be_taken_from_a_lower_catalog():
    chosen = select_source(ALL, "low", ["jq"])

    assert image(chosen) == "docker.io/low/jq:1"
    assert image(with_snapshot(ALL, take_snapshot(chosen, "jq"))) == "docker.io/low/jq:1"
    assert image(chosen, "mine") == "docker.io/low/jq:1"
    assert image(select_source(ALL, "built-in", ["jq"])) == "docker.io/built-in/jq:1"


def test_it_stays_with_the_catalog_that_it_was_taken_from():
    kept = take_snapshot(select_source(ALL, "low", ["jq"]), "jq")

    assert image(keep_sources(ALL, kept)) == "docker.io/low/jq:1"
    newer = LOW._replace(tables=LOW.tables | {"apps": {"jq": {"image": "docker.io/low/jq:2"}}})
    assert image(keep_sources((BUILT_IN, newer, TEAM, MINE), kept)) == "docker.io/low/jq:2"


def test_where_that_catalog_is_gone_no_other_takes_its_place():
    kept = take_snapshot(select_source(ALL, "low", ["jq"]), "jq")

    with pytest.raises(NotFoundError):
        resolve(keep_sources((BUILT_IN, TEAM), kept), "jq")


def test_the_sources_of_an_app_are_the_published_ones_lowest_first():
    assert source_layers(ALL, "jq") == ("built-in", "low", "team")
    assert source_layers(ALL, "mine") == ()


@pytest.mark.parametrize("name", app_names(ALL))
def test_a_glance_shows_what_all_of_it_would(name):
    app = resolve(ALL, name)

    assert summarize_app(ALL, name) == AppSummary(
        app.keys["image"], app.keys.get("description", ""), app.command_names, app.origins["image"]
    )


def test_a_glance_of_commands_aliases_and_defaults():
    below = catalog(
        """
[defaults]
description = "of all"
[apps]
short = "docker.io/x:1"
[apps.a]
image = "docker.io/a:1"
aliases = ["b", "a"]
[apps.c]
description = "its own"
[apps.c.commands.d]
[apps.c.commands.e]
""",
        "system",
    )
    above = catalog('[apps.a]\ndescription = "mine"\naliases = ["z"]\n[apps.c]\nimage = "docker.io/c:1"\n')

    assert summarize_app((below, above), "short") == AppSummary("docker.io/x:1", "of all", ("short",), "system")
    assert summarize_app((below, above), "a") == AppSummary("docker.io/a:1", "mine", ("a", "b", "z"), "system")
    assert summarize_app((below, above), "c") == AppSummary("docker.io/c:1", "its own", ("d", "e"), "user")
    for name in ("short", "a"):
        assert summarize_app((below, above), name).commands == resolve((below, above), name).command_names


def test_a_glance_at_what_cannot_be_read_does_not_fail():
    odd = catalog("[apps]\nx = 5\n[apps.y]\ndescription = 7\nimage = [1]\ncommands = 3\naliases = 'q'\n")

    assert summarize_app((odd,), "y") == AppSummary("", "", ("y",), "")
