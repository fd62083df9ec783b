"""The command override."""

from typing import Annotated, Any

import typer

from launcher.cli import output
from launcher.cli.options import Json, Runtime, known_names
from launcher.errors import UsageError
from launcher.manage.apps.override import find_target, override_app, read_keys, reset_keys
from launcher.manage.context import Context


def override(  # noqa: PLR0913, PLR0917  one parameter for each option
    name: Annotated[
        str, typer.Argument(metavar="[APP]", autocompletion=known_names, help="An app or one of its commands.")
    ] = "",
    deny: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RIGHT", help="Deny a path, network, ports, localhost, environment[:NAME], cwd...; repeatable."
        ),
    ] = None,
    volume: Annotated[
        list[str] | None, typer.Option(metavar="SRC:DST[:ro]", help="Mount a folder; repeatable.")
    ] = None,
    env: Annotated[
        list[str] | None, typer.Option(metavar="NAME[=VALUE]", help="Set or pass a variable; repeatable.")
    ] = None,
    network: Annotated[str, typer.Option(metavar="MODE", help="bridge, none, host, or a network's name.")] = "",
    localhost: Annotated[
        list[str] | None,
        typer.Option(metavar="PORT", help="Bring a port of this machine's localhost into its own; repeatable."),
    ] = None,
    mount_cwd: Annotated[
        str, typer.Option(metavar="MODE", help="Mount the current folder, or its project: rw, ro, project, none...")
    ] = "",
    user: Annotated[str, typer.Option(metavar="USER", help="host (you), image, or UID:GID.")] = "",
    mem_limit: Annotated[str, typer.Option(metavar="SIZE", help="Memory limit: 512m.")] = "",
    runtime: Runtime = "",
    for_all: Annotated[bool, typer.Option("--global", help="Apply to all apps.")] = False,
    show_: Annotated[bool, typer.Option("--show", help="Print the overrides.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Remove the overrides.")] = False,
    future: Annotated[bool, typer.Option("--future", help="Accept an app that does not exist yet.")] = False,
    json: Json = False,
) -> None:
    """Change or deny permissions of an app, on top of all catalogs. A denial wins over every permission."""
    if bool(name) == for_all:
        raise UsageError("", "give either an app or --global", "applaunch override APP --deny network")
    context = Context.open()
    if name:
        name = find_target(context, name, future=future)
    given: dict[str, Any] = {
        "deny": deny,
        "volumes": volume,
        "environment": env,
        "network_mode": network,
        "localhost": [int(port) if port.isdecimal() else port for port in localhost or ()],
        "mount_cwd": mount_cwd,
        "user": user,
        "mem_limit": mem_limit,
        "runtime": runtime,
    }
    keys = {key: value for key, value in given.items() if value}
    if reset:
        gone = reset_keys(context, name)
        found: dict[str, Any] = {}
        words = "overrides removed" if gone else "no overrides"
    elif show_ or not keys:
        found = read_keys(context, name)
        words = "" if found else "no overrides"
    else:
        found, words = override_app(context, name, keys), ""
    if json:
        output.print_json({"app": name or None, "overrides": found})
        return
    if words:
        output.print_line(words)
    output.print_pairs(
        ((key, value if isinstance(value, str) else ", ".join(map(str, value))) for key, value in found.items()), 14
    )
