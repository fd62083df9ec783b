"""One app taken elsewhere: rollback, rebase, pin, unpin, keep, unkeep."""

from typing import Annotated

import typer

from launcher.cli import output
from launcher.cli.options import Installed, Json, installed_names
from launcher.manage.apps import rollback as stepping
from launcher.manage.apps.rollback import Step
from launcher.manage.context import Context

Names = Annotated[list[str], typer.Argument(metavar="APP...", autocompletion=installed_names, help="Installed apps.")]
Number = Annotated[int, typer.Argument(metavar="N", help="A deployment's number; applaunch status shows them.")]


def rollback(
    name: Installed,
    to: Annotated[str, typer.Option("--to", metavar="N|DIGEST", help="That deployment, not the one before.")] = "",
    json: Json = False,
) -> None:
    """Take an app back to the deployment before this one, offline; it stays there until `unpin`."""
    _show(stepping.rollback(Context.open(), name, to), json=json, held=True)


def rebase(
    name: Installed,
    image: Annotated[str, typer.Argument(metavar="REF", help="A tag of its image (1.8), or another image.")],
    json: Json = False,
) -> None:
    """Take an app to another tag or image; what you changed about it stays."""
    _show(stepping.rebase(Context.open(), name, image), json=json)


def pin(names: Names, json: Json = False) -> None:
    """Hold apps on what they are: no upgrade moves them."""
    _pinned(stepping.pin(Context.open(), names, wanted=True), "pinned", json=json)


def unpin(names: Names, json: Json = False) -> None:
    """Let upgrades move apps again."""
    steps = stepping.pin(desk := Context.open(), names, wanted=False)
    _pinned(steps, "not pinned any more", json=json)
    for each in steps if not json else ():
        image = stepping.said_now(desk, each.after)
        if image != each.after.image:
            output.line(("note: ", "yellow"), f"your catalog says {image}; the next call of {each.after.app} runs that")


def keep(number: Number, json: Json = False) -> None:
    """Keep a deployment, whatever gc collects."""
    _kept(number, wanted=True, json=json)


def unkeep(number: Number, json: Json = False) -> None:
    """Let gc collect a deployment again."""
    _kept(number, wanted=False, json=json)


def _kept(number: int, *, wanted: bool, json: bool) -> None:
    found = stepping.keep(Context.open(), number, wanted=wanted)
    if json:
        output.as_json({"number": number, "app": found.app, "kept": wanted})
    else:
        output.line(("kept: " if wanted else "not kept any more: ", "bold"), f"{found.app} {number}  {found.named}")


def _pinned(steps: list[Step], word: str, *, json: bool) -> None:
    if json:
        output.as_json([_object(each) for each in steps])
        return
    for each in steps:
        same = "" if each.transaction else " (already)"
        output.line((f"{word}: ", "bold"), f"{each.after.app} {each.after.number}  {_image(each)}{same}")


def _show(step: Step, *, json: bool, held: bool = False) -> None:
    if json:
        output.as_json(_object(step))
        return
    after = step.after
    if not step.transaction:
        output.line(f"{after.app} is there already: {after.number}  {_image(step)}")
        return
    output.line((f"{after.app}: ", "bold"), f"{step.before.number} -> {after.number}  {_image(step)}")
    if held:
        output.line(("pinned: ", "bold"), f"no upgrade moves it; applaunch unpin {after.app}")
    output.line((f"(transaction {step.transaction})", "dim"))


def _image(step: Step) -> str:
    digest = output.short(step.after.digest or step.after.image_id)
    return f"{step.after.named} {digest}".rstrip()


def _object(step: Step) -> dict[str, object]:
    return {"transaction": step.transaction or None, "before": step.before.to_dict(), "after": step.after.to_dict()}
