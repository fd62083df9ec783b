"""The context of a management command: the caller, the locations, the record."""

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
from launcher.errors import EngineStalledError, HostError, NoEngineError, UserError
from launcher.host import process
from launcher.host.held_signals import HeldSignals
from launcher.host.locations import Places, places
from launcher.manage.gather_evidence import gather_evidence
from launcher.run import catalog_set
from launcher.run.engine_connection import EngineConnection, connect_engine
from launcher.run.sleeping_container import open_wire
from launcher.state import launch_files
from launcher.state.transactions import Record

_HANGING: list[EngineStalledError] = []
"""The error of an engine that did not answer this command."""

Undo = list[Callable[[], object]]
"""Functions that undo the finished steps; the last one runs first."""


class Context(NamedTuple):
    """One run of a management command."""

    call: Invocation
    places: Places
    record: Record
    command_line: tuple[str, ...]
    now: float

    @classmethod
    def open(cls) -> Self:
        """Read the caller's data; nothing is written to disk."""
        _refuse_other_home()
        call = process.read_invocation("applaunch", sys.argv[1:])
        where = places(call.env, call.home)
        record = Record(where.database, witness=partial(gather_evidence, where))
        return cls(call, where, record, ("applaunch", *sys.argv[1:]), time.time())

    def read_catalogs(self, *, published: bool = True) -> catalog_set.CatalogSet:
        """Read the settings and the catalogs, without *published* only those that installed apps use."""
        return catalog_set.read_catalogs(self.places, self.call.home, published=published)

    def engine(self, *, autostart: bool = False) -> EngineConnection:
        """Return the connection to the engine; raises `EngineError` if none answers, within seconds if it hangs."""
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

    def find_engine(self, *, autostart: bool = False) -> EngineConnection | None:
        """Return the connection to the engine, None if this machine has none: images are then unpacked into trees.

        With *autostart*, start the private engine if the settings say so. Raises `EngineError` for a named engine that
        does not answer, and `NoEngineError` if the settings say ``runtime = "engine"``.
        """
        try:
            return self.engine(autostart=autostart and self.read_catalogs(published=False).settings.autostart)
        except NoEngineError:
            if self.read_catalogs(published=False).settings.runtime == "engine":
                raise
            return None

    def engine_for(self, app: str, what: str, instead: str = "") -> EngineConnection:
        """Return the connection to the engine; without one raise `NoEngineError`, which says *what* needs it.

        *instead* is another way out than installing an engine.
        """
        try:
            return self.engine(autostart=self.read_catalogs(published=False).settings.autostart)
        except NoEngineError as error:
            fix = f"{error.fix}, or {instead}" if instead else error.fix
            raise NoEngineError(app, f"{what}, and {error.what}", fix) from None

    def shown(self, path: str) -> str:
        """Return *path* for display."""
        return catalog_set.display_path(path, self.call.home)

    def deployed(self) -> dict[str, Deployment]:
        """Return the current deployments, with the images that first pulls have found since; nothing is written."""
        return {name: self._with_known_image(each) for name, each in self.record.deployed().items()}

    def settle(self) -> dict[str, Deployment]:
        """Record the images that first pulls have found, and return what is deployed."""
        found = self.record.deployed()
        for name, deployment in found.items():
            if (known := self._with_known_image(deployment)) != deployment:
                found[name] = self.record.settle(name, known.pin) or known
        return found

    def effective(self, deployment: Deployment) -> Deployment:
        """Return the deployment with the image that launches use: a catalog may name another than the record."""
        known = next(
            filter(None, (launch_files.read(self.places.current, each.name) for each in deployment.commands)), None
        )
        return deployment._replace(image=known.image).with_image(known.pin) if known else deployment

    def transact(self, changes: Sequence[Change], work: Callable[[Undo, Sequence[Change]], None]) -> int:
        """Do *work* as one transaction and return its number.

        *work* gets the changes, with a number in each new deployment, and appends a function for each step that undoes
        it. If it fails, its steps are undone, and the history records the reason.
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


def _refuse_other_home() -> None:
    """Raise `HostError` if root uses another user's folders: the user could not change the files later."""
    for variable in process.foreign_variables(os.environ):
        what = f"{variable} is another user's folder, and you are root"
        own = process.home_and_user(os.environ)[0]
        fix = f"run it without sudo, or with HOME={own}" if variable == "HOME" else f"unset {variable}"
        raise HostError(os.environ[variable], what, fix)
