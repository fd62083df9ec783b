"""Apps come, go and are looked at: add, remove, list, search, info, which, edit."""

from typing import Annotated, Any

import typer

from launcher.cli import output
from launcher.cli.added_view import added_json, sentence, show_added
from launcher.cli.ask_consent import consent
from launcher.cli.options import Critical, Installed, Json, Known, KnownWithTag, Yes, installed_names, known_names
from launcher.cli.prompt import chosen
from launcher.core.policy.permission import Permission
from launcher.core.values.duration import describe_seconds
from launcher.manage.change.carry_out import approve_requests
from launcher.manage.context import Context
from launcher.manage.machine.path_setup import is_on_path
from launcher.manage.query import search as survey

_DURATIONS = ("warm", "stop_grace_period")


def add(  # noqa: PLR0913, PLR0917  one parameter for each option
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME...",
            autocompletion=known_names,
            help="Apps of the catalogs, NAME@TAG for another tag, or a new one.",
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
    workdir: Annotated[str, typer.Option(metavar="DIR", help="Where the current folder is seen inside.")] = "",
    mount_cwd: Annotated[str, typer.Option(metavar="MODE", help="The current folder: rw, ro or none.")] = "",
    command: Annotated[
        list[str] | None, typer.Option(metavar="WORD", help="A word of the command; repeatable.")
    ] = None,
    entrypoint: Annotated[
        list[str] | None, typer.Option(metavar="WORD", help="A word of the entrypoint; repeatable.")
    ] = None,
    warm: Annotated[
        str, typer.Option(metavar="TIME", help="Keep a container ready after a run, so long; 0: do not.")
    ] = "",
    reuse: Annotated[str, typer.Option(metavar="MODE", help="What a warm container serves: fresh or shared.")] = "",
    as_: Annotated[
        list[str] | None,
        typer.Option("--as", metavar="OTHERNAME", help="Install under another name; once for each app."),
    ] = None,
    yes: Yes = False,
    allow_critical: Critical = None,
    allow_shadow: Annotated[
        list[str] | None,
        typer.Option(metavar="COMMAND", help="Let it take the name of a program of this machine; repeatable."),
    ] = None,
    json: Json = False,
) -> None:
    """Put apps on PATH (also: install)."""
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
    }
    from launcher.manage.apps import add as adding  # noqa: PLC0415  only for this command

    said = {key: value for key, value in keys.items() if value}
    request = adding.AddRequest(tuple(names), said, tuple(as_ or ()), tuple(allow_shadow or ()))
    desk = Context.open()
    done = adding.add(desk, request, approve_requests(consent(yes=yes, critical=allow_critical or ())), chosen)
    if json:
        output.as_json({"transaction": done.transaction or None, "apps": added_json(done)})
        return
    show_added(desk, done)
    if not is_on_path(desk.places.bin, desk.call.env.get("PATH", "")):
        output.line(("note: ", "yellow"), f"{desk.shown(desk.places.bin)} is not on PATH; run: applaunch ensurepath")


def remove(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME...", autocompletion=installed_names, help="Installed apps.")
    ],
    keep_image: Annotated[bool, typer.Option("--keep-image", help="Leave the image with the engine.")] = False,
    purge: Annotated[bool, typer.Option("--purge", help="Delete at once what they kept of their homes.")] = False,
    json: Json = False,
) -> None:
    """Take apps off PATH, and their images where nothing else needs them (also: rm, uninstall)."""
    from launcher.cli.removed_view import show_cleared, show_entry, show_gone  # noqa: PLC0415  only for this command
    from launcher.manage.apps import remove as removing  # noqa: PLC0415  as above

    desk = Context.open()
    done = removing.remove(desk, names, keep_image=keep_image, purge=purge)
    if json:
        output.as_json(done)
        return
    for app in done.apps:
        for path in app.shims:
            output.line(("removed: ", "bold"), desk.shown(path))
        for path in app.strangers:
            output.line(("note: ", "yellow"), f"{desk.shown(path)} is not applaunch's, and stays")
        show_entry(desk, app)
    show_cleared(done.containers)
    show_gone(done.images)
    for path in done.data:
        output.line(("in the trash: ", "bold"), f"{desk.shown(path)}, for 30 days")
    output.line((f"(transaction {done.transaction})", "dim"))


def list_(json: Json = False) -> None:
    """List the installed apps (also: ls)."""
    found = survey.installed(Context.open(), described=json)
    if json:
        output.as_json([each._asdict() for each in found])
    elif not found:
        output.line("nothing is installed; applaunch search finds apps, applaunch add NAME installs one")
    else:
        rows = [(each.name, " ".join(each.commands), each.image, output.short(each.digest) or "-") for each in found]
        output.table(("App", "Commands", "Image", "Digest"), rows)


def search(
    word: Annotated[str, typer.Argument(metavar="[WORD]", help="Part of a name or a description.")] = "",
    json: Json = False,
) -> None:
    """Find apps in the catalogs."""
    found = survey.search(Context.open(), word)
    if json:
        output.as_json([each._asdict() for each in found])
    elif not found:
        output.line(f"no app fits {word!r}; applaunch add NAME --image REF defines one")
    else:
        output.table(
            ("", "App", "Description"), [("●" if each.installed else "", each.name, each.description) for each in found]
        )
    if not found:
        raise typer.Exit(1)


def info(name: KnownWithTag, json: Json = False) -> None:
    """Show all about an app: image, keys and their layers, permissions, paths."""
    desk = Context.open()
    about = survey.about(desk, name)
    if json:
        output.as_json(about)
        return
    image = about["image"]
    pairs = [
        ("App", about["name"]),
        *((key.replace("_", " ").capitalize(), _words(about[key])) for key in survey.ABOUT if key in about),
    ]
    pairs += [("Image", image["name"]), ("Digest", image["digest"] or image.get("id") or "not pulled yet")]
    pairs += [("Size", output.size(image["size"]))] if image.get("size") else []
    pairs += [("Engine", image["engine"])] if "engine" in image else []
    for key, value in pairs:
        output.line((f"{key:<12}", "bold"), value)
    output.line(("May         ", "bold"), *sentence([Permission(**each) for each in about["permissions"]]))
    for command, entry in about["commands"].items():
        output.line()
        output.line((command, "bold"))
        for key, value in entry.items():
            if key not in ("app", "name"):
                output.line(f"  {key:<14}{_value(key, value)}", (f"  [{about['layers'].get(key, 'command')}]", "dim"))
    output.line()
    for path in about["paths"]:
        output.line(("Owns        ", "bold"), desk.shown(path))
    if not about["installed"]:
        output.line((f"not installed; applaunch add {name}", "dim"))


def which(name: Installed, json: Json = False) -> None:
    """Tell what runs when NAME is typed."""
    found = survey.which(Context.open(), name)
    if json:
        output.as_json(found)
        return
    output.line(found["runs"] or found["shim"])
    if found["app"]:
        output.line((f"  the app {found['app']}, image {found['image']}", "dim"))
    if found["shim"] and found["runs"] not in (None, found["shim"]):
        output.line(("note: ", "yellow"), f"it comes before {found['shim']} on PATH")


def edit(name: Known, json: Json = False) -> None:
    """Open your catalog in $EDITOR, with an entry for NAME; what you save is checked before it counts."""
    from launcher.manage.apps import edit as editing  # noqa: PLC0415  only for this command

    path = editing.edit(desk := Context.open(), name)
    if json:
        output.as_json({"saved": path or None})
    else:
        output.line(f"saved: {desk.shown(path)}" if path else "nothing was changed")


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _value(key: str, value: Any) -> str:
    import json  # noqa: PLC0415  the option of that name is another thing

    if key in _DURATIONS:
        return describe_seconds(value)
    return value if isinstance(value, str) else json.dumps(value)
