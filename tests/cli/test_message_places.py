"""A message names the command that was typed, and no line that is not in the file."""

import ast
from pathlib import Path

import pytest
from typer.main import get_command

from launcher import errors
from launcher.cli.command_index import app

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        ("history undo abc", 2, "history undo: 'abc' is not a transaction; write its number, last, or last-1"),
        ("history redo abc", 2, "history redo: 'abc' is not a transaction; write its number, last, or last-1"),
        ("history rollback abc", 2, "history rollback: 'abc' is not a transaction; write its number, last, or last-1"),
        ("history list abc", 2, "history list: 'abc' is not a transaction; write its number, last, or last-1"),
        ("undo", 2, "usage: unknown command 'undo'; did you mean 'history undo'?"),
        ("lint mine.toml", 2, "usage: unknown command 'lint'; did you mean 'catalog lint'?"),
        ("history abc", 2, "history: unknown command 'abc'; see applaunch history --help"),
        ("keep 99", 1, "keep: there is no deployment 99; applaunch status shows their numbers"),
        ("unkeep 99", 1, "unkeep: there is no deployment 99; applaunch status shows their numbers"),
        ("shell mybox@@", 2, "shell: 'docker.io/library/busybox:@' is not an image: '' is not a digest such as sha256:0123... (64 hexadecimal digits); applaunch tags mybox"),
        ("catalog publish .", 2, "catalog publish: give either a key or --no-sign; --key ~/.ssh/id_ed25519"),
        ("config set xx 1", 2, "config set: unknown setting 'xx'; the settings are autostart, warm, warm_idle, runtime, unpack_limit, free_disk, network_keep, networks, arguments, keep, cover, show"),
        ("install mybox other --network none", 2, "add: options apply to one app only; add the other apps separately"),
        ("add mybox --as", 2, "add: option '--as' requires an argument; applaunch add --help"),
        ("catalog sign --key", 2, "catalog sign: option '--key' requires an argument; applaunch catalog sign --help"),
    ],
)  # fmt: skip
def test_a_message_names_the_command_that_was_typed(home, installed, words, code, line):
    done = home.run("applaunch", *words.split())

    assert done.returncode == code
    assert done.stderr == f"applaunch: {line}\n"


def test_no_error_names_a_command_as_its_place_by_hand():
    found = [f"{path.name}:{call.lineno}" for path, call in _raised() if _place(call) in {*_paths(get_command(app))}]

    assert not found


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("add x --image Docker.io/X", "add: image: 'Docker.io/X' is not an image: a repository is lower case"),
        ("add mybox --warm soon", "add: warm: 'soon' is not a duration; write 90s, 5m, 1h30m, 365d or 2w"),
        ("override mybox --mem-limit much", "override: mem_limit: "),
        ("override --global --network a/b", "override: network_mode: "),
    ],
)
def test_a_wrong_option_is_reported_without_a_line_of_a_file(home, installed, words, line):
    done = home.run("applaunch", *words.split())

    assert done.returncode == 1
    assert done.stderr.startswith(f"applaunch: {line}")
    assert ".toml" not in done.stderr


def test_an_error_in_the_file_is_reported_with_its_line(home):
    home.catalog('[apps.x]\nimage = "busybox"\nnetwork_mode = 7\n')

    done = home.run("applaunch", "add", "x", "--user", "image")

    assert done.stderr.startswith("applaunch: ~/.config/applaunch/catalog.toml:4: [apps.x]: network_mode: ")


def test_an_option_that_conflicts_with_the_file_is_reported_without_a_line(home):
    home.catalog('[apps.x]\nbuild = { dockerfile_inline = "FROM busybox" }\n')

    done = home.run("applaunch", "add", "x", "--image", "busybox")

    assert done.stderr == "applaunch: ~/.config/applaunch/catalog.toml: [apps.x]: 'build' and 'image' are both set; leave one out\n"  # fmt: skip


def _raised():
    kinds = {name for name in vars(errors) if isinstance(vars(errors)[name], type)}
    for room in ("cli", "manage", "core"):
        for path in sorted((ROOT / "launcher" / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds:
                    yield path, node


def _place(call):
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) else None


def _paths(group):
    """Every command by its words: ``add``, ``catalog sign``, and ``sign`` alone, which would be wrong."""
    for name in group.list_commands(None):
        found = group.get_command(None, name)
        if hasattr(found, "list_commands"):
            yield from (each for inner in _paths(found) for each in (inner, f"{name} {inner}"))
        else:
            yield name
