"""The command tags."""

from typing import Annotated

import typer

from launcher.cli import output
from launcher.cli.options import Json, known_names
from launcher.manage.context import Context
from launcher.manage.query import image_tags

_MARK = "●"


def tags(
    name: Annotated[
        str, typer.Argument(metavar="NAME", autocompletion=known_names, help="An app, a command, or an image.")
    ],
    limit: Annotated[int, typer.Option(metavar="N", min=0, help="Show at most N; 0 for all.")] = 20,
    json: Json = False,
) -> None:
    """List the tags of an app's image, the highest version first; ● marks the one in use."""
    found = image_tags.list_tags(Context.open(), name, limit)
    if json:
        output.print_json(found)
        return
    output.print_line((found.image, "bold"))
    output.print_table(("", "Tag"), [(_MARK if tag == found.tag else "", tag) for tag in found.tags])
    if found.tag and found.tag not in found.tags and found.complete:
        output.print_line(
            ("gone: ", "yellow"), f"the registry has no tag {found.tag!r}, which {found.app or 'that name'} asks for"
        )
    if found.more:
        output.print_line((f"({found.more} more: applaunch tags {name} --limit 0)", "dim"))
    if not found.complete:
        output.print_line(("(the registry has more tags than were read)", "dim"))
