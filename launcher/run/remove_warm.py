"""Removes warm containers: those that were used, the oldest of too many, and what killed launches left in them."""

from __future__ import annotations

from launcher.engine.exec_session import ExecEngine, ExecHooks
from launcher.errors import UserError
from launcher.fast_stdlib import closing, suppress
from launcher.host import container_processes
from launcher.run.sleeping_container import open_wire
from launcher.state import shared_runs, warm_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.run.warm_policy import Idle
    from launcher.engine.wire_queries import WireQueries
    from launcher.run.engine_connection import EngineConnection


def remove_idle(wire: WireQueries, path: str, idle: Idle) -> bool:
    """Remove a container that nobody uses, and delete its file; return False if the engine did not have it."""
    gone = False
    with suppress(UserError):
        gone = wire.remove(idle.container)
    warm_store.forget(path)
    return gone


def evict(engine: EngineConnection, most: int) -> None:
    """Remove the oldest warm containers of this user until *most* are left, and all that killed launches left."""
    folder = engine.places.warm
    for note, program, container in shared_runs.left_programs(folder):
        if container.host == engine.endpoint.host:
            end_left_program(engine, note, program, container)
    every = list(warm_store.list_idle(folder))
    idle = sorted((each.made, path, each) for path, each in every if not warm_store.is_taken(folder, path))
    taken = [(path, each) for path, each in every if warm_store.is_taken(folder, path)]
    for path, each in (*taken, *((path, each) for _, path, each in idle[: max(0, len(idle) - most)])):
        goal = warm_store.claim(folder, path, each.container)
        if goal and each.host == engine.endpoint.host and warm_store.is_free(goal):
            remove_idle(open_wire(engine), goal, each)


def end_left_program(engine: EngineConnection, note: str, program: str, idle: Idle) -> None:
    """End a *program* that a killed launch left in a shared container, and delete its *note*."""
    with suppress(UserError):
        end_program(engine, program, idle)
    warm_store.forget(note)


def end_program(engine: EngineConnection, program: str, idle: Idle) -> bool:
    """End a *program* in a shared container, with all that it started, and return True; raises `EngineError`."""
    outside = ExecHooks(container_processes.send_signal, lambda _: None, lambda: None)
    with closing(ExecEngine(idle, engine.traits.api, engine.traits.flavour, outside)) as session:
        session.remove(program)
    return True
