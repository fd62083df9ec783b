"""Pulling what is installed: the tag's newest image, and the app held on it from then on."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from launcher import shim
from launcher.core.moment import iso
from launcher.core.names import did_you_mean
from launcher.core.record import Change, Deployment
from launcher.errors import NotFound
from launcher.manage.desk import Desk, Undo
from launcher.reached import Reached, pulled
from launcher.state import current as currents


class PulledApp(NamedTuple):
    """One app after its pull."""

    app: str
    image: str
    before: str  # digest; "" at the first pull
    after: str


def pull(desk: Desk, names: Sequence[str]) -> tuple[list[PulledApp], int]:
    """Pull the images of the apps *names* (all, where none is named) and hold the apps on what came.

    All are pulled before any app switches. Returns them and the number of the transaction (0: nothing moved).
    """
    settings = desk.shelf().settings
    with desk.record.alone(desk.command_line):
        deployed = desk.deployed()
        for name in names:
            if name not in deployed:
                raise NotFound(name, "is not installed", did_you_mean(name, deployed, f"applaunch add {name}"))
        chosen = [deployed[name] for name in dict.fromkeys(names or deployed)]
        if not chosen:
            return [], 0
        reached = desk.engine(autostart=settings.autostart)
        pairs = [(old, _pulled(desk, reached, old)) for old in chosen]
        for old, new in pairs:
            if not old.image_id and new.image == old.image:  # its first pull, which is part of its installation
                _hold(desk, new)
                desk.record.settle(new.app, *new.pin)
        moved = [(old, new) for old, new in pairs if new != old and (old.image_id or new.image != old.image)]
        number = _switch(desk, moved) if moved else 0
    return [PulledApp(old.app, new.image, old.digest, new.digest) for old, new in pairs], number


def _pulled(desk: Desk, reached: Reached, old: Deployment) -> Deployment:
    """Pull what the catalogs name today for the app; returns the deployment that makes, *old* where it is the same."""
    known = shim.looked_up(old.commands[0].name, desk.places, desk.call.home)
    pin = pulled(reached, old.app, known.image, desk.call, shim.entry_of(known).platform)
    if (known.image, pin.digest, pin.image_id) == (old.image, old.digest, old.image_id):
        return old
    return old.held_on(pin)._replace(image=known.image, created=iso(desk.now))


def _switch(desk: Desk, moved: list[tuple[Deployment, Deployment]]) -> int:
    def work(undo: Undo) -> None:
        for old, new in moved:
            undo.append(partial(_hold, desk, old))
            _hold(desk, new)

    return desk.transact([Change(new.app, "Upgrade", old, new) for old, new in moved], work)


def _hold(desk: Desk, deployment: Deployment) -> None:
    for command in deployment.commands:
        if known := currents.read(desk.places.current, command.name):
            currents.write(desk.places.current, known.held_on(deployment.pin)._replace(image=deployment.image))
