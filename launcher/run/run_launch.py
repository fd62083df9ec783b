"""Runs a launch: the program in its container, to its exit code, and one line in the journal."""

from __future__ import annotations

from launcher.core.policy.secret_access import home_is_writable, needs_mount_check
from launcher.engine import run_session
from launcher.engine.engine_http import ProtocolError
from launcher.errors import EngineError, ImageMissingError, Interrupted
from launcher.fast_stdlib import closing, signal, suppress
from launcher.host.path_check import MountCheck
from launcher.host.process import read_umask
from launcher.host.terminal import Terminal, write_message
from launcher.host.watcher import Watcher
from launcher.run.launch import Session
from launcher.run.plan_facts import check_mounts, note_secrets, note_startup, plan_launch
from launcher.run.record_run import Ended, record_run, start_clock
from launcher.run.replay import NO_HINT, names_new_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from launcher.core.policy.path_args import PathFacts
    from launcher.core.values.run_spec import RunSpec
    from launcher.run.engine_connection import EngineConnection
    from launcher.run.launch import Launch


def run_launch(launch: Launch) -> Ended:
    """Run the program, record the run, and return how it ended; pull the image if the engine does not have it.

    Raises `UserError` if the program did not start, BrokenPipeError if nobody reads its output any more.
    """
    began = start_clock()
    if not launch.pin.image_id or launch.entry.pull_policy == "always":
        from launcher.run.find_image import find_image  # noqa: PLC0415  the first launch, mostly

        launch = find_image(launch)
    try:
        ended = _run(launch)
    except ImageMissingError as missing:
        from launcher.run.find_image import recover_image  # noqa: PLC0415  the image was removed

        launch = recover_image(launch, missing)
        ended = _run(launch)
    record_run(launch, began, ended)
    return ended


def _run(launch: Launch) -> Ended:
    spec, facts = plan_launch(launch)
    note_secrets(launch, spec)
    mounts = MountCheck(spec, facts, launch.call.cwd)
    session = _session(launch, spec, facts, mounts)
    *fast, complete = check_mounts(launch.instrument(session.engines), mounts)
    try:
        with session.watcher, closing(session), Terminal() as terminal:
            for make in fast:  # what one does not understand, before anything has started, goes to the next
                with suppress(ProtocolError), closing(make()) as engine:
                    exit_code = run_session.run_container(spec, engine, terminal, session.watcher.guard)
                    break
            else:
                exit_code = run_session.run_container(spec, complete(), terminal, session.watcher.guard)
    except Interrupted as stop:
        if stop.why:
            write_message(f"applaunch: {launch.engine.endpoint.host}: {stop.why}")
        return Ended(128 + stop.number, stop.number, typed=stop.typed)
    except EngineError as error:
        from launcher.run.explain_refusal import explain_refusal  # noqa: PLC0415  only on failure

        raise explain_refusal(launch.entry.name, spec, error) from None
    if home_is_writable(launch.call, spec):
        note_startup(launch, facts)
    if not terminal.caught and exit_code not in NO_HINT and (exit_code or _names_what_is_missing(launch.call.args)):
        _print_hints(launch, spec, exit_code)
    if (umask := read_umask()) != _USUAL_UMASK:
        from launcher.run.note_umask import note_umask  # noqa: PLC0415  some callers

        note_umask(launch, spec, umask)
    return _ended(exit_code, terminal, tty=spec.tty)


def _session(launch: Launch, spec: RunSpec, facts: PathFacts, mounts: MountCheck) -> Session:
    """Return a session in a container that waits, or with its mounts checked first, if the app needs one of them."""
    engine = launch.engine
    proof = engine.is_wired and needs_mount_check(launch.entry, launch.call, facts, spec)
    if proof or (engine.is_wired and launch.entry.warm):
        from launcher.core.run.warm_policy import why_cold  # noqa: PLC0415  few apps

        if not why_cold(launch.entry, launch.call, engine.traits, spec):
            from launcher.run.checked_mounts import checked_session  # noqa: PLC0415  few apps
            from launcher.run.warm_launch import warm_session  # noqa: PLC0415  few apps

            return checked_session(launch, spec, mounts) if proof else warm_session(launch, spec)
    watcher = Watcher(lambda _: _clear(engine, spec.name), lambda: _finish(launch))
    return Session(engine.engines, watcher)


def _clear(engine: EngineConnection, name: str) -> None:
    from launcher.run.cleanup import remove_container  # noqa: PLC0415  in the watcher, after a launcher that was killed

    remove_container(engine, name)


def _finish(launch: Launch) -> None:
    from launcher.run.cleanup import finish  # noqa: PLC0415  in the watcher, when the program has ended

    finish(launch)


_USUAL_UMASK = 0o022  # which programs in containers have, too


def _names_what_is_missing(args: Sequence[str]) -> bool:
    """Return whether one of *args* may name what no container has: a new file elsewhere, or a descriptor."""
    return names_new_file(args) or any("/fd/" in arg for arg in args)


def _print_hints(launch: Launch, spec: RunSpec, exit_code: int) -> None:
    from launcher.run.print_hints import print_engine_hints  # noqa: PLC0415  few calls

    print_engine_hints(launch, spec, exit_code)


def _ended(exit_code: int, terminal: Terminal, *, tty: bool) -> Ended:
    """Return how a program ended: by its own exit, by a signal that we forwarded, or by a Ctrl-C typed into it.

    A shell's loop stops only if its child dies of the signal, whatever the exit code says.
    """
    number = exit_code - 128
    if number in terminal.caught:
        return Ended(exit_code, number)
    return Ended(exit_code, signal.SIGINT, typed=True) if tty and number == signal.SIGINT else Ended(exit_code)
