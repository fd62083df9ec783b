"""The commands bundle export, bundle info and bundle import."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from launcher.cli import output
from launcher.cli.added_view import added_to_json, describe_permissions, show_placed
from launcher.cli.ask_consent import consent_on_terminal
from launcher.cli.group import group
from launcher.cli.options import Critical, Json, Yes, installed_names
from launcher.cli.prompt import confirm
from launcher.core.deploy.transaction_plan import Plan
from launcher.manage.context import Context

if TYPE_CHECKING:
    from launcher.core.bundles.bundle_format import Contents

bundle = group("Export and import apps with their images, in one file and without a network.")
File = Annotated[str, typer.Argument(metavar="FILE", help="A bundle file.")]


@bundle.command()
def export(
    names: Annotated[
        list[str], typer.Argument(metavar="APP...", autocompletion=installed_names, help="Installed apps.")
    ],
    file: Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="The file to write.")],
    json: Json = False,
) -> None:
    """Write installed apps to a file: images, catalog and lock."""
    from launcher.manage.bundles import export_bundle  # noqa: PLC0415  only for this command

    done = export_bundle.export_bundle(context := Context.open(), names, file)
    if json:
        output.print_json({"file": done.path, "size": done.size, **_as_object(done.contents)})
        return
    _table(done.contents)
    for each in done.apps:
        if each.variables:
            output.print_note(f"{each.app}: the bundle contains your values of {', '.join(each.variables)}")
    output.print_line(("written: ", "bold"), f"{context.shown(done.path)}, {output.format_size(done.size)}")


@bundle.command()
def info(file: File, json: Json = False) -> None:
    """Show the contents of a bundle; check every byte; use no engine."""
    from launcher.manage.bundles import install_bundle  # noqa: PLC0415  only for this command

    found = install_bundle.inspect_bundle(context := Context.open(), file)
    if json:
        output.print_json({"file": found.path, "size": found.size, **_as_object(found.contents)})
        return
    _table(found.contents)
    images = output.count(len(found.contents.images), "image")
    output.print_line(("valid: ", "bold"), f"{context.shown(found.path)}, {output.format_size(found.size)}, {images}")


@bundle.command("import")
def import_(
    file: File,
    yes: Yes = False,
    allow_critical: Critical = None,
    json: Json = False,
) -> None:
    """Install the apps of a bundle, all or none, without a network."""
    from launcher.manage.bundles import install_bundle  # noqa: PLC0415  only for this command

    context = Context.open()
    approve_requests = consent_on_terminal(yes=yes, critical=allow_critical or ())

    def approve(plan: Plan) -> bool:
        for each in plan.changing if not json else ():
            size = f"  {output.format_size(each.size)}" if each.size else ""
            digest = output.short_digest(each.deployment.image_id)
            output.print_line((each.app, "bold"), f"  {each.deployment.image}  {digest}{size}")
            output.print_line("  ", *describe_permissions(each.permissions))
        if not confirm(f"install {', '.join(each.app for each in plan.changing)}?", yes=yes):
            return False
        approve_requests(plan.requests)
        return True

    found = install_bundle.install_bundle(context, file, approve)
    if json:
        number = found.done.transaction or None
        output.print_json({"transaction": number, "apps": added_to_json(found.done), "loaded": found.loaded})
        return
    show_placed(context, found.done)
    if not found.done.plan.apps:
        output.print_line("no changes")


def _table(contents: "Contents") -> None:
    rows = [
        (lock.app, lock.ref, platform, output.short_digest(held.digest) or "-", output.short_digest(held.image_id))
        for lock in contents.locks
        for platform, held in lock.platforms.items()
    ]
    output.print_table(("App", "Image", "Platform", "Digest", "Id"), rows)


def _as_object(contents: "Contents") -> dict[str, Any]:
    sizes = {image.id: sum(layer.size for layer in image.layers) for image in contents.images}
    apps = [
        {
            "app": lock.app,
            "image": lock.ref,
            "config": lock.config,
            "platforms": [{"platform": name, **held._asdict()} for name, held in lock.platforms.items()],
        }
        for lock in contents.locks
    ]
    images = [
        {"image_id": each.id, "platform": each.platform, "layers": len(each.layers), "size": sizes[each.id]}
        for each in contents.images
    ]
    return {"apps": apps, "images": images}
