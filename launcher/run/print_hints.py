"""Prints why a program may have failed, and what it may have written where nothing is kept."""

from __future__ import annotations

import os

from launcher.core.policy.path_args import invisible_paths, named_paths
from launcher.core.run.descriptor_hint import descriptor_hint
from launcher.core.run.failure_hints import failure_hints, single_files
from launcher.core.run.lost_outputs import lost_outputs, output_paths
from launcher.errors import printable
from launcher.host import notices
from launcher.host.find_project import repository_above
from launcher.host.git_worktree import git_folder_of
from launcher.host.passed_descriptors import passed_descriptors
from launcher.host.path_check import inspect_paths
from launcher.host.terminal import write_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.values.run_spec import RunSpec
    from launcher.run.launch import Launch
    from launcher.run.sandbox_launch import SandboxLaunch


def print_engine_hints(launch: Launch, spec: RunSpec, exit_code: int) -> None:
    """Print a line for a descriptor among the arguments, which no container gets, and all hints of `print_hints`."""
    if line := descriptor_hint(launch.entry, launch.call.args, passed_descriptors(), failed=bool(exit_code)):
        write_message(line)
    print_hints(launch, spec, exit_code)


def print_hints(launch: Launch | SandboxLaunch, spec: RunSpec, exit_code: int) -> None:
    """Print a line for each new file among the arguments that is lost.

    If *exit_code* tells that the program failed, print one for each path, secret or proxy that it could not reach, too.
    """
    entry, call = launch.entry, launch.call
    if exit_code:
        there = inspect_paths(named_paths(call.args, "ro", call.cwd))
        for line in failure_hints(entry, call, there, spec):
            write_message(line)
        _note_repository(launch, spec)
        _note_single_files(launch, spec)
    outputs = output_paths(call)
    folders = [path for path in map(os.path.dirname, outputs) if os.access(path, os.W_OK)]
    for line in lost_outputs(entry, call, inspect_paths([*outputs, *folders]), spec):
        write_message(line)


def _note_repository(launch: Launch | SandboxLaunch, spec: RunSpec) -> None:
    """Print a note, once, if the current folder belongs to a repository that was not mounted."""
    entry, call = launch.entry, launch.call
    top = repository_above(call.home, call.cwd)
    mode = "project" if entry.writes_folder else "project-ro"
    fix = f"call it in {top}" if entry.mounts_project else f"applaunch override {entry.app} --mount-cwd {mode}"
    path = f"{top}/.git" if top else ""
    what = f"{path} is above the current folder, and was not mounted; {fix}"
    if not top and os.path.isfile(f"{call.cwd}/.git"):
        path = git_folder_of(call.cwd)
        what = f"{path} is the git folder of this worktree or submodule, and was not mounted; {fix}"
    if not path or not invisible_paths([path], inspect_paths([path]), spec.mounts):
        return
    if notices.note_once(launch.places.noted, f"{entry.app} {path}"):
        write_message(printable(f"applaunch: {entry.name}: note: {what}"))


def _note_single_files(launch: Launch | SandboxLaunch, spec: RunSpec) -> None:
    """Print a note, once for each, for files that the program can write but not replace by new ones."""
    entry, call = launch.entry, launch.call
    there = inspect_paths([mount.source for mount in spec.mounts if not mount.read_only])
    for path, what in single_files(call, there, spec).items():
        if notices.note_once(launch.places.noted, f"{entry.app} {path} alone"):
            write_message(printable(f"applaunch: {entry.name}: note: {what}"))
