"""An override is for an app that exists: a typo must not leave the real app with what it was to lose."""

import pytest


def kept(home):
    folder = home.path / ".config/applaunch/overrides"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("words", [["--deny", "network"], ["--show"], ["--reset"], []])
def test_an_app_that_does_not_exist_is_refused_with_the_closest_name(home, words):
    done = home.run("applaunch", "override", "yqq", *words)

    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr == "applaunch: yqq: no such app in any catalog; did you mean 'yq'? (--future for an app to come)\n"
    )
    assert kept(home) == []


def test_a_name_without_a_close_match_is_refused_with_the_search_command(home):
    done = home.run("applaunch", "override", "zzzzzz", "--deny", "network")

    assert done.returncode == 1
    assert done.stderr == "applaunch: zzzzzz: no such app in any catalog; applaunch search WORD finds apps (--future for an app to come)\n"  # fmt: skip


def test_future_accepts_an_app_that_does_not_exist_yet(home):
    home.run("applaunch", "override", "tool", "--deny", "network", "--future", check=True)

    assert home.run("applaunch", "override", "tool", check=True).stdout.split() == ["deny", "network"]
    home.run("applaunch", "override", "tool", "--deny", "ports", check=True)
    assert kept(home) == ["tool.app.toml"]
    assert home.run("applaunch", "override", "tool", "--reset", check=True).stdout == "overrides removed\n"
    assert kept(home) == []


@pytest.mark.parametrize("where", ["installed", "in a catalog"])
def test_a_command_stands_for_its_app(home, where):
    home.catalog('[apps.two]\nimage = "busybox"\n[apps.two.commands.aa]\n[apps.two.commands.bb]\n')
    if where == "installed":
        home.run("applaunch", "add", "two", check=True)

    home.run("applaunch", "override", "bb", "--deny", "network", check=True)

    assert kept(home) == ["two.app.toml"]


def test_an_installed_app_that_no_catalog_has_can_be_denied(home, installed):
    (home.path / f".config/applaunch/catalog.d/{installed}.toml").unlink()

    home.run("applaunch", "override", installed, "--deny", "ports", check=True)

    assert kept(home) == [f"{installed}.app.toml"]


def test_a_denial_works_while_a_catalog_is_broken(home, installed):
    home.catalog("no = toml = at all\n")

    assert home.run("applaunch", "override", installed, "--deny", "ports").returncode == 0
