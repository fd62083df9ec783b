"""The commands rollback, rebase, pin, unpin, keep and unkeep."""

from typing import Annotated, NamedTuple

import typer

from launcher.cli import output
from launcher.cli.options import Installed, Json, installed_names
from launcher.core.deploy.record import Deployment
from launcher.core.deploy.transaction_plan import PlannedApp
from launcher.manage.apps.rollback import image_in_catalogs, keep_deployment, pin_apps, rebase_app, rollback_app
from launcher.manage.change.carry_out import Applied
from launcher.manage.context import Context

Names = Annotated[list[str], typer.Argument(metavar="APP...", autocompletion=installed_names, help="Installed apps.")]
Number = Annotated[int, typer.Argument(metavar="N", help="Number of a deployment: see applaunch status.")]


class Step(NamedTuple):
    """The result for one app, as a JSON object."""

    transaction: int | None
    before: Deployment | None
    after: Deployment | None


def rollback(
    name: Installed,
    to: Annotated[str, typer.Option("--to", metavar="N|DIGEST", help="Switch to this deployment instead.")] = "",
    json: Json = False,
) -> None:
    """Switch an app to its previous deployment, and pin it there; needs no registry."""
    _show(rollback_app(Context.open(), name, to), json=json, held=True)


def rebase(
    name: Installed,
    image: Annotated[str, typer.Argument(metavar="REF", help="A tag of its image (1.8) or another image.")],
    json: Json = False,
) -> None:
    """Switch an app to another tag or image; your other changes to it stay."""
    _show(rebase_app(Context.open(), name, image), json=json)


def pin(names: Names, json: Json = False) -> None:
    """Hold apps at their current deployment: no upgrade changes them."""
    _show_pinned(pin_apps(Context.open(), names, wanted=True), "pinned", json=json)


def unpin(names: Names, json: Json = False) -> None:
    """Allow upgrades of apps again."""
    done = pin_apps(context := Context.open(), names, wanted=False)
    _show_pinned(done, "unpinned", json=json)
    for each in done.plan.apps if not json else ():
        image = image_in_catalogs(context, each.deployment)
        if image != each.deployment.image:
            output.print_note(f"your catalog names {image}; the next call of {each.app} uses it")


def keep(number: Number, json: Json = False) -> None:
    """Protect a deployment from gc and remove."""
    _keep(number, wanted=True, json=json)


def unkeep(number: Number, json: Json = False) -> None:
    """Allow gc to remove a deployment again."""
    _keep(number, wanted=False, json=json)


def _keep(number: int, *, wanted: bool, json: bool) -> None:
    found = keep_deployment(Context.open(), number, wanted=wanted)
    if json:
        output.print_json({"number": number, "app": found.app, "kept": wanted})
    else:
        output.print_line(
            ("kept: " if wanted else "no longer kept: ", "bold"), f"{found.app} {number}  {found.shown_image}"
        )


def _show_pinned(done: Applied, word: str, *, json: bool) -> None:
    if json:
        output.print_json([_step(each, done) for each in done.plan.apps])
        return
    for each in done.plan.apps:
        same = "" if each.outcome == "change" else " (already)"
        output.print_line((f"{word}: ", "bold"), f"{each.app} {each.deployment.number}  {_image(each)}{same}")


def _show(done: Applied, *, json: bool, held: bool = False) -> None:
    step = done.only
    if json:
        output.print_json(_step(step, done))
        return
    if not done.transaction:
        output.print_line(f"{step.app} is already at {step.deployment.number}  {_image(step)}")
        return
    before = step.before.number if step.before else 0
    output.print_line((f"{step.app}: ", "bold"), f"{before} -> {step.deployment.number}  {_image(step)}")
    if held:
        output.print_line(("pinned: ", "bold"), f"upgrades skip it; applaunch unpin {step.app}")
    output.print_line((f"(transaction {done.transaction})", "dim"))


def _image(step: PlannedApp) -> str:
    digest = output.short_digest(step.deployment.digest or step.deployment.image_id)
    return f"{step.deployment.shown_image} {digest}".rstrip()


def _step(planned: PlannedApp, done: Applied) -> Step:
    number = done.transaction if planned.outcome == "change" else 0
    return Step(number or None, planned.before, planned.after)
