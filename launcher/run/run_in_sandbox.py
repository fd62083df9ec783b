"""Runs a launch in a sandbox, to its exit code and one line in the journal."""

from __future__ import annotations

import os

from launcher.core.policy.secret_access import home_is_writable
from launcher.core.sandbox.network_terms import NetworkTerms, network_name
from launcher.core.sandbox.same_run import BRIDGES
from launcher.errors import HostError, SandboxError
from launcher.fast_stdlib import source_hash
from launcher.run.plan_facts import note_secrets, note_startup
from launcher.run.plan_sandbox import plan_sandbox
from launcher.run.record_run import Ended, record_run, start_clock
from launcher.run.replay import NO_HINT, names_new_file
from launcher.run.save_plan import save_plan
from launcher.sandbox.kept_network import join_network
from launcher.sandbox.run_sandbox import run_sandbox
from launcher.sandbox.tree_store import hold_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.values.run_spec import RunSpec
    from launcher.run.plan_sandbox import SandboxPlan
    from launcher.run.sandbox_launch import SandboxLaunch
    from launcher.sandbox.kept_network import Network
    from launcher.sandbox.run_sandbox import SandboxEnd

RUNTIME = "bubblewrap"
"""The runtime's name in the journal."""


def run_in_sandbox(launch: SandboxLaunch) -> Ended:
    """Run the program, record the run, and return how it ended.

    Raises `UserError` if the program did not start, and `SandboxError` if an engine may be able to start it.
    """
    began = start_clock()
    held, network = [_hold_tree(launch)], None
    try:
        network = _join_network(launch, held) if launch.entry.network_mode in BRIDGES else None
        planned = plan_sandbox(launch, network)
        note_secrets(launch, planned.spec)
        end = _run(launch, planned)
    finally:
        for descriptor in held:
            os.close(descriptor)
        if network and network.publisher:
            from launcher.sandbox.end_network import wait_for_end  # noqa: PLC0415  few apps publish ports

            wait_for_end(network.publisher)
    if home_is_writable(launch.call, planned.spec):
        note_startup(launch, planned.facts)
    if not end.received and end.exit_code not in NO_HINT and (end.exit_code or names_new_file(launch.call.args)):
        _print_hints(launch, planned.spec, end.exit_code)
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
    file, entry, app = launch.file, launch.entry, launch.entry.app
    if file.folder:  # apps of one name in two projects have two networks
        app = f"{app}@{source_hash(file.folder.encode()).hex()}"
    settings, name = file.settings, network_name(app, entry.localhost)
    terms = NetworkTerms(entry.network_share, entry.ports, entry.localhost, settings.network_keep, settings.networks)
    network = join_network(launch.places.networks, name, launch.traits, terms)
    held.append(network.lock)
    return network


def _run(launch: SandboxLaunch, planned: SandboxPlan) -> SandboxEnd:
    try:
        return run_sandbox(planned.start)
    except SandboxError as error:
        from launcher.run.explain_refusal import explain_refusal  # noqa: PLC0415  only on failure

        raise explain_refusal(launch.entry.name, planned.spec, error) from None


def _print_hints(launch: SandboxLaunch, spec: RunSpec, exit_code: int) -> None:
    from launcher.run.print_hints import print_hints  # noqa: PLC0415  few calls

    print_hints(launch, spec, exit_code)
