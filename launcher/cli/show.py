"""How answers look: a table or lines for people, JSON for programs; foreign text never moves the cursor."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import rich.box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from launcher.errors import printable

_UNITS = ("B", "kB", "MB", "GB", "TB")
_STEP = 1000


def out() -> Console:
    """Return the console for answers; rich itself honours NO_COLOR, TERM and COLUMNS."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def as_json(value: Any) -> None:
    """Print *value* for a program: one JSON document on stdout, ASCII only."""
    sys.stdout.write(json.dumps(_plain(value), indent=2, default=str) + "\n")


def _plain(value: Any) -> Any:
    """Return *value* with every record as an object: json itself would make an array of its fields."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def line(*parts: str | tuple[str, str]) -> None:
    """Print one line made of plain and of styled parts ``(text, style)``."""
    text = Text()
    for part in parts:
        words, style = (part, "") if isinstance(part, str) else part
        text.append(printable(words), style)
    out().print(text)


def table(headers: Sequence[str], rows: Iterable[Sequence[str | Text]], right: Sequence[str] = ()) -> None:
    """Print a table in dnf's way: headers, no frame; off a terminal nothing is cut."""
    console = out()
    shown = Table(box=rich.box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False, header_style="bold")
    for header in headers:
        shown.add_column(header, justify="right" if header in right else "left", no_wrap=not console.is_terminal)
    for row in rows:
        shown.add_row(*(cell if isinstance(cell, Text) else Text(printable(cell)) for cell in row))
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, emoji=False, width=10_000)
    console.print(shown)


def size(number: int) -> str:
    """Return bytes as people read them, in docker's decimal units: ``412MB``."""
    value = float(number)
    for unit in _UNITS:
        if value < _STEP or unit == _UNITS[-1]:
            return f"{value:.3g}{unit}"
        value /= _STEP
    return ""


def short(digest: str) -> str:
    """Return a digest's first twelve digits, as docker shows them."""
    return digest.rpartition(":")[2][:12]
