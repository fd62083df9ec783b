"""What docs/commands.md says of each command, and the commands that there are."""

import re

import typer

from launcher.cli.command_index import app
from tests.docs.markdown import ROOT, rows, section, words

COMMANDS_MD = (ROOT / "docs/commands.md").read_text()


def commands(command, path=()):
    """Yield path and command of all that can be typed, the program itself included."""
    below = command.list_commands(None) if hasattr(command, "list_commands") else ()
    if not path or not below:
        yield " ".join(path), command
    for name in below:
        yield from commands(command.get_command(None, name), (*path, name))


def usage(path, command):
    """Return how the page heads a command: its arguments as its help writes them."""
    arguments = [each.metavar for each in command.params if each.param_type_name == "argument"]
    return " ".join(word for word in ("applaunch", path, *arguments) if word)


def option(each):
    """Return how the page writes an option."""
    flag = each.is_flag or not each.metavar
    return [f"{name}" if flag else f"{name} {each.metavar}" for name in (*each.opts, *each.secondary_opts)]


ROOT_COMMAND = typer.main.get_command(app)
TREE = dict(commands(ROOT_COMMAND))
DOCUMENTED = dict(re.findall(r"^### (applaunch.*)\n((?:(?!^#).*\n?)*)", COMMANDS_MD, re.MULTILINE))


SHAPES = {row[0]: words(row[1].partition(":")[0]) for row in rows(section(COMMANDS_MD, "Shapes")) if words(row[1])}
SHAPES["standing"] += SHAPES["deployment"]  # "a deployment with ..."


def shape(usage):
    """Return the documented keys of a command's JSON, and whether it is a list of such objects."""
    said = next(row[1] for row in rows(DOCUMENTED[usage]) if words(row[0]) == ["--json"])
    if found := re.match(r"`\{(.*?)\}`", said):
        return found[1].split(", "), False
    if found := re.match(r"`\[(.*?)\]`", said):
        return SHAPES[found[1]], True
    return SHAPES[re.match(r"an? (\w+)", said)[1]], False
