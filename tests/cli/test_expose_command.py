"""Names on PATH: added, taken off, put back, and given to another app."""

import os

import pytest


@pytest.fixture
def two(home):
    """Two apps that both have a command bb; the first is installed."""
    home.catalog(
        '[apps.two]\nimage = "docker.io/library/busybox:latest"\n[apps.two.commands.aa]\n[apps.two.commands.bb]\n'
        '[apps.bb]\nimage = "docker.io/library/busybox:latest"\n'
    )
    home.run("applaunch", "add", "two", check=True)
    return home


def on_path(home):
    return sorted(os.listdir(home.bin))


def test_a_command_name_of_another_app_is_refused_until_prefer(two):
    assert "the command 'bb' belongs to the app 'two'" in two.run("applaunch", "add", "bb").stderr

    assert two.run("applaunch", "prefer", "bb").returncode == 0

    assert on_path(two) == ["aa", "bb"]
    assert two.run("applaunch", "which", "bb").stdout.splitlines()[1].strip().startswith("app bb")
    assert "belongs to the app" in two.run("applaunch", "expose", "bb").stderr
    two.run("applaunch", "prefer", "two", check=True)
    assert two.run("applaunch", "which", "bb").stdout.splitlines()[1].strip().startswith("app two")


def test_unexpose_removes_a_command_and_expose_restores_it(two):
    two.run("applaunch", "unexpose", "aa", check=True)
    assert on_path(two) == ["bb"]
    two.run("applaunch", "add", "two", check=True)
    assert on_path(two) == ["bb"]
    assert two.run("applaunch", "doctor", "--json").stdout.count("the catalogs have") == 0

    two.run("applaunch", "expose", "aa", check=True)

    assert on_path(two) == ["aa", "bb"]


def test_alias_adds_another_name(two):
    two.run("applaunch", "unexpose", "bb", check=True)
    two.run("applaunch", "add", "bb", check=True)

    two.run("applaunch", "alias", "bb", "Better", check=True)

    assert on_path(two) == ["Better", "aa", "bb"]
    assert two.run("applaunch", "run", "--dry-run", "Better").stdout.endswith("docker.io/library/busybox:latest\n")
    ended = two.run("applaunch", "alias", "aa", "b d")
    assert (ended.returncode, ended.stderr.startswith("applaunch: alias: aa is not the main command")) == (2, False)
    two.run("applaunch", "history", "undo", "last", "-y", check=True)
    assert on_path(two) == ["aa", "bb"]


@pytest.mark.parametrize(
    "words", [("expose", "nope"), ("unexpose", "nope"), ("alias", "nope", "x"), ("prefer", "nope")]
)
def test_an_unknown_name_is_reported_in_one_line(two, words):
    ended = two.run("applaunch", *words)

    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
