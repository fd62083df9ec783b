"""A launch: from a catalog entry and a call to the program's exit code, pulling on the way when it must."""

from __future__ import annotations

from launcher.core.policy.secret_access import home_is_writable, needs_mount_check
from launcher.core.run.warm_policy import may_be_warm, why_cold
from launcher.engine import run_session
from launcher.engine.engine_http import ProtocolError
from launcher.errors import ImageMissingError, Interrupted
from launcher.fast_stdlib import NamedTuple, closing, signal, suppress
from launcher.host import path_check
from launcher.host.path_check import MountCheck
from launcher.host.terminal import Terminal, write_message
from launcher.host.watcher import Watcher
from launcher.run.engine_connection import Reached, held, pulled
from launcher.run.plan_facts import checked, planned, tell_new_startup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias, TypeVar

    from launcher.core.catalog.entry import CatalogEntry
    from launcher.core.values.invocation import Invocation
    from launcher.core.values.resolved_image import ResolvedImage
    from launcher.core.values.run_spec import RunSpec
    from launcher.engine.engine_protocol import Engine

    T = TypeVar("T")

Told: TypeAlias = "Callable[[ResolvedImage], None]"
"""Takes the pin that a launch has found, so that the next one need not look."""

Engines: TypeAlias = "tuple[Callable[[], Engine], ...]"
"""What makes each engine that a session may run on, the quickest first."""

Through: TypeAlias = "Callable[[Engines], Engines]"
"""Takes the engines of a launch once it is planned, and returns those that are used in their place."""


class Ended(NamedTuple):
    """How a program ended: its exit code, and the signal that we should die of too (0: none)."""

    exit_code: int
    signal: int = 0
    typed: bool = False  # a Ctrl-C on a terminal in raw mode: nobody but the program has heard of it yet


def launch(  # noqa: PLR0913, PLR0917  what a call depends on, and where its pin goes
    entry: CatalogEntry,
    call: Invocation,
    reached: Reached,
    pin: ResolvedImage,
    told: Told,
    idle: int = 0,
    through: Through | None = None,
) -> Ended:
    """Run *entry* for this *call* and return how the program ended; at most *idle* containers wait for this user.

    Its engines go *through* where that is given: one that times them, say.

    Raises `UserError` before the program began, BrokenPipeError where nobody reads its output any more.
    """
    ways = through or _as_they_are
    return with_image(entry, call, reached, pin, told, lambda pin: _run(entry, call, reached, pin, idle, ways))


def with_image(  # noqa: PLR0913, PLR0917  as above
    entry: CatalogEntry,
    call: Invocation,
    reached: Reached,
    pin: ResolvedImage,
    told: Told,
    work: Callable[[ResolvedImage], T],
) -> T:
    """Return what *work* gives for the pin of an image that the engine has, pulled on the way when it must be."""
    if not pin.image_id or entry.pull_policy == "always":
        pin = _found(entry, call, reached, pin)
        told(pin)
    try:
        return work(pin)
    except ImageMissingError:
        if pin.image_id and not pin.loaded and reached.store.inspect(pin.image_id):  # it has lost the name alone
            pin = pin._replace(loaded=True)
            told(pin)
            return work(pin)
        if entry.pull_policy == "never":
            raise
        _refuse_built(entry)
    pin = pulled(reached, entry.name, pin.source(entry.image), call, entry.platform)
    told(pin)
    return work(pin)


def _as_they_are(engines: Engines) -> Engines:
    return engines


def _run(  # noqa: PLR0913, PLR0917  as above
    entry: CatalogEntry, call: Invocation, reached: Reached, pin: ResolvedImage, idle: int, through: Through
) -> Ended:
    spec, facts = planned(entry, call, reached, pin)
    watched = MountCheck(spec, facts, call.cwd)
    through = checked(through, watched.check)
    proof = reached.is_wired and needs_mount_check(entry, call, facts, spec)
    try:
        if proof and not why_cold(entry, call, reached.traits, spec):
            exit_code, terminal = _proved(entry, spec, reached, watched, through)
        elif reached.is_wired and may_be_warm(entry, call, reached.traits, spec):
            exit_code, terminal = _warm(entry, spec, reached, idle, through)
        else:
            exit_code, terminal = _cold(spec, reached, through)
    except Interrupted as stop:
        if stop.why:
            write_message(f"applaunch: {reached.endpoint.host}: {stop.why}")
        return Ended(128 + stop.number, stop.number, typed=stop.typed)
    if home_is_writable(call, spec):
        tell_new_startup(entry, call, facts)
    if exit_code not in _NO_HINT and not terminal.caught:
        _hint(entry, call, spec)
    return _ended(exit_code, terminal, tty=spec.tty)


def _cold(spec: RunSpec, reached: Reached, through: Through) -> tuple[int, Terminal]:
    """Run *spec* in a container of its own."""
    engines = through(reached.engines)
    watcher = Watcher(lambda _: _clear(reached, spec.name), lambda: _afterwards(reached))
    with watcher, Terminal() as terminal:
        return _on_the_quickest(spec, engines, terminal, watcher), terminal


def _proved(
    entry: CatalogEntry, spec: RunSpec, reached: Reached, watched: MountCheck, through: Through
) -> tuple[int, Terminal]:
    """Run *spec* where its mounts are proved before the program begins; the watcher removes the container."""
    from launcher.run.checked_mounts import Proved  # noqa: PLC0415  only where something is denied

    engines = through((lambda: Proved(reached, watched.check, entry.app), *reached.engines))

    def afterwards() -> None:
        _clear(reached, spec.name)
        _afterwards(reached)

    watcher = Watcher(lambda _: _clear(reached, spec.name), afterwards)
    with watcher, Terminal() as terminal:
        return _on_the_quickest(spec, engines, terminal, watcher), terminal


def _warm(entry: CatalogEntry, spec: RunSpec, reached: Reached, idle: int, through: Through) -> tuple[int, Terminal]:
    """Run *spec* in a container that waits, else in one of its own; the watcher sees to the next call's."""
    from launcher.run.warm_launch import Warmth  # noqa: PLC0415  only who asked for it

    warmth = Warmth(entry, spec, reached, idle)
    warmth.take()

    def clear(program: str) -> None:
        warmth.clear(program)
        if not program:  # it was killed on the way to a container of its own, perhaps
            _clear(reached, spec.name)

    def afterwards() -> None:
        from launcher.run.cleanup import restore  # noqa: PLC0415  in the watcher

        restore(reached, reached.places.warm)
        warmth.settle()
        _afterwards(reached)

    watcher = Watcher(clear, afterwards, warmth.ends, warmth.hold if warmth.ends else None)
    ready = warmth.engine(watcher.tell)
    engines = through((lambda: ready, *reached.engines) if ready else reached.engines)
    with watcher, closing(warmth), Terminal() as terminal:
        return _on_the_quickest(spec, engines, terminal, watcher), terminal


def _on_the_quickest(spec: RunSpec, engines: Engines, terminal: Terminal, watcher: Watcher) -> int:
    """Run *spec*; what a short cut does not understand, before anything has started, goes the longer way."""
    *short_cuts, last = engines
    for make in short_cuts:
        with suppress(ProtocolError), closing(make()) as engine:
            return run_session.run_container(spec, engine, terminal, watcher.guard)
    return run_session.run_container(spec, last(), terminal, watcher.guard)


def _hint(entry: CatalogEntry, call: Invocation, spec: RunSpec) -> None:
    from launcher.core.policy.path_args import named_paths  # noqa: PLC0415  as above
    from launcher.core.run.failure_hints import hints  # noqa: PLC0415  the program has failed

    for line in hints(entry, call, path_check.inspect_paths(named_paths(call.args, "ro", call.cwd)), spec):
        write_message(line)


def _clear(reached: Reached, name: str) -> None:
    from launcher.run.cleanup import clear  # noqa: PLC0415  in the watcher, after a launcher that was killed

    clear(reached, name)


def _afterwards(reached: Reached) -> None:
    from launcher import quick  # noqa: PLC0415  in the watcher, when the program has ended
    from launcher.run.cleanup import sweep_now_and_then  # noqa: PLC0415  as above

    sweep_now_and_then(reached)
    quick.mend()


_NO_HINT = (0, 125, 126, 127)  # no line of ours may come with a program's own 125 to 127: it could be taken for ours


def _found(entry: CatalogEntry, call: Invocation, reached: Reached, pin: ResolvedImage) -> ResolvedImage:
    """Return the pin of an image that the engine has, else pull it."""
    if entry.pull_policy != "always" and (facts := reached.store.inspect(pin.reference(entry.image))):
        return held(facts, entry.image)
    _refuse_built(entry)
    if entry.pull_policy == "never":
        raise ImageMissingError(
            entry.image, "the engine has no such image", "pull_policy = 'never' keeps it from being pulled"
        )
    return pulled(reached, entry.name, entry.image, call, entry.platform)


def _refuse_built(entry: CatalogEntry) -> None:
    """Raise for an image that no registry has: it is built by a management command."""
    from launcher.core.values.deployment_tag import is_built  # noqa: PLC0415  the image is not here

    if is_built(entry.image):
        raise ImageMissingError(entry.name, "its image is not built", f"applaunch add {entry.app}")


def _ended(exit_code: int, terminal: Terminal, *, tty: bool) -> Ended:
    """Tell whether a signal that came through us, or a Ctrl-C typed into the program, was what ended it.

    A shell's loop stops only where its child dies of the signal, whatever the exit code says.
    """
    number = exit_code - 128
    if number in terminal.caught:
        return Ended(exit_code, number)
    return Ended(exit_code, signal.SIGINT, typed=True) if tty and number == signal.SIGINT else Ended(exit_code)
