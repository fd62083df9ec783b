"""NAME@TAG and REMOTE/NAME: each command whose help promises them takes them."""

import pytest
from typer.main import get_command

from launcher.cli.command_index import app

PROMISE = "NAME@TAG"
CALLS = {
    "add": ["add", "yq@4"],
    "info": ["info", "yq@4"],
    "run": ["run", "--dry-run", "yq@4"],
    "shell": ["shell", "yq@4"],
}
"""How each that promises is called."""


def test_the_commands_that_promise_a_tag_are_known():
    root = get_command(app)
    promising = {path for path, command in _commands(root, "") if PROMISE in _arguments(command)}

    assert promising == {*CALLS}


@pytest.mark.parametrize("words", CALLS.values(), ids=CALLS)
def test_a_command_that_promises_a_tag_accepts_one(home, words):
    done = home.run("applaunch", *words)

    assert "no such app" not in done.stderr
    assert done.returncode == 0 or "cannot connect" in done.stderr


def test_info_shows_the_image_of_the_tag_and_how_to_install_it(home, answer):
    shown = home.run("applaunch", "info", "yq@4.40", check=True).stdout

    assert "Image       docker.io/mikefarah/yq:4.40\n" in shown
    assert shown.endswith("not installed; install it with: applaunch add yq@4.40\n")
    about = answer("info", "yq@4.40")
    assert about["commands"]["yq"]["image"] == about["image"]["name"] == "docker.io/mikefarah/yq:4.40"
    assert about["installed"] is None


def test_info_of_a_tag_is_not_of_what_is_installed(home, answer, installed):
    about = answer("info", f"{installed}@1.36")

    assert about["image"] == {**about["image"], "name": "docker.io/library/busybox:1.36", "digest": ""}
    assert (about["installed"], about["paths"]) == (None, [])


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("yq@a b", "info: 'docker.io/mikefarah/yq:a b' is not an image: 'a b' is not a tag (letters, digits, '_', '.', '-'; at most 128); applaunch tags yq"),
        ("yqq@4", "yqq: no such app in any catalog; did you mean 'yq'?"),
    ],
)  # fmt: skip
def test_an_invalid_tag_or_app_is_refused(home, word, line):
    assert home.run("applaunch", "info", word).stderr == f"applaunch: {line}\n"


def test_an_app_that_is_built_has_no_tags(home):
    home.catalog('[apps.x]\nbuild = { dockerfile_inline = "FROM busybox" }\n')

    done = home.run("applaunch", "info", "x@4")

    assert done.stderr == "applaunch: info: the image of x is built here and has no tags; applaunch info x\n"


TWO = '[apps.two]\nimage = "busybox"\n[apps.two.commands.aa]\n[apps.two.commands.bb]\n'


def test_edit_of_a_command_opens_the_entry_of_its_app(home):
    (home.path / "etc").mkdir()
    (home.path / "etc/catalog.toml").write_text(f"schema = 1\n{TWO}")

    home.run("applaunch", "edit", "bb", env={"EDITOR": "sed -i s/mount_cwd.*/tty=false/"}, check=True)

    assert "[apps.two]\ntty=false\n" in (home.config() / "catalog.toml").read_text()


def test_prefer_of_a_command_prefers_its_app(home):
    home.catalog(f'{TWO}[apps.other]\nimage = "busybox"\naliases = ["bb"]\n')
    home.run("applaunch", "add", "other", check=True)

    shown = home.run("applaunch", "prefer", "aa", check=True).stdout

    assert shown.splitlines()[-1].startswith("two: aa bb")


def _commands(group, lead):
    for name in group.list_commands(None):
        found = group.get_command(None, name)
        if hasattr(found, "list_commands"):
            yield from _commands(found, f"{lead}{name} ")
        else:
            yield f"{lead}{name}", found


def _arguments(command):
    return " ".join(getattr(each, "help", None) or "" for each in command.params)
