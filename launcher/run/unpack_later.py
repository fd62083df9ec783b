"""Unpacks the image of an app in the background, after a run by the engine, for the calls to come."""

from __future__ import annotations

import os
import time

from launcher.errors import UserError
from launcher.fast_stdlib import suppress
from launcher.run.engine_connection import EngineConnection
from launcher.run.make_tree import make_tree_from_engine
from launcher.sandbox.make_private import make_private
from launcher.sandbox.unpack_limits import UnpackLimits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.run.launch import Launch

_NICE = 10
_RETRY = 24 * 3600  # seconds after which an image that could not be unpacked is tried again


def unpack_later(launch: Launch) -> None:
    """Unpack the image of *launch* unless that failed within the last day; failures are not reported.

    The settings limit its size, and the space that it leaves free. Call it in a process of its own.
    """
    failed = f"{launch.places.sandbox}/failed-{launch.pin.image_id.rpartition(':')[2][:24]}"
    with suppress(OSError):
        if time.time() - os.stat(failed).st_mtime < _RETRY:
            return
    os.nice(_NICE)
    settings, known = launch.file.settings, launch.engine
    engine = EngineConnection(known.endpoint, known.traits, known.places)  # no connection of another process
    limits = UnpackLimits(size=settings.unpack_limit, keep_free=settings.free_disk)
    try:
        make_tree_from_engine(engine, launch.places, launch.call, launch.entry.image, launch.pin, limits=limits)
    except (UserError, OSError):
        with suppress(OSError):
            make_private(launch.places.sandbox)
            os.close(os.open(failed, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600))
            os.utime(failed)
