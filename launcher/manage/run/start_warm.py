"""A container made to wait before any call: `applaunch warm start`, on the path of a launch."""

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
from launcher.run.warm_launch import Warmth
from launcher.state import warm_store as state

_COLD = "each call runs in a new container"
_TRIES, _PAUSE = 50, 0.1  # seconds until what another process makes is there


def start(desk: Context, name: str, args: Sequence[str]) -> Idle:
    """Let a container wait for the very next call of *name* with *args* in this folder, and return it.

    Raises `UserError` where the app is not warm, or no container can wait for it.
    """
    file = find_command(name, desk.places, desk.call.home)
    if not file.entry.warm:
        fix = f"applaunch add {file.app} --warm 5m, or for all apps: applaunch config set warm 5m"
        raise CannotRunError(name, "it is not warm", fix)
    launch = prepare_launch(file, args, desk.places)
    engine = launch.engine
    if not engine.is_wired:
        how = "APPLAUNCH_WIRE=0 is set" if engine.endpoint.socket else f"{engine.endpoint.host} is no local socket"
        raise EngineError(name, f"no container can wait: {how}", _COLD)
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
        raise CannotRunError(entry.name, f"no container can wait: {why}", _COLD)
    warmth = Warmth(launch, spec)
    open_wire(engine).ping()
    _drop_spent(engine, warmth.key)
    for _ in range(_TRIES):
        if warmth.prepare():
            break
        if isinstance(warmth.trouble, CannotRunError):
            raise CannotRunError(entry.name, "no container can wait: the sleep of its image may not run", _COLD)
        if warmth.trouble:
            raise warmth.trouble
        if warmth.is_unfit:
            why = "its image has no sleep, or its processes are out of our sight"
            raise CannotRunError(entry.name, f"no container can wait: {why}", _COLD)
        time.sleep(_PAUSE)  # another process makes one
    for _, idle in state.of(engine.places.warm, warmth.key):
        return idle
    raise EngineError(entry.name, "no container was ready in time", "try again")


def _drop_spent(reached: EngineConnection, key: str) -> None:
    """Take away those that no call would take, or find: their time is over, or they are gone."""
    wire = open_wire(reached)
    for path, idle in state.of(reached.places.warm, key):
        if idle.closes > time.time() and wire.pid(idle.container):
            continue
        goal = state.claim(reached.places.warm, path, idle.container)
        if goal and state.free(goal):
            remove_idle(wire, goal, idle)
