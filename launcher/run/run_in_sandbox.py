"""Runs a launch in a sandbox, to its exit code and one line in the journal."""

from __future__ import annotations

import os

from launcher.core.policy.secret_access import home_is_writable
from launcher.core.sandbox.same_run import BRIDGES
from launcher.errors import HostError, SandboxError
from launcher.fast_stdlib import source_hash
from launcher.run.plan_facts import note_secrets, note_startup
from launcher.run.plan_sandbox import plan_sandbox
from launcher.run.record_run import Ended, record_run, start_clock
from launcher.run.save_plan import save_plan
from launcher.sandbox.run_sandbox import run_sandbox
from launcher.sandbox.tree_store import hold_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.values.run_spec import RunSpec
    from launcher.run.sandbox_launch import SandboxLaunch
    from launcher.sandbox.kept_network import Network

RUNTIME = "bubblewrap"
"""The runtime's name in the journal."""


def run_in_sandbox(launch: SandboxLaunch) -> Ended:
    """Run the program, record the run, and return how it ended.

    Raises `UserError` if the program did not start, and `SandboxError` if an engine may be able to start it.
    """
    began = start_clock()
    held = [_hold_tree(launch)]
    try:
        network = _join_network(launch, held) if launch.entry.network_mode in BRIDGES else None
        planned = plan_sandbox(launch, network)
        note_secrets(launch, planned.spec)
        end = run_sandbox(planned.start)
    finally:
        for descriptor in held:
            os.close(descriptor)
    if home_is_writable(launch.call, planned.spec):
        note_startup(launch, planned.facts)
    if end.exit_code not in _NO_HINT and not end.received:
        _print_hints(launch, planned.spec)
    number = end.exit_code - 128
    ended = Ended(end.exit_code, number if number in end.received else 0)
    record_run(launch, began, ended, RUNTIME)
    save_plan(launch, planned, began)
    return ended


def _hold_tree(launch: SandboxLaunch) -> int:
    """Return the descriptor that keeps the tree; raises `SandboxError` if it was removed since it was found."""
    try:
        return hold_tree(launch.places.trees, launch.tree.image_id)
    except HostError as gone:
        raise SandboxError(gone.where, gone.what, gone.fix) from None


def _join_network(launch: SandboxLaunch, held: list[int]) -> Network:
    """Return the app's network, and add the descriptor that keeps it to those *held* while the program runs."""
    from launcher.sandbox.kept_network import KeepLimits, join_network  # noqa: PLC0415  few apps, and most of their calls repeat

    file, app, share = launch.file, launch.entry.app, launch.entry.network_share
    if file.folder:  # apps of one name in two projects have two networks
        app = f"{app}@{source_hash(file.folder.encode()).hex()}"
    limits = KeepLimits(file.settings.network_keep, file.settings.networks)
    network = join_network(launch.places.networks, app, launch.traits, share=share, limits=limits)
    held.append(network.lock)
    return network


_NO_HINT = (0, 125, 126, 127)  # after a program's own 125 to 127, a line of ours could be taken for the cause


def _print_hints(launch: SandboxLaunch, spec: RunSpec) -> None:
    from launcher.run.print_hints import print_hints  # noqa: PLC0415  the program has failed

    print_hints(launch, spec)
