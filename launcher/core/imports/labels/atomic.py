"""The label RUN of images for Project Atomic: a command line without the image's name."""

from launcher.core.imports.docker.detect_runs import parse_run
from launcher.core.imports.docker.option_values import Caller
from launcher.core.imports.docker.proposal import Note
from launcher.core.imports.docker.run_line_reader import Line, read
from launcher.core.imports.shell.command_parser import parse_commands
from launcher.core.imports.shell.sh_lexer import tokenize
from launcher.core.imports.shell.tokens import Part, Word
from launcher.core.values.invalid_value import InvalidValueError

_OPTIONS = ("OPT1", "OPT2", "OPT3", "RUN_OPTS")
_IDS = {"SUDO_UID": "id -u", "SUDO_GID": "id -g"}


def from_label(label: str, image: str, caller: Caller) -> Line:
    """Read the *label* of *image*; raises `InvalidValueError`. Values that `atomic run` would fill in may be empty."""
    found = parse_commands(tokenize(label.replace("\\$", "$")))
    if len(found) != 1 or found[0].broken or found[0].end != "\n":
        raise InvalidValueError("it is more than one run")
    words, notes = [], []
    for word in found[0].words:
        if _variable(word) in _OPTIONS:
            why = "stands for options of atomic's own command line, which is empty here"
            notes.append(Note(word.source, "explained", "", why))
        else:
            words.append(_substitute(word, image))
    run = parse_run(found[0]._replace(words=tuple(words)))
    if run is None:
        raise InvalidValueError("it runs no container")
    line = read(run, caller, kind="label")
    redirected = [Note(each, "refused", "", "an entry cannot redirect") for each in found[0].redirections]
    return line._replace(notes=(*line.notes, *notes, *redirected))


def _variable(word: Word) -> str:
    return word.parts[0].text if len(word.parts) == 1 and word.parts[0].kind == "variable" else ""


def _substitute(word: Word, image: str) -> Word:
    """Return *word* with the values that `atomic run` substitutes for its own variables."""
    if word.literal in ("IMAGE", "NAME"):
        return word._replace(parts=(Part("text", image),))
    return word._replace(parts=tuple(_substitute_part(part, image) for part in word.parts))


def _substitute_part(part: Part, image: str) -> Part:
    if part.kind == "variable" and part.text in ("IMAGE", "NAME"):
        return Part("text", image)
    if part.kind == "variable" and part.text in _IDS:
        return Part("command", _IDS[part.text], part.source)
    return part
