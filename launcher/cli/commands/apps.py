"""Commands that install, remove and show apps: add, remove, list, search, info, which, edit."""

from typing import Annotated, Any

import typer

from launcher.cli import output
from launcher.cli.added_view import added_to_json, show_added
from launcher.cli.ask_consent import consent_on_terminal
from launcher.cli.options import (
    Critical,
    Installed,
    Json,
    Known,
    KnownWithTag,
    Runtime,
    Yes,
    installed_names,
    known_names,
)
from launcher.cli.prompt import ask_for_remote
from launcher.manage.change.carry_out import approve_requests
from launcher.manage.context import Context
from launcher.manage.machine.path_setup import is_on_path
from launcher.manage.query.search import describe_app, list_installed, search_apps, which_program


def add(  # noqa: PLR0913, PLR0917  one parameter for each option
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME...",
            autocompletion=known_names,
            help="Apps of the catalogs, NAME@TAG for another tag, or a new name.",
        ),
    ],
    image: Annotated[str, typer.Option(metavar="REF", help="The image of a new app.")] = "",
    volume: Annotated[
        list[str] | None, typer.Option(metavar="SRC:DST[:ro]", help="Mount a folder; repeatable.")
    ] = None,
    user: Annotated[str, typer.Option(metavar="USER", help="host (you), image, or UID:GID.")] = "",
    env: Annotated[
        list[str] | None, typer.Option(metavar="NAME[=VALUE]", help="Set or pass a variable; repeatable.")
    ] = None,
    network: Annotated[str, typer.Option(metavar="MODE", help="bridge, none, host, or a network's name.")] = "",
    workdir: Annotated[str, typer.Option(metavar="DIR", help="Path of the current folder in the container.")] = "",
    mount_cwd: Annotated[
        str, typer.Option(metavar="MODE", help="Mount the current folder, or its project: rw, ro, project, none...")
    ] = "",
    command: Annotated[
        list[str] | None, typer.Option(metavar="WORD", help="One word of the command; repeatable.")
    ] = None,
    entrypoint: Annotated[
        list[str] | None, typer.Option(metavar="WORD", help="One word of the entrypoint; repeatable.")
    ] = None,
    warm: Annotated[str, typer.Option(metavar="TIME", help="How long to keep a warm container (0 disables).")] = "",
    reuse: Annotated[str, typer.Option(metavar="MODE", help="Runs per warm container: fresh (one) or shared.")] = "",
    runtime: Runtime = "",
    as_: Annotated[
        list[str] | None,
        typer.Option("--as", metavar="OTHERNAME", help="Install under another name; repeat for each app."),
    ] = None,
    pull: Annotated[bool, typer.Option("--pull", help="Pull the image now, not at the first call.")] = False,
    yes: Yes = False,
    allow_critical: Critical = None,
    allow_shadow: Annotated[
        list[str] | None,
        typer.Option(metavar="COMMAND", help="Allow it to shadow this program; repeatable."),
    ] = None,
    json: Json = False,
) -> None:
    """Install apps: put their commands on PATH (also: install)."""
    keys: dict[str, Any] = {
        "image": image,
        "entrypoint": entrypoint,
        "command": command,
        "volumes": volume,
        "user": user,
        "environment": env,
        "network_mode": network,
        "working_dir": workdir,
        "mount_cwd": mount_cwd,
        "warm": warm,
        "reuse": reuse,
        "runtime": runtime,
    }
    from launcher.manage.apps.add import AddRequest, add_apps  # noqa: PLC0415  only for this command

    given = {key: value for key, value in keys.items() if value}
    request = AddRequest(tuple(names), given, tuple(as_ or ()), tuple(allow_shadow or ()))
    context = Context.open()
    done = add_apps(
        context, request, approve_requests(consent_on_terminal(yes=yes, critical=allow_critical or ())), ask_for_remote
    )
    if pull and done.plan.apps:
        from launcher.manage.apps.pull import pull_images  # noqa: PLC0415  only if it is asked for

        pull_images(context, [each.app for each in done.plan.apps])
    if json:
        output.print_json({"transaction": done.transaction or None, "apps": added_to_json(done)})
        return
    show_added(context, done)
    if not is_on_path(context.places.bin, context.call.env.get("PATH", "")):
        output.print_note(f"{context.shown(context.places.bin)} is not on PATH; run: applaunch ensurepath")


def remove(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME...", autocompletion=installed_names, help="Installed apps.")
    ],
    keep_image: Annotated[bool, typer.Option("--keep-image", help="Keep the image.")] = False,
    purge: Annotated[bool, typer.Option("--purge", help="Delete their persistent data now.")] = False,
    json: Json = False,
) -> None:
    """Uninstall apps and remove their images, unless something else needs them (also: rm, uninstall)."""
    from launcher.cli.removed_view import show_entry, show_removed_containers, show_removed_images  # noqa: PLC0415  only for this command
    from launcher.manage.apps.remove import remove_apps  # noqa: PLC0415  as above

    context = Context.open()
    done = remove_apps(context, names, keep_image=keep_image, purge=purge)
    if json:
        output.print_json(done)
        return
    for app in done.apps:
        for path in app.shims:
            output.print_line(("removed: ", "bold"), context.shown(path))
        for path in app.strangers:
            output.print_note(f"{context.shown(path)} was not created by applaunch and stays")
        show_entry(context, app)
    show_removed_containers(done.containers)
    show_removed_images(done.images)
    for path in done.data:
        output.print_line(("moved to the trash: ", "bold"), f"{context.shown(path)}, for 30 days")
    output.print_line((f"(transaction {done.transaction})", "dim"))


def list_(json: Json = False) -> None:
    """List the installed apps (also: ls)."""
    found = list_installed(Context.open(), described=json)
    if json:
        output.print_json([each._asdict() for each in found])
    elif not found:
        output.print_line("no apps are installed; find one with: applaunch search")
    else:
        rows = [
            (each.name, " ".join(each.commands), each.image, output.short_digest(each.digest) or "-") for each in found
        ]
        output.print_table(("App", "Commands", "Image", "Digest"), rows)


def search(
    word: Annotated[str, typer.Argument(metavar="[WORD]", help="Part of a name or a description.")] = "",
    json: Json = False,
) -> None:
    """Search the catalogs for apps."""
    found = search_apps(Context.open(), word)
    if json:
        output.print_json([each._asdict() for each in found])
    elif not found:
        output.print_line(f"no app matches {word!r}; define one with: applaunch add NAME --image REF")
    else:
        output.print_table(
            ("", "App", "Description"), [("●" if each.installed else "", each.name, each.description) for each in found]
        )
    if not found:
        raise typer.Exit(1)


def info(name: KnownWithTag, json: Json = False) -> None:
    """Show details of an app: image, permissions, files, and each key with its layer."""
    context = Context.open()
    about = describe_app(context, name)
    if json:
        output.print_json(about)
        return
    from launcher.cli.info_view import show_app  # noqa: PLC0415  only for this command

    show_app(context, name, about)


def which(name: Installed, json: Json = False) -> None:
    """Show what runs when you type NAME."""
    found = which_program(Context.open(), name)
    if json:
        output.print_json(found)
        return
    output.print_line(found["runs"] or found["shim"])
    if found["app"]:
        output.print_line((f"  app {found['app']}, image {found['image']}", "dim"))
    if found["shim"] and found["runs"] not in (None, found["shim"]):
        output.print_note(f"it comes before {found['shim']} on PATH")


def edit(name: Known, json: Json = False) -> None:
    """Edit your catalog in $EDITOR, with an entry for NAME. The file is checked before it takes effect."""
    from launcher.manage.apps.edit import edit_catalog  # noqa: PLC0415  only for this command

    path = edit_catalog(context := Context.open(), name)
    if json:
        output.print_json({"saved": path or None})
    else:
        output.print_line(f"saved: {context.shown(path)}" if path else "no changes")
