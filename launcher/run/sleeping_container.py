"""Starts containers that sleep until a program is executed in them."""

from __future__ import annotations

import time

from launcher.host import container_processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.values.run_spec import RunSpec
    from launcher.engine.wire_queries import WireQueries
    from launcher.run.engine_connection import EngineConnection

_READY = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 1.0, 2.0)  # seconds until a container is seen asleep


def open_wire(reached: EngineConnection) -> WireQueries:
    """Return a new connection to the socket of the engine that waits for its turn to create containers."""
    from launcher.engine.wire_queries import WireQueries  # noqa: PLC0415  not needed to reuse a warm container

    return WireQueries(reached.endpoint.socket, reached.traits.api, reached.traits.flavour, reached.queue)


def wait_until_asleep(wire: WireQueries, container: str, spec: RunSpec) -> int:
    """Return the pid of the first process of *container* once it sleeps; 0 if this machine does not see it sleep."""
    words = (*(spec.entrypoint or ()), *(spec.command or ()))
    for pause in _READY:
        pid = wire.pid(container)
        if not pid:
            return 0
        if container_processes.has_started(pid, words, by_init=spec.init):
            return pid
        time.sleep(pause)
    return 0
