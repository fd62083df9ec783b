"""Parse ``-v`` and ``--mount``, as far as a catalog can express them."""

import csv
from typing import Any, NamedTuple

from launcher.core.imports.docker.option_values import Caller, Piece, Value, join_values, text_value
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.mount import Mount

_WITHOUT_EFFECT = ("cached", "delegated", "consistent", "default")  # of docker's desktops of old
_OPTIONS = ("ro", "rw", "z", "Z")
_SOURCE = ("source", "src")
_TARGET = ("target", "dst", "destination")
_READ_ONLY = ("readonly", "ro")


class Bind(NamedTuple):
    """One volume of a command line: its source and its target."""

    source: Value
    target: Value
    read_only: bool = False
    relabel: str = ""
    required: bool = True

    @property
    def is_folder(self) -> bool:
        """Whether its source is exactly the current folder."""
        return self.source.kinds == ("pwd",)

    def raw(self, target: str, caller: Caller) -> str | dict[str, Any]:
        """Return the volume in the catalog's form, validated; raises `InvalidValueError`."""
        source = _source(self.source, caller)
        is_plain = ":" not in _outside_variables(source) + target
        if self.relabel and not is_plain:
            raise InvalidValueError("a volume whose path holds a colon cannot be relabelled")
        options = ",".join(["ro"] * self.read_only + [self.relabel] * bool(self.relabel))
        short = f"{source}:{target}" + (f":{options}" if options else "")
        long: dict[str, Any] = {"source": source, "target": target}
        long |= {"read_only": True} if self.read_only else {}
        long |= {} if self.required else {"required": False}
        said = short if is_plain and self.required else long
        Mount.parse(said)
        return said


def short(value: Value) -> Bind:
    """Parse the value of ``-v``: ``SOURCE:TARGET[:OPTIONS]``; raises `InvalidValueError`."""
    match value.split(":"):
        case [_]:
            raise InvalidValueError("an unnamed volume is removed after the run: use --tmpfs or name it")
        case [source, target]:
            return Bind(_folder(source), target)
        case [source, target, said]:
            options = [word for word in _text(said).split(",") if word and word not in _WITHOUT_EFFECT]
            if bad := [word for word in options if word not in _OPTIONS]:
                raise InvalidValueError(f"its option {bad[0]!r} is not supported (ro, rw, z, Z)")
            relabel = next((word for word in options if word in ("z", "Z")), "")
            return Bind(_folder(source), target, "ro" in options, relabel)
    raise InvalidValueError("it has more than three parts")


def long(value: Value) -> Bind | tuple[str, str]:
    """Parse the value of ``--mount``; for type tmpfs return path and options. Raises `InvalidValueError`."""
    fields = dict(map(_name_and_value, _fields(value)))
    kind = _text(fields.pop("type", text_value("volume")))
    target = _take(fields, _TARGET)
    source = _take(fields, _SOURCE)
    read_only = _read_only(fields)
    if _text(fields.pop("consistency", text_value("default"))) not in _WITHOUT_EFFECT:
        raise InvalidValueError("its consistency is none that docker knows")
    if target is None:
        raise InvalidValueError("it has no target")
    if kind == "tmpfs":
        return _text(target), _tmpfs(fields, read_only=read_only)
    relabel = _relabel(fields)
    if kind not in ("bind", "volume"):
        raise InvalidValueError(f"no key mounts the type {kind!r}")
    if fields:
        raise InvalidValueError(f"its part {next(iter(fields))!r} is not supported")
    if source is None:
        raise InvalidValueError("an unnamed volume is removed after the run: use --tmpfs or name it")
    if kind == "volume" and _text(source).startswith(("/", ".", "~")):
        raise InvalidValueError("a volume's name is no path")
    return Bind(_folder(source) if kind == "bind" else source, target, read_only, relabel)


def _fields(value: Value) -> list[Value]:
    """Split at commas, with CSV quotes."""
    text = "".join(piece.text for piece in value.pieces if piece.kind == "text")
    if '"' not in text:
        return value.split(",")
    if value.kinds != ("text",):
        raise InvalidValueError("it mixes quotes and variables")
    try:
        (row,) = csv.reader([text], strict=True)
    except (csv.Error, ValueError):
        raise InvalidValueError("its quotes are no CSV") from None
    return [text_value(field) for field in row]


def _name_and_value(field: Value) -> tuple[str, Value]:
    name, *rest = field.split("=", 1)
    return _text(name).lower().strip(), join_values(rest, "=")


def _take(fields: dict[str, Value], names: tuple[str, ...]) -> Value | None:
    found = [fields.pop(name) for name in names if name in fields]
    return found[0] if found else None


def _read_only(fields: dict[str, Value]) -> bool:
    said = _take(fields, _READ_ONLY)
    if said is None:
        return False
    if (word := _text(said)) in ("", "1", "true"):
        return True
    if word in ("0", "false"):
        return False
    raise InvalidValueError(f"readonly={word} is neither true nor false")


def _relabel(fields: dict[str, Value]) -> str:
    """Remove podman's ``relabel=shared|private``, ``z`` or ``Z`` from *fields* and return ``z``, ``Z`` or ""."""
    said = fields.pop("relabel", None)
    if said is not None:
        return {"shared": "z", "private": "Z"}.get(_text(said), "") or _refuse_label(_text(said))
    return next((word for word in ("z", "Z") if fields.pop(word, None) is not None), "")


def _refuse_label(word: str) -> str:
    raise InvalidValueError(f"relabel={word} is neither shared nor private")


def _tmpfs(fields: dict[str, Value], *, read_only: bool) -> str:
    options = ["ro"] if read_only else []
    for name, option in (("tmpfs-size", "size"), ("tmpfs-mode", "mode")):
        if (said := fields.pop(name, None)) is not None:
            options.append(f"{option}={_text(said)}")
    if fields:
        raise InvalidValueError(f"its part {next(iter(fields))!r} is not supported")
    return ",".join(options)


def _folder(source: Value) -> Value:
    """Return *source* with a leading ``.`` as the current folder and a literal ``~`` as the home."""
    if source.kinds[:1] != ("text",):
        return _without_slash(source)
    first, *rest = source.pieces
    for mark, kind in ((".", "pwd"), ("~", "home")):
        if first.text == mark or first.text.startswith(f"{mark}/"):
            text = first.text[1:]
            return _without_slash(source._replace(pieces=(Piece(kind), *_texts(text), *rest)))  # type: ignore[arg-type]  # the two kinds above
    if first.text == ".." or first.text.startswith("../"):
        return source._replace(pieces=(Piece("pwd"), Piece("text", f"/{first.text}"), *rest))
    return source


def _texts(text: str) -> tuple[Piece, ...]:
    return (Piece("text", text),) if text else ()


def _without_slash(source: Value) -> Value:
    """Return *source* without a slash after the current folder."""
    is_folder = source.kinds == ("pwd", "text") and source.pieces[1].text in ("/", "/.")
    return source._replace(pieces=source.pieces[:1]) if is_folder else source


def _source(source: Value, caller: Caller) -> str:
    """Return the source in the catalog's form: with a leading ``~``, or variables in braces."""
    if source.kinds[:1] == ("home",):
        rest = source._replace(pieces=source.pieces[1:]).template(caller)
        if rest and not rest.startswith("/"):
            return "${HOME}" + rest
        return "~" + rest
    return source.template(caller)


def _outside_variables(text: str) -> str:
    return "".join(piece.partition("}")[2] if index else piece for index, piece in enumerate(text.split("${")))


def _text(value: Value) -> str:
    if value.kinds not in ((), ("text",)):
        raise InvalidValueError("a variable stands where a word of docker's belongs")
    return value.pieces[0].text if value.pieces else ""
