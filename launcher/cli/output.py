"""How answers look: a table or lines for people, JSON for programs; foreign text never moves the cursor."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from launcher.errors import printable
from launcher.host.process import is_terminal

if TYPE_CHECKING:
    from rich.console import Console

Cell = str | tuple[str, str]
"""Words, plain or with a style of rich's."""

_UNITS = ("B", "kB", "MB", "GB", "TB")
_STEP = 1000


def out() -> "Console":
    """Return the console for answers on a terminal; rich itself honours NO_COLOR, TERM and COLUMNS."""
    from rich.console import Console  # noqa: PLC0415  90 ms, where nobody looks not worth it

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def counted(number: int, noun: str) -> str:
    """Return how many: ``1 app``, ``2 apps``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def is_seen() -> bool:
    """Tell whether answers go to a terminal, or to what asks for the look of one."""
    return is_terminal(1) or bool(os.environ.get("FORCE_COLOR"))


def as_json(value: Any) -> None:
    """Print *value* for a program: one JSON document on stdout, ASCII only, and of that what can be seen."""
    said = json.dumps(_plain(value), indent=2, default=str)
    sys.stdout.write(said.replace("\x7f", "\\u007f") + "\n")  # the one control character that json leaves as it is


def _plain(value: Any) -> Any:
    """Return *value* with every record as an object: json itself would make an array of its fields."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def line(*parts: Cell) -> None:
    """Print one line made of parts."""
    words = [(part, "") if isinstance(part, str) else part for part in parts]
    if not is_seen():
        _write("".join(printable(text) for text, _ in words))
        return
    from rich.text import Text  # noqa: PLC0415  as above

    out().print(Text.assemble(*((printable(text), style) for text, style in words)))


def table(headers: Sequence[str], rows: Iterable[Sequence[Cell]], right: Sequence[str] = ()) -> None:
    """Print a table in dnf's way: headers, no frame; off a terminal nothing is cut."""
    cells = [[(cell, "") if isinstance(cell, str) else cell for cell in row] for row in rows]
    shown = [[(printable(text), style) for text, style in row] for row in cells]
    if not is_seen():
        for words in _aligned(
            [headers, *([text for text, _ in row] for row in shown)], [each in right for each in headers]
        ):
            _write(words)
        return
    import rich.box  # noqa: PLC0415  as above
    from rich.table import Table  # noqa: PLC0415  as above
    from rich.text import Text  # noqa: PLC0415  as above

    drawn = Table(box=rich.box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for header in headers:
        drawn.add_column(header, justify="right" if header in right else "left", overflow="fold")
    for row in shown:
        drawn.add_row(*(Text(text, style) for text, style in row))
    out().print(drawn)


def _aligned(rows: Sequence[Sequence[str]], right: Sequence[bool]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    places = [
        [cell.rjust(width) if last else cell.ljust(width) for cell, width, last in zip(row, widths, right, strict=True)]
        for row in rows
    ]
    return ["  ".join(row).rstrip() for row in places]


def _write(words: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(words.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def size(number: int) -> str:
    """Return bytes as people read them, in docker's decimal units: ``412MB``."""
    value = float(number)
    for unit in _UNITS:
        if value < _STEP or unit == _UNITS[-1]:
            return f"{value:.3g}{unit}"
        value /= _STEP
    return ""


def moment(text: str) -> str:
    """Return a moment of the record in local time, as dnf shows it."""
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M") if text else ""


def short(digest: str) -> str:
    """Return a digest's first twelve digits, as docker shows them."""
    return digest.rpartition(":")[2][:12]
