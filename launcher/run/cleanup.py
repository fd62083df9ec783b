"""What the watcher does when a program has ended: it removes a container at once, and sweeps once an hour."""

from __future__ import annotations

import os
import time

from launcher.errors import EngineStalledError, UserError
from launcher.fast_stdlib import closing, enable_site_packages, suppress
from launcher.run.engine_connection import EngineConnection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.run.launch import Launch

_PAUSE = 0.2
_PAUSES = (*[_PAUSE] * 12, 1.0, 2.0, 4.0)  # a container that was being created when its launch died appears later
_PATIENCE = 60.0  # seconds for one answer; an engine that hangs handles the request once it continues
_STALLED = 600.0  # seconds until we give up on an engine that hangs; a later sweep removes the container
_HOUR = 3600  # seconds between two sweeps


def finish(launch: Launch) -> None:
    """Do what can wait until the program has ended: sweep if it is time, and unpack the image for later calls."""
    if sweep_is_due(stamp := f"{launch.engine.places.state}/swept"):
        from launcher.run.sweep_containers import sweep  # noqa: PLC0415  docker-py, once an hour

        sweep(launch.engine, stamp)
    if launch.unpacks:
        enable_site_packages()
        from launcher.run.unpack_later import unpack_later  # noqa: PLC0415  once for an image

        unpack_later(launch)


def sweep_is_due(stamp: str) -> bool:
    """Return whether the last sweep, whose time the file *stamp* keeps, was more than an hour ago."""
    try:
        return time.time() - os.stat(stamp).st_mtime > _HOUR
    except OSError:
        return True


def remove_container(reached: EngineConnection, name: str) -> None:
    """Remove the container *name*, even if it is still being created; give up if the engine does not answer."""
    retry_patiently(lambda: _removed(reached, name))
    if reached.traits.flavour == "podman":  # it may leave half of a container that was still being created
        from launcher.run.sweep_containers import sweep_containers  # noqa: PLC0415  docker-py, after a kill

        with suppress(UserError):
            time.sleep(_PAUSE)
            sweep_containers(reached)


def _removed(reached: EngineConnection, name: str) -> bool:
    with closing(EngineConnection(reached.endpoint, reached.traits, reached.places).engines[0]()) as engine:
        return engine.remove(name, _PATIENCE)


def retry_patiently(work: Callable[[], bool]) -> None:
    """Repeat *work* until it returns True: for ten minutes if the engine hangs, for seconds otherwise."""
    until = time.monotonic() + _STALLED
    pauses = iter(_PAUSES)
    while True:
        try:
            if work():
                return
            pause = next(pauses, None)
        except EngineStalledError:
            pause = _PAUSE if time.monotonic() < until else None
        except UserError:
            pause = next(pauses, None)
        if pause is None:
            return
        time.sleep(pause)
