"""Prints why a program may have failed, if it was given something that it could not reach."""

from __future__ import annotations

from launcher.core.policy.path_args import named_paths
from launcher.core.run.failure_hints import failure_hints
from launcher.host.path_check import inspect_paths
from launcher.host.terminal import write_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.values.run_spec import RunSpec
    from launcher.run.launch import Launch
    from launcher.run.sandbox_launch import SandboxLaunch


def print_hints(launch: Launch | SandboxLaunch, spec: RunSpec) -> None:
    """Print a line for each path, secret or proxy among the arguments that the program could not reach."""
    there = inspect_paths(named_paths(launch.call.args, "ro", launch.call.cwd))
    for line in failure_hints(launch.entry, launch.call, there, spec):
        write_message(line)
