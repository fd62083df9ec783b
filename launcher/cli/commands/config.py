"""The commands config list and config set."""

from json import dumps
from typing import Annotated, Any

import typer

from launcher.cli import output
from launcher.cli.group import Listing, group
from launcher.cli.options import Json
from launcher.manage.context import Context
from launcher.manage.machine import change_settings

config = group("Show and change settings.", cls=Listing)


def _keys(incomplete: str) -> list[str]:
    return [key for key in change_settings.setting_keys() if key.startswith(incomplete)]


@config.command("list")
def list_(json: Json = False) -> None:
    """List the settings: each value, and whether you set it."""
    found = change_settings.list_settings(Context.open())
    if json:
        output.print_json(found)
    else:
        rows = [(each.key, _toml(each.value), f"[{each.table}]", each.layer) for each in found]
        output.print_table(("Setting", "Value", "Table", "From"), rows)


@config.command("set")
def set_(
    key: Annotated[str, typer.Argument(metavar="KEY", autocompletion=_keys, help="A setting.")],
    value: Annotated[list[str], typer.Argument(metavar="VALUE...", help="The value; several for a list.")],
    json: Json = False,
) -> None:
    """Change a setting in your config.toml; it takes effect at the next call."""
    context = Context.open()
    now = change_settings.change_setting(context, key, value)
    if json:
        output.print_json(now)
    else:
        output.print_line(
            (f"{now.key} = {_toml(now.value)}", "bold"), f"  [{now.table}] in {context.shown(context.places.settings)}"
        )


def _toml(value: Any) -> str:
    return dumps(value, ensure_ascii=False)
