"""Warm launches: a call takes a container that waits for it, and has another one made for the next call."""

from __future__ import annotations

import os
import time

from launcher.core.run import warm_policy as kinds
from launcher.engine.create_body import container_body
from launcher.engine.exec_session import ExecEngine, ExecHooks
from launcher.errors import NotFoundError, UserError
from launcher.fast_stdlib import dumps, signal, suppress
from launcher.host import container_processes
from launcher.host.watcher import Watcher
from launcher.run import cleanup
from launcher.run.launch import Session
from launcher.run.remove_warm import end_program, evict, remove_idle
from launcher.run.sleeping_container import open_wire, wait_until_asleep
from launcher.state import call_pace, shared_runs
from launcher.state import warm_store as waiting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.core.run.warm_policy import Idle
    from launcher.core.values.run_spec import RunSpec
    from launcher.engine.wire_queries import WireQueries
    from launcher.run.launch import Launch

_AGAIN = 3600.0  # seconds until an image without a usable sleep is tried again
_LOOP = 2.0  # seconds between calls of a loop, at most
_TRIES, _PAUSE = 10, 0.02
_AHEAD = 3  # fresh containers to keep ready during a loop


def warm_session(launch: Launch, spec: RunSpec) -> Session:
    """Return the session of *spec* in a container that waits, or else in a new one; its watcher makes the next one."""
    engine, warmth = launch.engine, WarmContainer(launch, spec)
    warmth.take()

    def clear(program: str) -> None:
        warmth.clear(program)
        if not program:  # it may have been killed while it made a container of its own
            cleanup.remove_container(engine, spec.name)

    def clean_up() -> None:
        from launcher.run.restore_warm_files import restore_damaged_files  # noqa: PLC0415  when the program has ended

        restore_damaged_files(engine, engine.places.warm)
        warmth.settle()
        cleanup.finish(launch)

    watcher = Watcher(clear, clean_up, warmth.ends, warmth.hold if warmth.ends else None)
    taken = warmth.engine(watcher.tell)
    return Session((lambda: taken, *engine.engines) if taken else engine.engines, watcher, warmth.close)


class WarmContainer:
    """The warm container that one call takes, and the one that it prepares for the next call."""

    def __init__(self, launch: Launch, spec: RunSpec) -> None:
        """Keep what the call would run; no container is taken yet."""
        self._entry, self._spec, self._reached = launch.entry, spec, launch.engine
        self._most = launch.file.settings.warm_idle
        self._folder = launch.engine.places.warm
        self.key = self._said()
        self.loan: waiting.Loan | None = None
        self._note: shared_runs.Note | None = None
        self.trouble: UserError | None = None
        """The error of the engine if it could not make a container for the next call."""

    def take(self) -> None:
        """Take a warm container for calls like this one, if there is one."""
        self.loan = waiting.borrow(self._folder, self.key, time.time())

    def prepare(self) -> bool:
        """Start a warm container for calls like this one now; return whether one is ready."""
        self._refill(1)
        return waiting.count_waiting(self._folder, self.key) > 0

    @property
    def is_unfit(self) -> bool:
        """Whether it was found in the last hour that no warm container can be made for calls like this one."""
        return call_pace.is_unfit(self._folder, self.key, time.time() - _AGAIN)

    def engine(self, told: Callable[[str], None]) -> ExecEngine | None:
        """Return the engine that runs in the taken container; it passes each program to *told* before it starts it."""
        if self.loan is None:
            return None
        traits = self._reached.traits
        loan = self.loan

        def about_to_start(program: str) -> None:
            if loan.idle.reuse == "shared":
                self._note = shared_runs.Note(self._folder, program, loan.idle)
            told(program)

        outside = ExecHooks(container_processes.send_signal, about_to_start, lambda: waiting.forget(loan.path))
        return ExecEngine(loan.idle, traits.api, traits.flavour, outside)

    @property
    def ends(self) -> float:
        """When the taken container would end by itself, in Unix seconds; 0 if none was taken."""
        return self.loan.idle.closes if self.loan else 0.0

    def hold(self) -> None:
        """Stop the sleep of the taken container, so that it does not end under the program; called by the watcher."""
        if self.loan is None:
            return
        waiting.retire(self._folder, self.loan.path, self.loan.idle.container)
        with suppress(UserError):
            self._wire().kill(self.loan.idle.container, signal.SIGSTOP)

    def clear(self, program: str) -> None:
        """Remove what a killed launch left: a container, or its *program* in a shared one; called by the watcher."""
        if self.loan is None:
            return
        idle = self.loan.idle
        if idle.reuse != "fresh" and program:
            cleanup.retry_patiently(lambda: end_program(self._reached, program, idle))
            waiting.forget(f"{self._folder}/{waiting.RUNNING}/{program}")
        self._give_up(lambda: cleanup.retry_patiently(lambda: self._wire().remove(idle.container)))

    def settle(self) -> None:
        """Remove the used container and start another one; called by the watcher when the program has ended."""
        hurried = call_pace.is_hurried(self._folder, self.key, time.time(), _LOOP)
        self._refill(_AHEAD if hurried and self.reuse == "fresh" else 1)
        self._give_up()

    def close(self) -> None:
        """Release the taken container. The watcher, which has none of our descriptors, does not need this."""
        if self._note:
            self._note.close()
        if self.loan:
            self.loan.close()

    def _give_up(self, before: Callable[[], None] | None = None) -> None:
        """Remove the used container if it is taken and no longer in use."""
        if self.loan is None:
            return
        path = waiting.taken_path(self._folder, self.loan.idle.container)
        for _ in range(_TRIES):  # a killed process releases its lock a moment after its pipe
            if waiting.is_free(path):
                if before:
                    before()
                remove_idle(self._wire(), path, self.loan.idle)
                return
            if not os.path.exists(path):
                return
            time.sleep(_PAUSE)

    def _refill(self, ahead: int) -> None:
        while waiting.count_waiting(self._folder, self.key) < ahead:
            if self.is_unfit:
                return
            maker = call_pace.lock_maker(self._folder, self.key, ahead)
            if maker < 0:
                return
            try:
                if not self._make():
                    break
            finally:
                os.close(maker)
        evict(self._reached, self._most)

    @property
    def reuse(self) -> str:
        """How the containers are used: ``fresh`` or ``shared``."""
        return self._entry.reuse

    def _make(self) -> bool:
        """Start a warm container and make it available once it sleeps; return whether it is."""
        wire, spec, made = self._wire(), self._idle(os.urandom(8).hex()), time.time()
        idle = kinds.Idle(
            container=spec.name,
            app=self._entry.app,
            host=self._reached.endpoint.host,
            reuse=self.reuse,
            made=made,
            expires=made + self._entry.warm,
        )
        kept, fits = False, True
        with waiting.Announcement(self._folder, self.key, idle):  # if it is found unlocked, this process was killed
            try:
                known = self._started(wire, spec, idle)
                fits = known is not None
                if known and self._said() == self.key:
                    waiting.add(self._folder, self.key, known)
                    kept = True
            except NotFoundError:
                fits = False
            except OSError:  # no descriptor is left to check or record it
                pass
            except UserError as trouble:
                self.trouble = trouble
            if not kept:
                wire.close()  # its descriptor may have been the last free one free one
                wire.remove(spec.name)
        if not fits:
            call_pace.mark_unfit(self._folder, self.key)
        return kept

    def _started(self, wire: WireQueries, spec: RunSpec, idle: Idle) -> Idle | None:
        """Start *spec* and return it once it sleeps; None if it does not."""
        container = wire.create(spec)
        wire.start(container)
        if not (pid := wait_until_asleep(wire, container, spec)):
            return None
        entrypoint, command = wire.defaults(self._spec.image)
        return idle._replace(container=container, pid=pid, entrypoint=entrypoint, command=command)

    def _said(self) -> str:
        """Return the full description that a container must match to serve this call."""
        words = container_body(self._idle("")._replace(labels=()), self._reached.traits.flavour)
        sources = [mount.source for mount in self._spec.mounts if mount.kind == "bind"]
        facts = (self._reached.endpoint.host, self._entry.app, self.reuse, self._spec.platform)
        return dumps([facts, words, container_processes.file_identities(sources)]).decode()

    def _idle(self, run: str) -> RunSpec:
        return kinds.idle_spec(self._spec, self.reuse, self._entry.warm, run)

    def _wire(self) -> WireQueries:
        return open_wire(self._reached)
