"""Runs a call of a command in a sandbox where that gives the same run, or prepares its launch by an engine."""

from __future__ import annotations

from launcher.core.sandbox.choose_runtime import BUBBLEWRAP, NO_TREE
from launcher.errors import NoEngineError, SandboxError
from launcher.run.launch import prepare_launch
from launcher.run.load_modules import SANDBOX, load_modules
from launcher.run.sandbox_launch import choose_sandbox

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from launcher.core.catalog.entry import CatalogEntry
    from launcher.host.locations import Places
    from launcher.run.launch import Launch
    from launcher.run.record_run import Ended
    from launcher.state.launch_files import LaunchFile


def run_or_prepare(
    file: LaunchFile, args: Sequence[str], places: Places, entry: CatalogEntry | None = None
) -> Ended | Launch:  # fmt: skip
    """Run *file*, or a variation of its *entry*, with *args* in a sandbox, and return how the program ended.

    If an engine has to run it, or has to take the place of a sandbox that cannot be made, return its launch instead,
    for `run_launch`. Raises `UserError` if the program did not start.
    """
    failure = None
    sandbox = choose_sandbox(file, args, places, entry)
    if not isinstance(sandbox, str):
        load_modules(SANDBOX)
        from launcher.run.run_in_sandbox import run_in_sandbox  # noqa: PLC0415  not with an engine

        try:
            return run_in_sandbox(sandbox)
        except SandboxError as error:
            if sandbox.is_demanded:
                raise
            failure = error
    try:
        return prepare_launch(file, args, places, entry)._replace(unpacks=sandbox == NO_TREE)
    except NoEngineError as error:
        if failure:
            raise _neither(entry or file.entry, failure, error) from None
        other = choose_sandbox(file, args, places, entry, error.fix) if isinstance(sandbox, str) else ""
        if isinstance(other, str):
            raise
        from launcher.run.run_in_sandbox import run_in_sandbox  # noqa: PLC0415  no engine answers

        return run_in_sandbox(other)


def _neither(entry: CatalogEntry, failure: SandboxError, no_engine: NoEngineError) -> NoEngineError:
    """Return the error for a call that no sandbox can run, for a reason that was found while it was made."""
    what = failure.what if failure.where == BUBBLEWRAP else f"{failure.where}: {failure.what}"
    fix = ", or: ".join(filter(None, (failure.fix, no_engine.fix)))
    return NoEngineError(entry.name, f"no engine answers, and bubblewrap cannot run it: {what}", fix)


def run_call(file: LaunchFile, args: Sequence[str], places: Places, entry: CatalogEntry | None = None) -> Ended:
    """Run *file*, or a variation of its *entry*, with *args*, and return how the program ended.

    Raises `UserError` if it did not start, BrokenPipeError if nobody reads its output any more.
    """
    from launcher.run.record_run import Ended  # noqa: PLC0415  not needed to import this module
    from launcher.run.run_launch import run_launch  # noqa: PLC0415  not in a sandbox

    begun = run_or_prepare(file, args, places, entry)
    return begun if isinstance(begun, Ended) else run_launch(begun)
