"""The commands remote add, list, info, update, modify and delete."""

from typing import Annotated

import typer

from launcher.cli import output
from launcher.cli.group import Listing, group
from launcher.cli.options import Json
from launcher.cli.remote_view import RIGHT, show_updated, state_style, to_lines, to_object, to_row
from launcher.manage.context import Context
from launcher.manage.remotes import remote_config
from launcher.manage.remotes.remote_config import Modified

remote = group("Manage remotes: catalogs of other people.", cls=Listing)


@remote.callback()
def _remote() -> None:
    """Manage remotes: catalogs of other people, fetched and verified. Without a command: list them."""


def _names(incomplete: str) -> list[str]:
    return [each.name for each in remote_config.remotes(Context.open()) if each.name.startswith(incomplete)]


Name = Annotated[str, typer.Argument(metavar="NAME", autocompletion=_names, help="A remote.")]
Keys = Annotated[
    list[str] | None,
    typer.Option("--key", metavar="KEY", help="A trusted key: a file, or 'ssh-ed25519 ...'; repeatable."),
]
Priority = Annotated[int | None, typer.Option(metavar="N", help="The higher priority wins (default: 50).")]


@remote.command()
def add(  # noqa: PLR0913, PLR0917  one parameter for each option
    name: Annotated[str, typer.Argument(metavar="NAME", help="Your name for the remote.")],
    url: Annotated[str, typer.Argument(metavar="URL", help="https://, git+https://, ssh://, oci://, or a folder.")],
    key: Keys = None,
    priority: Priority = None,
    no_verify: Annotated[
        bool, typer.Option("--no-verify", help="Accept it unsigned: whoever can change it decides what runs.")
    ] = False,
    json: Json = False,
) -> None:
    """Fetch a catalog, verify it, and make its apps available."""
    from launcher.manage.remotes.update import add_remote  # noqa: PLC0415  only where something is fetched

    context = Context.open()
    done = add_remote(context, name, url, Modified(None, tuple(key or ()), priority, not no_verify))
    if json:
        output.print_json(to_object(done))
        return
    seen = remote_config.seen(context, remote_config.find(context, name))
    output.print_line((name, "bold"), f"  {seen.url}")
    signed = f"signed by {seen.key}" if seen.verify else "not verified: whoever can change it decides what runs"
    output.print_line(
        f"  {output.count(seen.apps or 0, 'app')}, serial {seen.serial}, priority {seen.priority}, ",
        (signed, "" if seen.verify else "yellow"),
    )
    if done.warning:
        output.print_note(f"{name}: {done.warning}")
    output.print_line((f"install one with: applaunch add {name}/APP", "dim"))


@remote.command("list")
def list_(json: Json = False) -> None:
    """List the remotes with the age and state of their copies (also: ls)."""
    context = Context.open()
    found = [remote_config.seen(context, each) for each in remote_config.remotes(context)]
    if json:
        output.print_json(found)
    elif not found:
        output.print_line("no remotes; applaunch remote add NAME URL --key FILE")
    else:
        output.print_table(
            ("Remote", "Priority", "Serial", "Apps", "Checked", "Changed", "State", "URL"),
            [to_row(each) for each in found],
            RIGHT,
        )
        for each in found:
            if each.words and each.state != "ok":
                output.print_line((f"{each.name}: ", state_style(each)), each.words)


@remote.command()
def info(name: Name, json: Json = False) -> None:
    """Show a remote: its keys, its copy, and the apps installed from it."""
    context = Context.open()
    about = remote_config.about(context, name)
    if json:
        output.print_json(about)
        return
    output.print_pairs(to_lines(context, about), 10)


@remote.command()
def update(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", autocompletion=_names, help="Remotes (default: all).")
    ] = None,
    json: Json = False,
) -> None:
    """Fetch the newest catalogs; installed apps do not change before you upgrade."""
    from launcher.manage.remotes.update import update_remotes  # noqa: PLC0415  as above

    done = update_remotes(Context.open(), names or [])
    if json:
        output.print_json([to_object(each) for each in done])
    elif not done:
        output.print_line("no remotes; applaunch remote add NAME URL --key FILE")
    else:
        for each in done:
            show_updated(each)
    if any(each.trouble for each in done):
        raise typer.Exit(1)


@remote.command()
def modify(  # noqa: PLR0913, PLR0917  one parameter for each option
    name: Name,
    url: Annotated[str | None, typer.Option(metavar="URL", help="The new address.")] = None,
    key: Keys = None,
    priority: Priority = None,
    verify: Annotated[
        bool | None, typer.Option("--verify/--no-verify", help="Require a signature by one of its keys.")
    ] = None,
    enable: Annotated[bool | None, typer.Option("--enable/--disable", help="Make its apps available.")] = None,
    json: Json = False,
) -> None:
    """Change the address, keys, priority or state of a remote."""
    context = Context.open()
    remote_config.modify(context, name, Modified(url, tuple(key or ()), priority, verify, enable))
    seen = remote_config.seen(context, remote_config.find(context, name))
    if json:
        output.print_json(seen)
    else:
        output.print_line(
            (name, "bold"), f"  {seen.url}  priority {seen.priority}{'' if seen.enabled else '  disabled'}"
        )


@remote.command()
def delete(name: Name, json: Json = False) -> None:
    """Delete a remote and its copy; apps installed from it stay installed."""
    left = remote_config.delete(Context.open(), name)
    if json:
        output.print_json({"deleted": name, "installed": left})
        return
    output.print_line(("deleted: ", "bold"), name)
    if left:
        output.print_note(f"still installed from it: {', '.join(left)}")
