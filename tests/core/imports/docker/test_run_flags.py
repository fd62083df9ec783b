"""The table of options: complete, and the same as the page in the docs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from launcher.core.catalog.keys import KEYS, NOT_YET
from launcher.core.imports.docker.docker_flags import DOCKER
from launcher.core.imports.docker.option_converters import CONVERTERS
from launcher.core.imports.docker.option_parser import FLAGS
from launcher.core.imports.docker.podman_flags import PODMAN

PAGE = (Path(__file__).parents[4] / "docs/import.md").read_text()


@pytest.mark.parametrize(("program", "table"), [("docker", DOCKER), ("podman", (*DOCKER, *PODMAN))])
def test_every_option_that_the_installed_program_has_is_in_the_table(program, table):
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed: apt install {program}")
    said = subprocess.run([program, "run", "--help"], capture_output=True, text=True, check=True).stdout
    has = {
        name: (short, bool(value))
        for short, name, value in re.findall(r"^\s+(?:-(\w), )?\s*--([\w-]+)(?: (\S+))?(?:  |$)", said, re.MULTILINE)
    }
    known = {name: (flag.short, flag.takes) for flag in table for name in (flag.name, *flag.also)}

    assert len(has) > 80
    assert has == {name: known.get(name) for name in has}


def test_the_options_of_docker_28_are_complete():
    assert len(DOCKER) == 104
    assert [flag.name for flag in DOCKER] == sorted(flag.name for flag in DOCKER)
    assert len(FLAGS) == len(DOCKER) + len(PODMAN)


@pytest.mark.parametrize("flag", FLAGS.values(), ids=FLAGS)
def test_each_option_has_a_fate_with_a_reason(flag):
    if flag.fate == "carried":
        assert flag.key in KEYS
        assert flag.name in CONVERTERS or not flag.takes
    elif flag.key:
        assert flag.key in NOT_YET, "this key works by now: let the option be carried"
    assert flag.why or flag.fate == "carried"
    assert not flag.why.endswith(".")


def test_only_carried_options_have_a_converter():
    assert [name for name in CONVERTERS if FLAGS[name].fate != "carried"] == []


def row(flag):
    """Return how the page tells of an option."""
    names = ", ".join(
        f"`{name}`"
        for name in (
            f"--{flag.name}",
            *([f"-{flag.short}"] if flag.short else []),
            *(f"--{each}" for each in flag.also),
        )
    )
    key = f"`{flag.key}`" if flag.fate == "carried" else ""
    why = flag.why.replace("|", "\\|")
    return f"| {names} | {flag.fate} | {'; '.join(filter(None, (key, why)))} |"


@pytest.mark.parametrize("table", [DOCKER, PODMAN], ids=["docker", "podman"])
def test_the_page_matches_the_table_of_options(table):
    assert [row(flag) for flag in table if row(flag) not in PAGE] == []


def test_the_page_lists_no_other_options():
    names = re.findall(r"^\| `--([\w-]+)`.* \| (?:carried|explained|refused) \|", PAGE, re.MULTILINE)

    assert sorted(names) == sorted(FLAGS)
