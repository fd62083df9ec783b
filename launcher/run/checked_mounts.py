"""A run that starts only once its mounts are proved: in a container that is made first, and looked at while it sleeps.

The engine looks a path up itself when it mounts it. What was exchanged for a link until then, and put back, is found
afterwards; for who denies something that is too late if the program has begun. So it begins when the mounts stand.
"""

from __future__ import annotations

from launcher.core.run import warm_policy as kinds
from launcher.engine.engine_http import ProtocolError
from launcher.engine.exec_session import ExecEngine, ExecHooks
from launcher.errors import CannotRunError, NotFoundError
from launcher.fast_stdlib import suppress
from launcher.host import container_processes
from launcher.run.sleeping_container import asleep, wire_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.core.values.run_spec import RunSpec
    from launcher.engine.wire_engine import WireEngine
    from launcher.run.engine_connection import Reached

_LONG = 2**31 - 1  # seconds: it is removed when the program has ended


class Proved(ExecEngine):
    """An `Engine` that runs a program in a new container whose mounts have passed a *check*.

    The container stays when the program has ended, for the watcher to remove. An image without a ``sleep`` is
    `ProtocolError`: the next engine starts its program as ever.
    """

    def __init__(self, reached: Reached, check: Callable[[], None], app: str) -> None:
        """Make nothing yet."""
        nothing = kinds.Idle("", app, reached.endpoint.host, "fresh", 0.0, 0.0)
        outside = ExecHooks(container_processes.send_signal, lambda _: None, lambda: None)
        super().__init__(nothing, reached.traits.api, reached.traits.flavour, outside)
        self._reached, self._prove = reached, check

    def create(self, spec: RunSpec) -> str:
        """Return the id of the program to execute; raises `CannotRunError` if its mounts are not as planned."""
        wire = wire_of(self._reached)
        sleeping = kinds.idle(spec, "fresh", _LONG, "")._replace(name=spec.name, labels=spec.labels)
        container = wire.create(sleeping)
        try:
            self._idle = self._idle._replace(container=container, pid=_sleeping(wire, container, sleeping))
            self._prove()
            entrypoint, command = wire.defaults(spec.image)
            self._idle = self._idle._replace(entrypoint=entrypoint, command=command)
            return super().create(spec)
        except ProtocolError:
            wire.remove(container)  # the next engine makes one of that name; in any other case the watcher removes it
            raise


def _sleeping(wire: WireEngine, container: str, spec: RunSpec) -> int:
    """Start a container and return the pid of its first process, once it sleeps; raises `ProtocolError`."""
    with suppress(NotFoundError, CannotRunError):
        wire.start(container)
        if pid := asleep(wire, container, spec):
            return pid
    raise ProtocolError("no container of its image can wait")
