"""A container made to wait before any call: `applaunch warm start`, on the path of a launch."""

import time
from collections.abc import Sequence

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.run.warm_policy import Idle, why_cold
from launcher.core.values.invocation import Invocation
from launcher.core.values.resolved_image import ResolvedImage
from launcher.engine.engine_http import ProtocolError
from launcher.errors import CannotRunError, EngineError
from launcher.manage.context import Context
from launcher.run import shim
from launcher.run.engine_connection import Reached
from launcher.run.launch import with_image
from launcher.run.plan_facts import spec_of
from launcher.run.sleeping_container import wire_of
from launcher.run.warm_launch import Warmth, removed
from launcher.state import warm_store as state

_COLD = "each call runs in a new container"
_TRIES, _PAUSE = 50, 0.1  # seconds until what another process makes is there


def start(desk: Context, name: str, args: Sequence[str]) -> Idle:
    """Let a container wait for the very next call of *name* with *args* in this folder, and return it.

    Raises `UserError` where the app is not warm, or no container can wait for it.
    """
    known = shim.looked_up(name, desk.places, desk.call.home)
    entry = shim.entry_of(known)
    if not entry.warm:
        fix = f"applaunch add {entry.app} --warm 5m, or for all apps: applaunch config set warm 5m"
        raise CannotRunError(name, "it is not warm", fix)
    call, reached = shim.asked(known, args, desk.places)
    if not reached.is_wired:
        how = "APPLAUNCH_WIRE=0 is set" if reached.endpoint.socket else f"{reached.endpoint.host} is no local socket"
        raise EngineError(name, f"no container can wait: {how}", _COLD)

    def work(pin: ResolvedImage) -> Idle:
        return _ready(entry, call, reached, pin, known.entry["idle"])

    try:
        return with_image(
            entry, call, reached, known.pin, lambda pin: shim.keep(pin, known, desk.places, reached), work
        )
    except ProtocolError as error:
        raise EngineError(reached.endpoint.host, str(error), "applaunch doctor") from None


def _ready(entry: CatalogEntry, call: Invocation, reached: Reached, pin: ResolvedImage, most: int) -> Idle:
    spec = spec_of(entry, call, reached, pin)
    if why := why_cold(entry, call, reached.traits, spec):
        raise CannotRunError(entry.name, f"no container can wait: {why}", _COLD)
    warmth = Warmth(entry, spec, reached, most)
    wire_of(reached).ping()
    _drop_spent(reached, warmth.key)
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
    for _, idle in state.of(reached.places.warm, warmth.key):
        return idle
    raise EngineError(entry.name, "no container was ready in time", "try again")


def _drop_spent(reached: Reached, key: str) -> None:
    """Take away those that no call would take, or find: their time is over, or they are gone."""
    wire = wire_of(reached)
    for path, idle in state.of(reached.places.warm, key):
        if idle.closes > time.time() and wire.pid(idle.container):
            continue
        goal = state.claim(reached.places.warm, path, idle.container)
        if goal and state.free(goal):
            removed(wire, goal, idle)
