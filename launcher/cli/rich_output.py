"""Print to a terminal with rich, which honours NO_COLOR, TERM and COLUMNS. All text that comes here is printable."""

from collections.abc import Iterable, Sequence

import rich.box
from rich.console import Console
from rich.table import Table
from rich.text import Text


def open_console() -> Console:
    """Return a console that prints words as they are."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def print_parts(parts: Iterable[tuple[str, str]]) -> None:
    """Print one line of parts, each with a style."""
    open_console().print(Text.assemble(*parts))


def print_columns(headers: Sequence[str], rows: Iterable[Sequence[tuple[str, str]]], right: Sequence[str]) -> None:
    """Print a table without a frame; the columns of the headers in *right* are aligned to the right."""
    drawn = Table(box=rich.box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for header in headers:
        drawn.add_column(header, justify="right" if header in right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(text, style) for text, style in row))
    open_console().print(drawn)
