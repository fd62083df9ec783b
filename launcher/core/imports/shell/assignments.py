"""Variables that a file assigns, and the words that use them with the values filled in."""

import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import NamedTuple

from launcher.core.imports.shell.assignment_targets import changed_names, exported_names, read_defaults, read_targets
from launcher.core.imports.shell.steps import Step
from launcher.core.imports.shell.terminal_test import without_flags
from launcher.core.imports.shell.tokens import Part, Word, merge_texts
from launcher.core.values.invalid_value import InvalidValueError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ALL = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\[[@*]\]")
_MOST_PARTS, _LONGEST, _MOST_OTHERS = 1000, 100_000, 20
_OTHERWISE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*):?([-+?])(.*)", re.DOTALL)


class Assigned(NamedTuple):
    """The value that a variable has after an assignment: its words, and where it is assigned."""

    words: tuple[Word, ...]
    line: int
    source: str
    is_list: bool = False
    is_spread: bool = True  # whether its name alone stands for all of the list
    doubt: str = ""  # why its value is not known
    others: tuple[str, ...] = ()  # in doubt: all the texts that it may have
    is_exported: bool = False  # whether the file gives it to the programs that it runs


Scope = Mapping[str, Assigned]


def assign(steps: Iterable[Step], before: Scope) -> dict[str, Assigned]:
    """Return the variables of *before* as they are after the *steps*."""
    scope = dict(before)
    for step in steps:
        advance(scope, step)
    return scope


def advance(scope: MutableMapping[str, Assigned], step: Step) -> None:
    """Change the variables of *scope* as *step* does."""
    for name in changed_names(step.command):
        scope[name] = _doubtful(step, name)
    for name, is_added, words, is_list in (*read_targets(step.command), *read_defaults(step.command)):
        is_bracketed = is_list and step.command.end == "("
        value = _value(step, name, step.listed if is_bracketed else words, scope)
        value = value._replace(is_list=is_list, is_spread=step.is_spread)
        if is_added and step.is_conditional and not without_flags(_texts_of(value)):
            scope.setdefault(name, value._replace(words=()))
            continue  # whether there is a terminal: applaunch decides it itself
        if is_added and name in scope:
            value = _added(scope[name], value)
        before = scope.get(name)
        value = _merged(before, value, step) if step.is_conditional else _limited(value)
        scope[name] = value._replace(is_exported=before is not None and before.is_exported)
    for name in exported_names(step.command) & {*scope}:
        scope[name] = scope[name]._replace(is_exported=True)


def _limited(value: Assigned) -> Assigned:
    """Return *value*, in doubt if it has grown too large: it may double with each line."""
    parts = [part for word in value.words for part in word.parts]
    if len(parts) <= _MOST_PARTS and sum(len(part.text) for part in parts) <= _LONGEST:
        return value
    return value._replace(words=(), doubt=f"line {value.line} makes it too long")


def fill_in(word: Word, scope: Scope) -> list[Word]:
    """Return the words that *word* stands for, with known variables replaced; raises `InvalidValueError`."""
    if not any(part.kind in ("variable", "strange", "tilde") for part in word.parts):
        return [word]
    result: list[list[Part]] = [[]]
    is_kept = False
    for part in word.parts:
        pieces = _known(part, scope)
        if (
            pieces
            and len(pieces) > 1
            and len(word.parts) > 1
            and part.kind == "variable"
            and scope[part.text].is_spread
        ):
            raise InvalidValueError(
                f"{word.source} holds a list (line {scope[part.text].line}), which shells expand differently"
            )
        is_kept = is_kept or pieces is None or part.kind == "text" or (part.is_quoted and not _ALL.fullmatch(part.text))
        for index, piece in enumerate([[part]] if pieces is None else pieces):
            if index:
                result.append([])
            result[-1] += piece
    result = [parts for parts in result if parts] or ([[]] if is_kept else [])
    return [word._replace(parts=merge_texts(parts)) for parts in result]


def _value(step: Step, name: str, words: tuple[Word, ...], scope: Scope) -> Assigned:
    line, source = step.command.line, step.command.source
    try:
        filled = [found for word in words for found in _filled(word, scope)]
    except InvalidValueError as wrong:
        return Assigned((), line, source, doubt=wrong.what)
    marked = tuple(
        word._replace(parts=tuple(_marked(part, name, line) for part in merge_texts([*word.parts]))) for word in filled
    )
    return Assigned(marked, line, source)


def _filled(word: Word, scope: Scope) -> list[Word]:
    """Return *word* filled in as an assignment has it: never split."""
    quoted = word._replace(parts=tuple(_joined(part) for part in word.parts))
    return fill_in(quoted, scope) or [word._replace(parts=())]


def _joined(part: Part) -> Part:
    """Return *part* as an assignment has it: all arguments become one text."""
    is_all = part.kind == "arguments" and part.source != "$argv"
    return part._replace(text="*", is_quoted=False) if is_all else part._replace(is_quoted=True)


def _marked(part: Part, name: str, line: int) -> Part:
    """Return *part* so that messages about it name the assignment."""
    if part.kind == "text" or " (line " in part.source:
        return part
    return part._replace(source=f"{name}={part.source} (line {line})")


def _added(before: Assigned, value: Assigned) -> Assigned:
    if before.doubt or value.is_list or before.is_list or len(before.words) != 1 or len(value.words) != 1:
        return value._replace(words=(*before.words, *value.words), is_list=True, doubt=before.doubt)
    (one,), (other,) = before.words, value.words
    return value._replace(words=(one._replace(parts=merge_texts([*one.parts, *other.parts])),))


def _merged(before: Assigned | None, value: Assigned, step: Step) -> Assigned:
    """Return the variable whose assignment may not take place."""
    if before and not before.doubt and [w.parts for w in before.words] == [w.parts for w in value.words]:
        return before
    kept = without_flags(_texts_of(before)) if before and not before.doubt else []
    if before and kept and kept == without_flags(_texts_of(value)):
        return before
    earlier = before.others or _texts_of(before) if before else ("",)
    doubt = _doubtful(step, "")
    return doubt._replace(others=(*earlier, *_texts_of(value))[-_MOST_OTHERS:])


def _texts_of(value: Assigned) -> tuple[str, ...]:
    return (" ".join(word.literal if word.literal is not None else word.source for word in value.words),)


def _doubtful(step: Step, name: str) -> Assigned:
    what = f"line {step.command.line} may change it: {name or step.command.source}"
    return Assigned((), step.command.line, step.command.source, doubt=what)


def _known(part: Part, scope: Scope) -> list[list[Part]] | None:  # noqa: C901, PLR0911  one for each form of an expansion
    """Return the parts of each word that *part* stands for; None if the file does not assign it."""
    if part.kind == "strange" and (listed := _ALL.fullmatch(part.text)) and listed[1] in scope:
        value = _certain(listed[1], scope, part)
        return [[piece._replace(is_quoted=True) for piece in word.parts] for word in value.words] or [[]]
    if part.kind == "tilde" and "HOME" in scope:
        part = part._replace(kind="variable", text="HOME", is_quoted=True)
    if part.kind not in ("variable", "strange"):
        return None
    name, mark, text = part.text, "", ""
    if found := _OTHERWISE.fullmatch(part.text):
        name, mark, text = found[1], found[2], found[3]
    if name not in scope or not _NAME.fullmatch(name):
        return None
    value = _certain(name, scope, part)
    if mark in ("-", "+"):
        has_value = _has_value(value, part)
        if mark == "+":
            return _split(Part("text", text.strip("'\"")), part) if has_value and "$" not in text else [[]]
        if not has_value:
            return _split(Part("text", text), part) if "$" not in text else None
    if value.is_list:
        return _all_words(value, part)
    whole = part._replace(is_quoted=part.is_quoted or value.is_spread)
    pieces: list[list[Part]] = [[]]
    for piece in value.words[0].parts if value.words else ():
        for index, more in enumerate(_split(piece, whole)):
            if index:
                pieces.append([])
            pieces[-1] += more
    return pieces


def _all_words(value: Assigned, part: Part) -> list[list[Part]]:
    """Return the words of a list that *part* names alone; raises `InvalidValueError` if shells differ about them."""
    if len(value.words) > 1 and part.is_quoted:
        raise InvalidValueError(f"{part.source} is a list (line {value.line}), and stands in quotes")
    if len(value.words) > 1 and not value.is_spread:
        raise InvalidValueError(
            f"{part.source} is a list (line {value.line}): bash takes the first word of it, zsh all"
        )
    return [[*word.parts] for word in value.words] or [[]]


def _has_value(value: Assigned, part: Part) -> bool:
    """Return whether *value* is not empty; raises `InvalidValueError` if that depends on the caller."""
    parts = [each for word in value.words for each in word.parts]
    if parts and not any(each.kind != "variable" for each in parts):
        raise InvalidValueError(f"{part.source}: {parts[0].source} may be empty")
    return bool(parts)


def _certain(name: str, scope: Scope, part: Part) -> Assigned:
    value = scope[name]
    if value.doubt:
        raise InvalidValueError(f"{part.source}: {value.doubt}")
    return value


def _split(piece: Part, into: Part) -> list[list[Part]]:
    """Return *piece* as the words that a shell makes of it where *into* stands without quotes."""
    if piece.kind != "text" or into.is_quoted:
        return [[piece._replace(is_quoted=True)]]
    return [[*_with_patterns(word)] for word in re.split(r"[ \t\n]+", piece.text)]


def _with_patterns(text: str) -> Iterator[Part]:
    """Yield *text*, whose patterns a shell matches with files since it stands without quotes."""
    for each in filter(None, re.split(r"([*?\[])", text)):
        yield Part("glob", each, each) if each in "*?[" else Part("text", each)
