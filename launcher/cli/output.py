"""Print answers: lines and tables for people, JSON for programs. Control characters are escaped."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from launcher.errors import printable
from launcher.host.process import is_terminal

Cell = str | tuple[str, str]
"""Text, plain or with a rich style."""

_UNITS = ("B", "kB", "MB", "GB", "TB")
_STEP = 1000


def count(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 app``, ``2 apps``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def is_on_terminal() -> bool:
    """Return whether stdout is a terminal or FORCE_COLOR is set."""
    return is_terminal(1) or bool(os.environ.get("FORCE_COLOR"))


def print_json(value: Any) -> None:
    """Print *value* as one JSON document in printable ASCII."""
    text = json.dumps(_plain(value), indent=2, default=str)
    sys.stdout.write(text.replace("\x7f", "\\u007f") + "\n")  # the only control character that json does not escape


def _plain(value: Any) -> Any:
    """Return *value* with each NamedTuple as an object; json would make it an array."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def print_line(*parts: Cell) -> None:
    """Print one line of parts."""
    words = [(part, "") if isinstance(part, str) else part for part in parts]
    if not is_on_terminal():
        _write_line("".join(printable(text) for text, _ in words))
        return
    _rich_output().print_parts([(printable(text), style) for text, style in words])


def print_note(text: str) -> None:
    """Print a note that needs no action now."""
    print_line(("note: ", "yellow"), text)


def print_pairs(pairs: Iterable[tuple[str, str]], width: int) -> None:
    """Print names with their values, one to a line; the names fill *width* columns."""
    for name, value in pairs:
        print_line((f"{name:<{width}}", "bold"), value)


def print_table(headers: Sequence[str], rows: Iterable[Sequence[Cell]], right: Sequence[str] = ()) -> None:
    """Print a table with headers and no frame, as dnf does; without a terminal no cell is cut."""
    cells = [[(cell, "") if isinstance(cell, str) else cell for cell in row] for row in rows]
    shown = [[(printable(text), style) for text, style in row] for row in cells]
    if not is_on_terminal():
        for words in _align_columns(
            [headers, *([text for text, _ in row] for row in shown)], [each in right for each in headers]
        ):
            _write_line(words)
        return
    _rich_output().print_columns(headers, shown, right)


def terminal_width() -> int:
    """Return the columns of the terminal that stdout is, 0 if it is none."""
    return _rich_output().open_console().width if is_on_terminal() else 0


def _rich_output() -> Any:
    from launcher.cli import rich_output  # noqa: PLC0415  90 ms, where nobody looks not worth it

    return rich_output


def _align_columns(rows: Sequence[Sequence[str]], right: Sequence[bool]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    places = [
        [cell.rjust(width) if last else cell.ljust(width) for cell, width, last in zip(row, widths, right, strict=True)]
        for row in rows
    ]
    return ["  ".join(row).rstrip() for row in places]


def _write_line(words: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(words.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def format_size(number: int) -> str:
    """Return a size in decimal units, as docker does: ``412MB``."""
    value = float(number)
    for unit in _UNITS:
        if value < _STEP or unit == _UNITS[-1]:
            return f"{value:.3g}{unit}"
        value /= _STEP
    return ""


def format_time(text: str) -> str:
    """Return a time of the record in local time."""
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M") if text else ""


def short_digest(digest: str) -> str:
    """Return the first twelve digits of a digest, as docker does."""
    return digest.rpartition(":")[2][:12]
