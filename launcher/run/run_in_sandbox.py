"""Runs a launch in a sandbox: plan, mounts and program found in the tree, bwrap, and one line in the journal."""

from __future__ import annotations

import os

from launcher.core.policy.secret_access import home_is_writable
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.sandbox.bwrap_command import (
    MASKED,
    SYSTEM_FOLDERS,
    SandboxHost,
    program_words,
    sandbox_environment,
    sandbox_options,
)
from launcher.core.sandbox.mount_layout import Point, tmpfs_point
from launcher.core.sandbox.start_program import START_PATH
from launcher.errors import CannotRunError, SandboxError
from launcher.host.path_check import MountCheck
from launcher.run.plan_facts import Runner, note_secrets, note_startup, plan_run
from launcher.run.record_run import Ended, record_run, start_clock
from launcher.run.sandbox_files import account_texts, network_points, start_program_path
from launcher.sandbox.find_program import find_program
from launcher.sandbox.lay_out import lay_out
from launcher.sandbox.run_sandbox import SandboxStart, run_sandbox
from launcher.sandbox.tree_store import hold_tree, tree_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from launcher.core.policy.path_args import PathFacts
    from launcher.core.values.run_spec import RunSpec
    from launcher.run.sandbox_launch import SandboxLaunch


class SandboxPlan(NamedTuple):
    """A launch in a sandbox, planned."""

    spec: RunSpec
    facts: PathFacts
    start: SandboxStart


def run_in_sandbox(launch: SandboxLaunch) -> Ended:
    """Run the program, record the run, and return how it ended.

    Raises `UserError` if the program did not start, `SandboxError` if an engine may be able to start it.
    """
    began = start_clock()
    held = hold_tree(launch.places.trees, launch.tree.image_id)
    try:
        planned = plan_sandbox(launch)
        note_secrets(launch, planned.spec)
        mounts = MountCheck(planned.spec, planned.facts, launch.call.cwd)
        mounts.check()
        ended = _run(planned.start)
        mounts.check()
    finally:
        os.close(held)
    if home_is_writable(launch.call, planned.spec):
        note_startup(launch, planned.facts)
    record_run(launch, began, ended, "bubblewrap")
    return ended
