"""Catalog files: catalog lint."""

from typing import Annotated

import typer

from launcher.cli import show
from launcher.cli.door import group
from launcher.cli.words import Json
from launcher.manage import survey

catalog = group("Catalog files.")


@catalog.callback()
def _catalog() -> None:
    """Look at catalog files."""


@catalog.command()
def lint(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A catalog.")],
    json: Json = False,
) -> None:
    """Check a catalog: mistakes are errors (exit 1), the rest is advice."""
    advice = survey.lint(file)
    if json:
        show.as_json({"file": file, "advice": advice})
        return
    for words in advice:
        show.line(("advice: ", "yellow"), words)
    if not advice:
        show.line(f"{file}: nothing to mend")
