"""Runs that start only when their mounts were checked, in a container that is created first and sleeps meanwhile.

The engine resolves a path itself when it mounts it. A path that was replaced by a link until then is only noticed
afterwards. If paths are denied to the app, that is too late: so the program starts when the mounts have been checked.
"""

from __future__ import annotations

from launcher.core.run import warm_policy as kinds
from launcher.engine.engine_http import ProtocolError
from launcher.engine.exec_session import ExecEngine, ExecHooks
from launcher.errors import CannotRunError, NotFoundError
from launcher.fast_stdlib import suppress
from launcher.host import container_processes
from launcher.host.watcher import Watcher
from launcher.run import cleanup
from launcher.run.launch import Session
from launcher.run.sleeping_container import open_wire, wait_until_asleep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.values.run_spec import RunSpec
    from launcher.engine.wire_queries import WireQueries
    from launcher.host.path_check import MountCheck
    from launcher.run.launch import Launch

_LONG = 2**31 - 1  # seconds; the container is removed when the program has ended


def checked_session(launch: Launch, spec: RunSpec, mounts: MountCheck) -> Session:
    """Return the session of *spec* in a new container whose *mounts* are checked; its watcher removes the container."""
    engine = launch.engine

    def clean_up() -> None:
        cleanup.remove_container(engine, spec.name)
        cleanup.finish(launch)

    watcher = Watcher(lambda _: cleanup.remove_container(engine, spec.name), clean_up)
    return Session((lambda: CheckedEngine(launch, mounts), *engine.engines), watcher)


class CheckedEngine(ExecEngine):
    """An `Engine` that runs a program in a new container whose mounts have passed a check.

    The watcher removes the container when the program has ended. An image without a ``sleep`` raises `ProtocolError`:
    the next engine then starts the program in the usual way.
    """

    def __init__(self, launch: Launch, mounts: MountCheck) -> None:
        """Keep the launch; no container is created yet."""
        reached = launch.engine
        nothing = kinds.Idle("", launch.entry.app, reached.endpoint.host, "fresh", 0.0, 0.0)
        outside = ExecHooks(container_processes.send_signal, lambda _: None, lambda: None)
        super().__init__(nothing, reached.traits.api, reached.traits.flavour, outside)
        self._reached, self._mounts = reached, mounts

    def create(self, spec: RunSpec) -> str:
        """Return the id of the program to execute; raises `CannotRunError` if its mounts are not as planned."""
        wire = open_wire(self._reached)
        sleeping = kinds.idle_spec(spec, "fresh", _LONG, "")._replace(name=spec.name, labels=spec.labels)
        container = wire.create(sleeping)
        try:
            self._idle = self._idle._replace(container=container, pid=_sleeping(wire, container, sleeping))
            self._mounts.check()
            entrypoint, command = wire.defaults(spec.image)
            self._idle = self._idle._replace(entrypoint=entrypoint, command=command)
            return super().create(spec)
        except ProtocolError:
            wire.remove(container)  # the next engine uses the name; in any other case the watcher removes it
            raise


def _sleeping(wire: WireQueries, container: str, spec: RunSpec) -> int:
    """Start a container and return the pid of its first process once it sleeps; raises `ProtocolError`."""
    with suppress(NotFoundError, CannotRunError):
        wire.start(container)
        if pid := wait_until_asleep(wire, container, spec):
            return pid
    raise ProtocolError("no container of its image can wait")
