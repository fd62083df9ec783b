"""Planning on this machine: the facts that a plan needs, gathered, and proved once more when they are mounted."""

from __future__ import annotations

import os

from launcher.core.run.container_user import identity
from launcher.core.run.mount_plan import persisted, sources
from launcher.core.run.plan import is_apart, plan
from launcher.errors import printable
from launcher.host import path_check
from launcher.host.terminal import write_message
from launcher.run.engine_connection import Reached, account, hosts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from launcher.core.catalog.entry import CatalogEntry
    from launcher.core.policy.path_args import PathFacts
    from launcher.core.values.invocation import Invocation
    from launcher.core.values.resolved_image import ResolvedImage
    from launcher.core.values.run_spec import RunSpec
    from launcher.engine.engine_protocol import Engine
    from launcher.run.launch import Through


def spec_of(entry: CatalogEntry, call: Invocation, reached: Reached, pin: ResolvedImage) -> RunSpec:
    """Return exactly what would run; nothing is said about it."""
    return _planned(entry, call, reached, pin)[0]


def planned(entry: CatalogEntry, call: Invocation, reached: Reached, pin: ResolvedImage) -> tuple[RunSpec, PathFacts]:
    """Return exactly what runs, and the facts that it rests on; a secret that was named is noted, once."""
    spec, facts = _planned(entry, call, reached, pin)
    if spec.secrets:
        _note(entry, spec, reached)
    return spec, facts


def looked(entry: CatalogEntry, call: Invocation, socket: str = "") -> tuple[Invocation, PathFacts]:
    """Return *call*, its secrets by their paths on this machine, and what is at each path that matters.

    The *socket* of the engine is a secret: who reaches it can do what the engine can.
    """
    secrets, startup = path_check.existing_paths(
        call.home, (*call.secrets, *((socket,) if socket else ())), call.startup
    )
    call = call._replace(secrets=secrets, startup=startup)
    return call, path_check.inspect_paths(sources(entry, call))


def tell_new_startup(entry: CatalogEntry, call: Invocation, before: PathFacts) -> None:
    """Say which start-up files a program has made: one that is not there cannot be kept from being made."""
    made = path_check.inspect_paths(
        [path for path in path_check.existing_paths(call.home, call.startup)[0] if path not in before]
    )
    for path in made:
        write_message(printable(f"applaunch: {entry.name}: note: it made {path}, which your shell or desktop runs"))


def checked(through: Through, check: Callable[[], None]) -> Through:
    """Return *through*, its engines starting the program only where what is mounted passes the *check*."""

    def over(make: Callable[[], Engine]) -> Callable[[], Engine]:
        return lambda: _Checked(make(), check)

    return lambda engines: tuple(map(over, through(engines)))


class _Checked:
    """An engine that checks before a program starts, and after, before anybody hears of it."""

    def __init__(self, engine: Engine, check: Callable[[], None]) -> None:
        self._engine, self._check = engine, check

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def start(self, container: str) -> None:
        self._check()
        self._engine.start(container)
        self._check()  # a session that fails here removes the container


def _planned(entry: CatalogEntry, call: Invocation, reached: Reached, pin: ResolvedImage) -> tuple[RunSpec, PathFacts]:
    image = pin.reference(entry.image)
    who = identity(entry.user, call, reached.traits)
    names = account(reached, image, pin.image_id, call, who) if who.needs_account and pin.image_id else None
    for kept in persisted(entry, call) if entry.persist else ():
        _made(kept.source)
    call, facts = looked(entry, call, reached.endpoint.socket)
    own = hosts(reached) if is_apart(entry, reached.traits) else ""
    run = os.urandom(8).hex()
    return plan(entry, call, reached.traits, facts, image=image, account=names, hosts=own, run=run), facts


def _made(folder: str) -> None:
    """Make a folder of what an app keeps, for its owner alone; raises `HostError`."""
    if not os.path.isdir(folder):
        from launcher.host import files  # noqa: PLC0415  once for an app

        files.make_folder(folder, 0o700)


def _note(entry: CatalogEntry, spec: RunSpec, reached: Reached) -> None:
    from launcher.host import notices  # noqa: PLC0415  a secret was named

    for path in spec.secrets:
        what = f"{entry.name}: note: it can read {path}, which is secret"
        if notices.note_once(reached.places.noted, f"{entry.app} {path}"):
            write_message(printable(f"applaunch: {what}"))
