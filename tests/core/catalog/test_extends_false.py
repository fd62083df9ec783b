"""`extends = false` ignores the layers below."""

import pytest

from launcher.core.catalog.merge import resolve
from launcher.errors import CatalogError
from tests.core.examples import catalog

LOWER = catalog(
    """
[apps.x]
description = "Of the lower layer"
image = "docker.io/library/lower:1"
volumes = ["~/.x:/x"]
aliases = ["y"]
[apps.x.commands.x]
[apps.x.commands.other]
""",
    layer="built-in",
)


def test_the_layers_below_are_ignored():
    own = catalog('[apps.x]\nextends = false\nimage = "docker.io/library/mine:1"\n')

    app = resolve([LOWER, own], "x")

    assert app.command_names == ("x",)
    assert app.entry("x").volumes == ()
    assert "description" not in app.keys
    assert "extends" not in app.keys
    assert app.origins == {"image": "user"}


def test_the_layers_above_are_still_merged():
    own = catalog('[apps.x]\nextends = false\nimage = "docker.io/library/mine:1"\n')
    above = catalog('[apps.x]\nenvironment = ["A"]\n', path="catalog.d/a.toml")

    assert resolve([LOWER, own, above], "x").entry("x").environment == (("A", None),)


def test_an_app_that_extends_it_inherits_only_what_remains():
    own = catalog('[apps.x]\nextends = false\nimage = "docker.io/library/mine:1"\n[apps.z]\nextends = "x"\n')

    assert resolve([LOWER, own], "z").entry("z").image == "docker.io/library/mine:1"


def test_your_defaults_still_apply_to_it():
    own = catalog('[defaults]\ninit = false\n[apps.x]\nextends = false\nimage = "docker.io/library/mine:1"\n')

    assert resolve([LOWER, own], "x").entry("x").init is False


@pytest.mark.parametrize("value", ["true", "1", "[]"])
def test_extends_must_be_false_or_a_name(value):
    with pytest.raises(CatalogError, match="extends"):
        catalog(f"[apps.x]\nextends = {value}\n").app("x")
