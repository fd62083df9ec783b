"""What every management command starts from: who asks, where everything is, what is deployed."""

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
from launcher.manage.gather_evidence import witness
from launcher.run import catalog_set
from launcher.run.engine_connection import Reached, reach
from launcher.run.sleeping_container import wire_of
from launcher.state import launch_files as currents
from launcher.state.transactions import Record

_HANGING: list[EngineStalledError] = []
"""Why the engine of this command does not answer, once it is known."""

Undo = list[Callable[[], object]]
"""How the steps done so far are undone, the last one first."""


class Context(NamedTuple):
    """One management command at work."""

    call: Invocation
    places: Places
    record: Record
    command_line: tuple[str, ...]
    now: float

    @classmethod
    def open(cls) -> Self:
        """Read who asks; nothing is made on disk."""
        _refuse_anothers_home()
        call = process.read_invocation("applaunch", sys.argv[1:])
        where = places(call.env, call.home)
        record = Record(where.database, witness=partial(witness, where))
        return cls(call, where, record, ("applaunch", *sys.argv[1:]), time.time())

    def shelf(self, *, published: bool = True) -> catalog_set.CatalogSet:
        """Read the catalogs, without the *published* ones those that an installed app listens to, and the settings."""
        return catalog_set.read(self.places, self.call.home, published=published)

    def engine(self, *, autostart: bool = False) -> Reached:
        """Return the engine in force; raises `EngineError` where none answers, in seconds where it hangs."""
        if _HANGING:  # it was asked before by this command: once is enough
            raise _HANGING[0]
        try:
            found = reach(self.call, self.places, autostart=autostart)
            if found.endpoint.socket:
                wire_of(found).ping()
        except EngineStalledError as stalled:
            _HANGING.append(stalled)
            raise
        return found

    def shown(self, path: str) -> str:
        """Return *path* as people write it."""
        return catalog_set.shown(path, self.call.home)

    def deployed(self) -> dict[str, Deployment]:
        """Return what is deployed; what launches have found out since (their first pull) is filled in."""
        return {name: self._settled(deployment) for name, deployment in self.record.deployed().items()}

    def effective(self, deployment: Deployment) -> Deployment:
        """Return what launches of the app use now: the catalog may name another image than the one recorded."""
        known = next(
            filter(None, (currents.read(self.places.current, each.name) for each in deployment.commands)), None
        )
        return deployment._replace(image=known.image).held_on(known.pin) if known else deployment

    def transact(self, changes: Sequence[Change], work: Callable[[Undo, Sequence[Change]], None]) -> int:
        """Carry out *work* as one transaction and return its number.

        The work is handed the changes, every new deployment with its number, and says step by step how each step is
        undone. What fails is undone, and told in the history.
        """
        undo: Undo = []
        with self.record.alone(self.command_line), HeldSignals() as signals:
            number = self.record.begin(self.command_line, self.call.user, time.time(), changes, __version__)
            try:
                signals.release()
                work(undo, self.record.transaction(number).changes)
                signals.hold()
                self.record.commit(number, time.time())
            except BaseException as error:
                signals.hold()
                for step in reversed(undo):
                    with contextlib.suppress(UserError):  # one step that cannot be undone must not keep the others
                        step()
                self.record.fail(number, time.time(), str(error) or type(error).__name__)
                raise
        return number

    def _settled(self, deployment: Deployment) -> Deployment:
        now = self.effective(deployment)
        pin = now.pin
        if not pin.image_id or now.image != deployment.image or pin == deployment.pin:
            return deployment
        settled = self.record.settle(deployment.app, pin) if self._writable else None
        return settled or deployment.held_on(pin)

    @property
    def _writable(self) -> bool:
        return os.access(self.places.database, os.W_OK)


def _refuse_anothers_home() -> None:
    """Raise `HostError` where root works in another user's folders: what it wrote there the user could not change."""
    for variable in process.foreign_variables(os.environ):
        what = f"{variable} is another user's folder, and you are root"
        own = process.home_and_user(os.environ)[0]
        fix = f"run it without sudo, or with HOME={own}" if variable == "HOME" else f"unset {variable}"
        raise HostError(os.environ[variable], what, fix)
