"""Every option of docker run and podman run in every form: each part of a line gets a note."""

import re
import shlex

import pytest

from launcher.core.imports.docker.docker_flags import DOCKER
from launcher.core.imports.docker.option_parser import FLAGS
from launcher.core.imports.docker.podman_flags import PODMAN
from launcher.core.imports.script_reader import from_script
from tests.core.imports.texts import ANA, CORPUS

NAMES = {name: flag for flag in FLAGS.values() for name in (flag.name, *flag.also)}
SHORT = {flag.short: flag for flag in FLAGS.values() if flag.short}
LINES = [
    line
    for name in ("docker_flags", "podman_flags")
    for line in (CORPUS / f"{name}.txt").read_text().splitlines()
    if " run " in line and not line.startswith("#")
]


def options(text):
    """Return the options of a line as (name, form), found without the parser that is tested: the corpus is plain."""
    found = []
    words = re.findall(r"(?:\$\([^)]*\)|[^\s'\"]|'[^']*'|\"[^\"]*\")+", text)[2:-1]
    while words:
        word = words.pop(0)
        if word.startswith("--"):
            name, equals, _ = word[2:].partition("=")
            form = "=" if equals else "separated" if NAMES[name].takes else "alone"
            found.append((NAMES[name].name, f"--{form}"))
            if form == "separated":
                words.pop(0)
            continue
        for place, letter in enumerate(word[1:], 1):
            flag, rest = SHORT[letter], word[place + 1 :]
            cluster = "cluster " if place > 1 else ""
            if rest.startswith("=") or (flag.takes and rest):
                found.append((flag.name, f"-{cluster}{'=' if rest.startswith('=') else 'joined'}"))
                break
            found.append((flag.name, f"-{cluster}{'separated' if flag.takes else 'alone'}"))
            if flag.takes:
                words.pop(0)
    return found


def test_the_corpus_has_every_option_in_every_form():
    has = {each for line in LINES for each in options(line)}
    missing = []
    for flag in FLAGS.values():
        forms = ["--=", "--separated" if flag.takes else "--alone"]
        if flag.short:
            forms += (
                ["-separated", "-joined", "-=", "-cluster separated"]
                if flag.takes
                else ["-alone", "-=", "-cluster alone"]
            )
        missing += [(flag.name, form) for form in forms if (flag.name, form) not in has]

    assert missing == []
    assert len(LINES) == len(DOCKER) + len(PODMAN)


@pytest.mark.parametrize("line", LINES, ids=[line.split()[3].lstrip("-") for line in LINES])
def test_each_part_of_a_line_has_a_note(line):
    (proposal,) = from_script(line, "corpus", ANA).proposals
    told = [note.part.partition(" ")[0].partition("=")[0] for note in proposal.notes if note.part.startswith("-")]
    written = [note.part for note in proposal.notes]

    names = [NAMES[part[2:]].name if part.startswith("--") else SHORT[part[1]].name for part in told]
    assert names == [name for name, _ in options(line)]
    assert all(note.fate in ("carried", "explained", "refused") for note in proposal.notes)
    assert all(note.why for note in proposal.notes if note.fate != "carried")
    assert all(note.key in proposal.table for note in proposal.notes if note.fate == "carried")
    for word in shlex.split(line)[2:]:
        assert any(word.lstrip("-") in _plain(part) for part in written) or _is_cluster(word), word


def _plain(part):
    return " ".join(shlex.split(part))


def _is_cluster(word):
    return re.fullmatch(r"-[a-zA-Z]{2,}", word) is not None
