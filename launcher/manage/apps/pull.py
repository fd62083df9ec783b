"""Pull the images of installed apps, but no newer versions."""

from collections.abc import Sequence
from typing import NamedTuple

from launcher.core.deploy.record import Deployment, find_apps
from launcher.errors import EngineError, StateError
from launcher.manage.context import Context
from launcher.manage.images.image_host import ImageHost, choose_image_host
from launcher.run.find_image import hold_commands
from launcher.run.lookup import find_command


class PulledApp(NamedTuple):
    """The result of one pull."""

    app: str
    image: str
    digest: str
    is_new: bool  # it was not here before


def pull_images(context: Context, names: Sequence[str]) -> list[PulledApp]:
    """Pull the images of the apps *names*, or of all, so that no call has to wait for a pull.

    An app that was never pulled is set to the current digest of its tag. Nothing is upgraded.
    """
    chosen = find_apps(context.deployed(), names)
    if not chosen:
        return []
    host = choose_image_host(context)
    found = [_pull_app(context, host, each) for each in chosen]
    with context.record.alone(context.command_line):
        context.settle()
    return found


def _pull_app(context: Context, host: ImageHost, deployment: Deployment) -> PulledApp:
    if not deployment.commands:
        return PulledApp(deployment.app, deployment.image, deployment.digest, is_new=False)  # it has no command on PATH
    known = find_command(deployment.commands[0].name, context.places, context.call.home)
    image, pin = known.image, known.pin
    host.check_entry(known.entry, pin)
    if pin.image_id and (here := host.find(deployment._replace(image=image).with_image(pin))):
        host.unpack(deployment, here)
        return PulledApp(deployment.app, image, pin.digest, is_new=False)
    found = None if pin.image_id else host.find_named(image)
    if deployment.recipe:
        raise EngineError(deployment.app, "its image is gone", f"applaunch build {deployment.app}")
    now = found or host.pull(deployment.app, pin.source(image), known.entry.platform)
    with context.record.alone(context.command_line):
        current = context.record.deployed().get(deployment.app)
        if current is None or current.number != deployment.number:
            raise StateError(deployment.app, "it was changed while its image was pulled", "run it again")
        if known.tag:
            host.hold(now.image_id, known.tag)
        hold_commands(known, now, context.places)
    host.unpack(deployment, now)
    host.check_entry(known.entry, now)
    return PulledApp(deployment.app, image, now.digest, is_new=not found)
