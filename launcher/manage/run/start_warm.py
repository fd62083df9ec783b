"""Start a warm container before any call: `applaunch warm start`."""

import time
from collections.abc import Sequence

from launcher.core.run.warm_policy import Idle, why_cold
from launcher.engine.engine_http import ProtocolError
from launcher.errors import CannotRunError, EngineError, ImageMissingError
from launcher.manage.context import Context
from launcher.run.engine_connection import EngineConnection
from launcher.run.find_image import find_image, recover_image
from launcher.run.launch import Launch, prepare_launch
from launcher.run.lookup import find_command
from launcher.run.plan_facts import plan_launch
from launcher.run.remove_warm import remove_idle
from launcher.run.sleeping_container import open_wire
from launcher.run.warm_launch import WarmContainer
from launcher.state import warm_store

_COLD = "each call runs in a new container"
_TRIES, _PAUSE = 50, 0.1  # tries and seconds: another process may be creating one


def start(context: Context, name: str, args: Sequence[str]) -> Idle:
    """Start a warm container for the next call of *name* with *args* in this folder, and return it.

    Raises `UserError` if the app is not warm or no warm container can be used for it.
    """
    file = find_command(name, context.places, context.call.home)
    if not file.entry.warm:
        fix = f"applaunch add {file.app} --warm 5m, or for all apps: applaunch config set warm 5m"
        raise CannotRunError(name, "the app has no warm containers", fix)
    launch = prepare_launch(file, args, context.places)
    engine = launch.engine
    if not engine.is_wired:
        how = "APPLAUNCH_WIRE=0 is set" if engine.endpoint.socket else f"{engine.endpoint.host} is not a local socket"
        raise EngineError(name, f"no warm container is possible: {how}", _COLD)
    try:
        if not launch.pin.image_id or launch.entry.pull_policy == "always":
            launch = find_image(launch)
        try:
            return _ready(launch)
        except ImageMissingError as missing:
            return _ready(recover_image(launch, missing))
    except ProtocolError as error:
        raise EngineError(engine.endpoint.host, str(error), "applaunch doctor") from None


def _ready(launch: Launch) -> Idle:
    entry, engine = launch.entry, launch.engine
    spec, _ = plan_launch(launch)
    if why := why_cold(entry, launch.call, engine.traits, spec):
        raise CannotRunError(entry.name, f"no warm container is possible: {why}", _COLD)
    warmth = WarmContainer(launch, spec)
    open_wire(engine).ping()
    _remove_unusable(engine, warmth.key)
    for _ in range(_TRIES):
        if warmth.prepare():
            break
        if isinstance(warmth.trouble, CannotRunError):
            raise CannotRunError(
                entry.name, "no warm container is possible: the sleep of its image is not executable", _COLD
            )
        if warmth.trouble:
            raise warmth.trouble
        if warmth.is_unfit:
            why = "its image has no sleep, or its processes are not visible"
            raise CannotRunError(entry.name, f"no warm container is possible: {why}", _COLD)
        time.sleep(_PAUSE)  # another process is creating one
    for _, idle in warm_store.list_idle_for(engine.places.warm, warmth.key):
        return idle
    raise EngineError(entry.name, "no warm container was ready in time", "try again")


def _remove_unusable(reached: EngineConnection, key: str) -> None:
    """Remove containers that no call would use: expired or missing ones."""
    wire = open_wire(reached)
    for path, idle in warm_store.list_idle_for(reached.places.warm, key):
        if idle.closes > time.time() and wire.pid(idle.container):
            continue
        claimed = warm_store.claim(reached.places.warm, path, idle.container)
        if claimed and warm_store.is_free(claimed):
            remove_idle(wire, claimed, idle)
