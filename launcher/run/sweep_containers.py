"""Remove the containers of dead launches whose watcher died too."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from launcher.core.run.liveness import launch_state
from launcher.engine import stale_containers
from launcher.engine.docker_client import connect
from launcher.errors import EngineError, EngineLostError, UserError
from launcher.fast_stdlib import suppress
from launcher.host import process
from launcher.state.warm_store import remove_expired

if TYPE_CHECKING:
    from launcher.run.engine_connection import EngineConnection


def sweep(reached: EngineConnection, stamp: str) -> None:
    """Remove what dead launches left, and note the time in the file *stamp*; no error ends a call that went well."""
    with suppress(UserError, OSError):
        os.close(os.open(stamp, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        os.utime(stamp)
        remove_expired(reached.places.warm, time.time())
        sweep_containers(reached)


def sweep_containers(reached: EngineConnection) -> None:
    """Remove the containers of dead launches; raises `EngineError`.

    One that the engine does not remove is left to a later sweep; it does not keep the others.
    """
    client = connect(reached.endpoint, reached.traits.api)
    found = stale_containers.list_containers(client)
    alive, boot = process.live_stamps()  # read last, so that a launch that began in between counts as alive
    for container in found:
        if launch_state(container.started, alive, boot) == "dead":
            try:
                stale_containers.remove_container(client, container)
            except EngineLostError:
                raise
            except EngineError:
                continue
