"""A launch: from a catalog entry and a call to the program's exit code, pulling on the way when it must."""

import contextlib
import os
from collections.abc import Callable
from functools import partial
from signal import SIGINT
from typing import NamedTuple

from launcher.clearing import clear, sweep_now_and_then
from launcher.core.call import Invocation
from launcher.core.entry import CatalogEntry
from launcher.core.hints import hints
from launcher.core.identity import identity
from launcher.core.path_args import named
from launcher.core.pin import Pin
from launcher.core.plan import plan
from launcher.core.sight import sources
from launcher.core.spec import RunSpec
from launcher.engine import session
from launcher.engine.http import Unexpected
from launcher.errors import ImageMissing
from launcher.host import process
from launcher.host.terminal import Terminal, say
from launcher.host.watcher import Watcher
from launcher.reached import Reached, account, held, image_of, pulled

Told = Callable[[Pin], None]
"""Takes the pin that a launch has found, so that the next one need not look."""


class Ended(NamedTuple):
    """How a program ended: its exit code, and the signal that we should die of too (0: none)."""

    exit_code: int
    signal: int = 0
    typed: bool = False  # a Ctrl-C on a terminal in raw mode: nobody but the program has heard of it yet


def launch(entry: CatalogEntry, call: Invocation, reached: Reached, pin: Pin, told: Told) -> Ended:
    """Run *entry* for this *call* and return how the program ended.

    Raises `Trouble` before the program began, BrokenPipeError where nobody reads its output any more.
    """
    if not pin.image_id or entry.pull_policy == "always":
        pin = _found(entry, call, reached, pin)
        told(pin)
    try:
        return _run(entry, call, reached, pin)
    except ImageMissing:
        if entry.pull_policy == "never":
            raise
    pin = pulled(reached, entry.name, pin.reference(entry.image), call, entry.platform)
    told(pin)
    return _run(entry, call, reached, pin)


def _run(entry: CatalogEntry, call: Invocation, reached: Reached, pin: Pin) -> Ended:
    spec = spec_of(entry, call, reached, pin)
    with Watcher(partial(clear, reached, spec.name), partial(sweep_now_and_then, reached)), Terminal() as terminal:
        exit_code = _on_the_quickest(spec, reached, terminal)
    if exit_code not in _NO_HINT and not terminal.caught:
        for line in hints(entry, call, process.facts(named(call.args, "ro", call.cwd)), spec):
            say(line)
    return _ended(exit_code, terminal, tty=spec.tty)


def _on_the_quickest(spec: RunSpec, reached: Reached, terminal: Terminal) -> int:
    """Run *spec*; what the short cut does not understand, before anything has started, goes the long way."""
    *short_cuts, last = reached.engines
    for make in short_cuts:
        with contextlib.suppress(Unexpected), contextlib.closing(make()) as engine:
            return session.run(spec, engine, terminal)
    return session.run(spec, last(), terminal)


_NO_HINT = (0, 125, 126, 127)  # no line of ours may come with a program's own 125 to 127: it could be taken for ours


def spec_of(entry: CatalogEntry, call: Invocation, reached: Reached, pin: Pin) -> RunSpec:
    """Return exactly what would run: the facts gathered, the plan made."""
    image = pin.reference(entry.image)
    who = identity(entry.user, call, reached.traits)
    names = account(reached, image, pin.image_id, call, who) if who.needs_account and pin.image_id else None
    facts = process.facts(sources(entry, call))
    return plan(entry, call, reached.traits, facts, image=image, account=names, run=os.urandom(8).hex())


def _found(entry: CatalogEntry, call: Invocation, reached: Reached, pin: Pin) -> Pin:
    """Return the pin of an image that the engine has, else pull it."""
    if entry.pull_policy != "always" and (facts := image_of(reached, pin.reference(entry.image))):
        return held(facts, entry.image)
    if entry.pull_policy == "never":
        raise ImageMissing(
            entry.image, "the engine has no such image", "pull_policy = 'never' keeps it from being pulled"
        )
    return pulled(reached, entry.name, entry.image, call, entry.platform)


def _ended(exit_code: int, terminal: Terminal, *, tty: bool) -> Ended:
    """Tell whether a signal that came through us, or a Ctrl-C typed into the program, was what ended it.

    A shell's loop stops only where its child dies of the signal, whatever the exit code says.
    """
    number = exit_code - 128
    if number in terminal.caught:
        return Ended(exit_code, number)
    return Ended(exit_code, SIGINT, typed=True) if tty and number == SIGINT else Ended(exit_code)
