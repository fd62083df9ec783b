"""A group of commands that is called alone: it lists where there is something to list, and else it helps."""

import pytest

GROUPS_WITH_A_LIST = ("history", "warm", "remote", "config")
GROUPS_WITHOUT = ("engine", "catalog", "bundle")


@pytest.mark.parametrize("group", ["", *GROUPS_WITHOUT])
def test_a_bare_group_prints_its_help_on_stdout_and_ends_with_0(home, group):
    words = ["applaunch", *group.split()]
    bare, helped = home.run(*words), home.run(*words, "--help", check=True)

    assert (bare.returncode, bare.stderr) == (0, "")
    assert bare.stdout == helped.stdout
    assert len(bare.stdout.splitlines()) > 5


@pytest.mark.parametrize("group", GROUPS_WITH_A_LIST)
def test_a_bare_group_lists_where_it_has_a_list(home, group):
    bare, listed = home.run("applaunch", group), home.run("applaunch", group, "list", check=True)

    assert (bare.returncode, bare.stdout, bare.stderr) == (0, listed.stdout, "")


@pytest.mark.parametrize("group", GROUPS_WITH_A_LIST)
def test_options_of_the_list_stand_behind_a_bare_group(home, group):
    bare = home.run("applaunch", group, "--json", check=True)

    assert bare.stdout == home.run("applaunch", group, "list", "--json", check=True).stdout


def test_every_group_is_one_of_these(every_group):
    assert {*every_group} == {*GROUPS_WITH_A_LIST, *GROUPS_WITHOUT}


@pytest.fixture
def every_group():
    from typer.main import get_command

    from launcher.cli.command_index import app

    root = get_command(app)
    return [name for name in root.list_commands(None) if hasattr(root.get_command(None, name), "list_commands")]
