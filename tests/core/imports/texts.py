"""Shared by the tests of imports: a caller, the corpus and short helpers."""

from pathlib import Path

from launcher.core.imports.docker.option_values import Caller
from launcher.core.imports.script_reader import from_script

CORPUS = Path(__file__).parent / "corpus"
ANA = Caller("/home/ana", 1000, 1000, "ana", "/home/ana/project")


def read(text, *, fish=False):
    """Return all that *text* proposes and leaves."""
    return from_script(text, "text", ANA, is_fish=fish)


def corpus(name):
    """Return all that a text of the corpus proposes and leaves."""
    return read((CORPUS / f"{name}.txt").read_text(), fish=name == "fish")


def line(text, *, fish=False):
    """Return the one proposal that the line *text* makes."""
    found = read(text, fish=fish)
    assert not found.skipped, found.skipped
    (one,) = found.proposals
    return one


def keys(options, image="docker.io/library/x:latest"):
    """Return the keys that *options* make, those left out that every line makes."""
    table = line(f"docker run --rm {options} {image}").table
    every = {"image": image, "user": "image", "mount_cwd": "none", "path_args": "none"}
    return {key: value for key, value in table.items() if every.get(key) != value}


def lost(options):
    """Return what is refused of *options*, with the reasons."""
    return {note.part: note.why for note in line(f"docker run --rm {options} x").notes if note.fate == "refused"}


def told(options):
    """Return what is explained of *options*, with the reasons."""
    notes = line(f"docker run --rm {options} x").notes
    return {note.part: note.why for note in notes if note.fate == "explained" and note.part != "--rm"}
