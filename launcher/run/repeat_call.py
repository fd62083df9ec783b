"""Repeats a call that is like one before, with all that belongs to its end: the journal, hints, the signal."""

from __future__ import annotations

import time

from launcher.fast_stdlib import os, signal
from launcher.run.replay import NO_HINT, may_need_hint, names_new_file, replay, writes_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from launcher.run.replay import Replayed


def repeat_call(argv: Sequence[str]) -> int | None:
    """Run the command of *argv* as it was planned before, and return its exit code; None if it has to be planned."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a Ctrl-C before anything has begun ends it without a word
    began, steady = time.time(), time.monotonic()
    done = replay(argv, os.environ)
    return None if done is None else finish(argv, done, began, time.monotonic() - steady)


def finish(argv: Sequence[str], done: Replayed, began: float, seconds: float) -> int:
    """Record a run that was repeated, which *began* then and took *seconds*; return its exit code, or die as it did."""
    from launcher.state import journal  # noqa: PLC0415  the program runs before it is loaded

    plan, (exit_code, received) = done
    name = argv[0].rpartition("/")[2]
    run = journal.Run(began, plan.app, name, plan.digest, exit_code, round(seconds, 3), done.cwd, runtime="bubblewrap")
    journal.append(plan.runs, run)
    is_lost = exit_code not in NO_HINT and not received and names_new_file(argv[1:])
    if is_lost or (exit_code not in (0, *NO_HINT) and not received and (may_need_hint(argv[1:]) or writes_file(plan))):
        from launcher.run import full_launch  # noqa: PLC0415  few calls

        full_launch.explain_end(argv, exit_code)
    if exit_code - 128 in received:
        from launcher.host.process import die_by_signal  # noqa: PLC0415  only at the very end

        die_by_signal(exit_code - 128)
    return exit_code
