"""Definitions in the forms that people use: each is run by its own shell, and its imported entry gives docker the same.

Above each definition of `kept/` stands what importing it gives: ``equivalent``; ``noted``: an entry, and a note for
what it lacks; ``left``: no entry, and the reason; ``bare``: it drops its arguments, and is called without any.
"""

import os
import re
import shlex
import shutil
from collections import Counter
from pathlib import Path

import pytest

from launcher.core.imports.compose.compose_services import from_compose
from launcher.core.imports.docker.option_values import Caller
from launcher.core.imports.docker.proposal import NO_RUN
from launcher.core.imports.fenced_lines import fenced_lines
from launcher.core.imports.script_reader import from_script
from launcher.manage.convert import safe_yaml
from tests.core.imports.recorded_runs import ARGS, World, differences

KEPT = Path(__file__).parent / "kept"
FILES = sorted(path for path in KEPT.iterdir() if path.is_file())
TRICKY = sorted((Path(__file__).parent / "tricky").iterdir())
"""Definitions that nobody may publish, but that a shell reads in another way than one thinks."""
_NO_OWN_PROGRAM = """
command() { [ "$1" = -v ] && [ "$2" != docker ] && return 1; builtin command "$@"; }
type() { return 1; }
hash() { return 1; }
"""
"""In a function of bash, a search for the program of its name finds the function itself; here it finds nothing."""
_ABBREVIATED = """
function abbr
  set -l at 1
  while string match -q -- "-*" $argv[$at]; set at (math $at + 1); end
  set -l next (math $at + 1)
  alias $argv[$at] "$argv[$next..-1]"
end
"""
"""An abbreviation is for people who type; here it is a command."""
SHELLS = {
    ".bash": ("bash", "--norc"),
    ".md": ("bash", "--norc"),
    ".zsh": ("zsh", "-f"),
    ".fish": ("fish", "--no-config"),
}
_PRELUDES = {"bash": "shopt -s expand_aliases\n", "fish": _ABBREVIATED, "zsh": ""}
_NAME = re.compile(r"(?:alias |function |abbr (?:-\S+ )*)?([\w-]+)")


def _expected(text):
    """Return what each definition of *text* must give, by name."""
    rows = [row.strip() for row in text.splitlines()]
    marked = [(row.removeprefix("#= "), rows[at + 1]) for at, row in enumerate(rows) if row.startswith("#= ")]
    return {said.rpartition(": ")[0] or _NAME.match(row)[1]: said.rpartition(": ")[2] for said, row in marked}


def _caller(world):
    return Caller(str(world.home), os.getuid(), os.getgid(), world.env["USER"], str(world.work))


def _judge(proposal, world, args=ARGS):
    """Return what became of one proposal: ``equivalent``, ``noted``, or the differences."""
    if any(note.fate == "refused" and note.part.startswith("-") for note in proposal.notes):
        return "noted"
    words, env = world.recorded(proposal.name)
    found = differences(words, env, world.planned(proposal, args), world.work)
    return "equivalent" if not found else f"wrong: {found}"


def _quoted(word):
    return f'"{word}"'


def _program(name):
    return shutil.which(name) or pytest.skip(f"{name} is not installed: apt install {name}")


def _of_file(path, world):
    """Return what becomes of each definition of the file at *path*."""
    name, text = path.name, path.read_text()
    text = fenced_lines(text) if name.endswith(".md") else text
    source = world.home / name
    source.write_text(text)
    expected = _expected(text)
    program, option = SHELLS[path.suffix]
    said = {each: () if fate == "equivalent bare" else ARGS for each, fate in expected.items()}
    calls = "".join(
        f"set -gx CALLED {each}\n{each} {' '.join(map(repr, args))}\n"
        if program == "fish"
        else f"export CALLED={each}\n(eval '{each} {' '.join(map(_quoted, args))}')\n"
        for each, args in said.items()
    )
    script = world.home / f"script{path.suffix}"
    script.write_text(f"{_PRELUDES[program]}. {source}\n" + (_NO_OWN_PROGRAM if program == "bash" else "") + calls)
    world.call([_program(program), option, str(script)], "")
    found = from_script(text, name, _caller(world), is_fish=program == "fish")
    made = {each.name: _judge(each, world, said[each.name]) for each in found.proposals if each.name in expected}
    expected = {each: fate.removesuffix(" bare") for each, fate in expected.items()}
    left = {each.name: each.why for each in found.skipped if each.name}
    return (
        expected,
        {each: made.get(each) or ("dropped" if left.get(each, NO_RUN) == NO_RUN else "left") for each in expected},
        left,
    )


def _scripts(world):
    """Return what becomes of each script of `kept/bin`."""
    expected, made, left = {}, {}, {}
    for path in sorted((KEPT / "bin").iterdir()):
        text = path.read_text()
        name = path.name.split(".")[0]
        expected[name] = re.search(r"#= (\w+)", text)[1]
        program = "fish" if path.suffix == ".fish" else "bash" if "bash" in text.split("\n", 1)[0] else "sh"
        world.call([_program(program), str(path), *ARGS], name)
        found = from_script(text, path.name, _caller(world), is_fish=program == "fish", name=name)
        for each in found.proposals:
            made[name] = _judge(each, world) if each.name == name else f"named {each.name}"
        left.update((name, each.why) for each in found.skipped if each.why != NO_RUN)
        made[name] = made.get(name) or ("left" if name in left else "dropped")
    return expected, made, left


def _services(world):
    """Return what becomes of each service of `kept/compose`; no compose runs: each service says its own run line."""
    expected, made, left = {}, {}, {}
    for path in sorted((KEPT / "compose").glob("*.yaml")):
        for all_of_them, some in zip((expected, made, left), _services_of(path, world), strict=True):
            all_of_them.update(some)
    return expected, made, left


def _services_of(path, world):
    services = safe_yaml.read(path.read_text())
    settings = dict(row.split("=") for row in path.with_name(".env").read_text().split())
    found = from_compose(services, path.name, _caller(world), settings)
    expected = {name: service["x-fate"] for name, service in services["services"].items()}
    made, left = {}, {each.name: each.why for each in found.skipped}
    for each in found.proposals:
        if any(note.fate == "refused" for note in each.notes):
            made[each.name] = "noted"
            continue
        words = shlex.split(services["services"][each.name]["x-run"].replace("~", str(world.home)))
        apart = differences(words, {}, world.planned(each, ()), world.work)
        made[each.name] = f"wrong: {apart}" if apart else "equivalent"
    return expected, {name: made.get(name) or ("left" if name in left else "dropped") for name in expected}, left


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


@pytest.mark.parametrize("path", [*FILES, *TRICKY], ids=lambda path: path.name)
def test_an_imported_definition_gives_docker_the_same_as_its_shell(world, path):
    expected, made, left = _of_file(path, world)

    assert {each: (made[each], left.get(each)) for each in expected if made[each] != expected[each]} == {}


def test_an_imported_script_gives_docker_the_same(world):
    expected, made, left = _scripts(world)

    assert {each: (made[each], left.get(each)) for each in expected if made[each] != expected[each]} == {}


def test_an_imported_service_gives_docker_what_compose_would(world):
    expected, made, left = _services(world)

    assert {each: (made[each], left.get(each)) for each in expected if made[each] != expected[each]} == {}


def test_most_definitions_are_equivalent_and_none_is_dropped_or_wrong(tmp_path):
    made = {str(path): _of_file(path, World(tmp_path / path.name))[1] for path in FILES}
    made |= {f"bin/{name}": {name: fate} for name, fate in _scripts(World(tmp_path / "bin"))[1].items()}
    made["compose"] = _services(World(tmp_path / "compose"))[1]
    hard = {name: fates for name, fates in made.items() if _is_hard(name)}
    services = hard.setdefault("compose", {})
    for path in (each for each in (KEPT / "compose").glob("*.yaml") if _is_hard(str(each))):
        services |= {name: made["compose"].pop(name) for name in safe_yaml.read(path.read_text())["services"]}
    plain = Counter(
        fate for name, fates in made.items() if name not in hard or name == "compose" for fate in fates.values()
    )
    difficult = Counter(fate for fates in hard.values() for fate in fates.values())

    assert {*plain} | {*difficult} == {"equivalent", "noted", "left"}
    assert plain["equivalent"] >= 0.9 * plain.total(), plain
    page = " ".join((Path(__file__).parents[3] / "docs/import.md").read_text().split())
    assert f"Of {plain.total()} definitions" in page
    for counts in (plain, difficult):
        assert _shares(counts) in page


def _is_hard(path):
    """Return whether the definitions of *path* were written to find what the import does not understand."""
    return Path(path).stem in ("tools", "work") or path.endswith("9")


def _shares(counts):
    return f"{counts['equivalent']} import to an equivalent run, {counts['noted']} to an entry with a note"
