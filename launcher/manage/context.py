"""What every management command starts from: the caller, the folders, the record and the engine."""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, Self

from launcher import __version__
from launcher.core.deploy.record import Change, Deployment
from launcher.core.values.invocation import Invocation
from launcher.errors import EngineStalledError, HostError, UserError
from launcher.host import process
from launcher.host.held_signals import HeldSignals
from launcher.host.locations import Places, places
from launcher.manage.gather_evidence import gather_evidence
from launcher.run import catalog_set
from launcher.run.engine_connection import EngineConnection, connect_engine
from launcher.run.sleeping_container import open_wire
from launcher.state import launch_files as currents
from launcher.state.transactions import Record

_HANGING: list[EngineStalledError] = []
"""Why the engine does not answer, once this command has found out."""

Undo = list[Callable[[], object]]
"""How to undo the steps done so far; the last one is undone first."""


class Context(NamedTuple):
    """One management command at work."""

    call: Invocation
    places: Places
    record: Record
    command_line: tuple[str, ...]
    now: float

    @classmethod
    def open(cls) -> Self:
        """Read the caller and the environment; nothing is written to disk."""
        _refuse_anothers_home()
        call = process.read_invocation("applaunch", sys.argv[1:])
        where = places(call.env, call.home)
        record = Record(where.database, witness=partial(gather_evidence, where))
        return cls(call, where, record, ("applaunch", *sys.argv[1:]), time.time())

    def read_catalogs(self, *, published: bool = True) -> catalog_set.CatalogSet:
        """Read the settings and the catalogs; without the *published* ones, those that an installed app follows."""
        return catalog_set.read(self.places, self.call.home, published=published)

    def engine(self, *, autostart: bool = False) -> EngineConnection:
        """Return the engine in use; raises `EngineError` if none answers, within seconds if it hangs."""
        if _HANGING:  # this command has waited for it once already
            raise _HANGING[0]
        try:
            found = connect_engine(self.call, self.places, autostart=autostart)
            if found.endpoint.socket:
                open_wire(found).ping()
        except EngineStalledError as stalled:
            _HANGING.append(stalled)
            raise
        return found

    def shown(self, path: str) -> str:
        """Return *path* as people write it, with ``~`` for the home."""
        return catalog_set.shown(path, self.call.home)

    def deployed(self) -> dict[str, Deployment]:
        """Return what is deployed, with the images that first pulls have found since; nothing is written."""
        return {name: self._with_known_image(each) for name, each in self.record.deployed().items()}

    def settle(self) -> dict[str, Deployment]:
        """Record the images that first pulls have found, and return what is deployed."""
        found = self.record.deployed()
        for name, deployment in found.items():
            if (known := self._with_known_image(deployment)) != deployment:
                found[name] = self.record.settle(name, known.pin) or known
        return found

    def effective(self, deployment: Deployment) -> Deployment:
        """Return what launches of the app use now: a catalog may name another image than the recorded one."""
        known = next(
            filter(None, (currents.read(self.places.current, each.name) for each in deployment.commands)), None
        )
        return deployment._replace(image=known.image).with_image(known.pin) if known else deployment

    def transact(self, changes: Sequence[Change], work: Callable[[Undo, Sequence[Change]], None]) -> int:
        """Carry out *work* as one transaction and return its number.

        *work* gets the changes, in which every new deployment has its number, and appends how to undo each step. If it
        fails, its steps are undone, and history says why.
        """
        undo: Undo = []
        with self.record.alone(self.command_line), HeldSignals() as signals:
            begun = self.record.begin(self.command_line, self.call.user, time.time(), changes, __version__)
            number = begun.id
            try:
                signals.release()
                work(undo, begun.changes)
                signals.hold()
                self.record.commit(number, time.time())
            except BaseException as error:
                signals.hold()
                for step in reversed(undo):
                    with contextlib.suppress(UserError):  # a step that cannot be undone must not stop the others
                        step()
                self.record.fail(number, time.time(), str(error) or type(error).__name__)
                raise
        return number

    def _with_known_image(self, deployment: Deployment) -> Deployment:
        """Return *deployment* on the image that its launches use; a digest that is recorded stays."""
        now = self.effective(deployment)
        if not now.image_id or now.image != deployment.image or deployment.digest not in ("", now.digest):
            return deployment
        return deployment.with_image(now.pin._replace(pulled=now.pulled or deployment.pulled))


def _refuse_anothers_home() -> None:
    """Raise `HostError` if root works in another user's folders: that user could not change what it writes."""
    for variable in process.foreign_variables(os.environ):
        what = f"{variable} is another user's folder, and you are root"
        own = process.home_and_user(os.environ)[0]
        fix = f"run it without sudo, or with HOME={own}" if variable == "HOME" else f"unset {variable}"
        raise HostError(os.environ[variable], what, fix)
