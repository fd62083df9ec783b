"""Pull the images of installed apps, but no newer versions."""

from collections.abc import Sequence
from typing import NamedTuple

from launcher.core.deploy.record import Deployment, find_apps
from launcher.errors import EngineError, StateError
from launcher.manage.change.ensure_image import find_image
from launcher.manage.context import Context
from launcher.run.engine_connection import EngineConnection
from launcher.run.find_image import hold_image, image_of, pull_image
from launcher.run.lookup import find_command


class PulledApp(NamedTuple):
    """The result of one pull."""

    app: str
    image: str
    digest: str
    is_new: bool  # the engine did not have it before


def pull_images(context: Context, names: Sequence[str]) -> list[PulledApp]:
    """Pull the images of the apps *names*, or of all, so that no call has to wait for a pull.

    An app that was never pulled is set to the current digest of its tag. Nothing is upgraded.
    """
    chosen = find_apps(context.deployed(), names)
    if not chosen:
        return []
    reached = context.engine(autostart=context.read_catalogs(published=False).settings.autostart)
    found = [_pull_app(context, reached, each) for each in chosen]
    with context.record.alone(context.command_line):
        context.settle()
    return found


def _pull_app(context: Context, reached: EngineConnection, deployment: Deployment) -> PulledApp:
    if not deployment.commands:
        return PulledApp(deployment.app, deployment.image, deployment.digest, is_new=False)  # it has no command on PATH
    known = find_command(deployment.commands[0].name, context.places, context.call.home)
    image, pin = known.image, known.pin
    if pin.image_id and find_image(reached, deployment._replace(image=image).with_image(pin)):
        return PulledApp(deployment.app, image, pin.digest, is_new=False)
    platform = known.entry.platform
    found = None if pin.image_id else reached.store.inspect(image)
    if deployment.recipe:
        raise EngineError(deployment.app, "its image is gone", f"applaunch build {deployment.app}")
    now = (
        image_of(found, image)
        if found
        else pull_image(reached, deployment.app, pin.source(image), context.call, platform)
    )
    with context.record.alone(context.command_line):
        current = context.record.deployed().get(deployment.app)
        if current is None or current.number != deployment.number:
            raise StateError(deployment.app, "it was changed while its image was pulled", "run it again")
        hold_image(known, now, reached)
    return PulledApp(deployment.app, image, now.digest, is_new=not found)
