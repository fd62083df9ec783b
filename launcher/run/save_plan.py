"""Saves the plan of a run in a sandbox, with all that it was made from, so that the next such call need not plan."""

from __future__ import annotations

import os

from launcher.core.policy.secret_access import home_is_writable
from launcher.core.run.consulted_variables import consulted_variables
from launcher.core.run.failure_hints import failure_hints
from launcher.core.run.mount_plan import inspected_paths
from launcher.core.run.shim_chain import VARIABLE, shorten_chain
from launcher.core.sandbox.network_terms import network_name
from launcher.host.find_project import CATALOG_NAME
from launcher.host.path_check import LISTED_FOLDERS
from launcher.run.plan_facts import inspect_call
from launcher.run.replay import HOSTNAME, PID, describe_call, describe_file, identify, stays_inside
from launcher.sandbox.kept_network import record_path
from launcher.sandbox.network_record import enter_words
from launcher.sandbox.run_sandbox import Text
from launcher.sandbox.tree_store import tree_folder
from launcher.state import saved_plans
from launcher.state.saved_plans import SavedPlan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from launcher.core.policy.path_args import PathFacts
    from launcher.core.values.mount import Mount
    from launcher.host.project_folders import ProjectFolders
    from launcher.run.plan_sandbox import SandboxPlan
    from launcher.run.record_run import Started
    from launcher.run.sandbox_launch import SandboxLaunch
    from launcher.sandbox.run_sandbox import Bind

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_ROOMS = ("core/run", "core/policy", "core/values", "core/sandbox", "run", "sandbox")
"""The folders of the code that plans: an update of applaunch changes them."""


def save_plan(launch: SandboxLaunch, planned: SandboxPlan, began: Started) -> None:
    """Save the plan of *launch*, which *began* then, for later calls from the same folder.

    Nothing is saved for a call that has more to do than to run, or if something that the plan rests on has changed
    since: later calls are then planned, too.
    """
    if not _is_repeatable(launch, planned):
        return
    project = _project(launch)
    read = project.read if project else ()
    files = {path: describe_file(path) for path in dict.fromkeys((*_files(launch, planned), *read))}
    if any(state and state[3] >= (began.time - _SLACK) * 1e9 for state in files.values()):
        return
    paths = _paths(launch, planned.facts)
    if paths is None:
        return
    if project:
        paths |= {path: identify(path) for path in project.looked_for}
        is_same = project[:2] == (launch.call.project, launch.call.repository)
        if not is_same or _project(launch) != project:  # last: what was described above belongs to this project
            return
    env, (names, prefixes) = os.environ, consulted_variables(launch.file.entry)
    shares = planned.network and launch.entry.network_share
    plan = SavedPlan(
        process=describe_call(launch.call.args),
        variables={name: launch.call.env.get(name) for name in names} | {VARIABLE: shorten_chain(launch.call.env)},
        prefixes=prefixes,
        prefixed={name: env[name] for name in env if name.startswith(prefixes)},
        files=files,
        paths=paths,
        reads_paths=launch.entry.path_args not in ("none", ()),
        tree=tree_folder(launch.places.trees, launch.tree.image_id),
        start=_start(launch, planned),
        app=launch.entry.app,
        digest=launch.pin.digest or launch.pin.image_id,
        runs=launch.places.runs,
        network=record_path(launch.places.networks, _network_name(launch)) if shares else "",
        making=_making(launch) if planned.network else (),
        forwarder=planned.network.forwarder if planned.network else "",
        machine=planned.network.machine if planned.network else "",
    )
    if stays_inside(launch.call.args, plan):
        saved_plans.add(launch.places.plans, launch.file.command, plan)


def _making(launch: SandboxLaunch) -> tuple[Any, ...]:
    entry, traits, settings = launch.entry, launch.traits, launch.file.settings
    programs = traits.network, traits.nsenter
    terms = entry.network_share, [*entry.localhost], settings.network_keep, settings.networks
    return launch.places.networks, _network_name(launch), *programs, *terms


def _network_name(launch: SandboxLaunch) -> str:
    return network_name(launch.entry.app, launch.entry.localhost)


_SLACK = 0.02  # seconds; the clock of files is behind by up to 10 ms (one tick)


def _is_repeatable(launch: SandboxLaunch, planned: SandboxPlan) -> bool:
    entry, spec = launch.entry, planned.spec
    is_plain = entry == launch.file.entry and entry.name == launch.file.command and not launch.file.folder
    may_need_hints = failure_hints(entry, launch.call._replace(args=()), {}, spec) or any(map(_is_mask, spec.mounts))
    reads_elsewhere = entry.path_args not in ("none", ()) and (entry.mount_cwd == "none" or entry.working_dir)
    publishes = planned.network and planned.network.publisher
    has_more_to_do = publishes or spec.secrets or launch.file.settings.arguments or home_is_writable(launch.call, spec)
    return (
        is_plain
        and planned.is_in_tree
        and not may_need_hints
        and not (reads_elsewhere or has_more_to_do or planned.start.limits)
    )


def _is_mask(mount: Mount) -> bool:
    return mount.source == os.devnull


def _files(launch: SandboxLaunch, planned: SandboxPlan) -> Iterator[str]:
    """Yield the files and folders that the plan was read from."""
    places, call = launch.places, launch.call
    yield f"{places.current}/{launch.file.command}"
    yield from (source.path for source in launch.file.sources)
    yield from (f"{_PACKAGE}/{room}" for room in _ROOMS)
    yield from (
        launch.traits.bwrap,
        launch.traits.seccomp,
        f"{tree_folder(places.trees, launch.tree.image_id)}/tree.json",
    )
    yield from (f"{call.home}/{folder}" for folder in LISTED_FOLDERS)
    yield from planned.own_files
    docker = call.env.get("DOCKER_CONFIG") or f"{call.home}/.docker"
    yield from (f"{docker}/config.json", f"{docker}/contexts")
    folder = call.cwd
    while folder not in ("", "/", call.home):
        yield f"{folder}/{CATALOG_NAME}"
        folder = folder.rpartition("/")[0]


def _project(launch: SandboxLaunch) -> ProjectFolders | None:
    """Return the project of the current folder, if the entry mounts it, with all that tells which one it is."""
    entry, call = launch.entry, launch.call
    if not entry.mounts_project:
        return None
    from launcher.host.project_folders import find_project_folders  # noqa: PLC0415  few apps

    return find_project_folders(call.home, call.cwd, entry.project_markers)


def _paths(launch: SandboxLaunch, facts: PathFacts) -> dict[str, list[int]] | None:
    """Return what is at each path that was inspected; None if that is not what was found then."""
    call, _ = inspect_call(launch.entry, launch.call)
    found = {path: identify(path) for path in inspected_paths(launch.entry, call)}
    for path, state in found.items():
        if state[:2] != [*facts[path].stamp[:2]] if path in facts else state:
            return None
    return found


def _start(launch: SandboxLaunch, planned: SandboxPlan) -> Mapping[str, Any]:
    """Return the fields of the start, without the arguments of this call and its random hostname."""
    start, given = planned.start, len(launch.call.args)
    is_random = not planned.spec.hostname and planned.spec.network_mode != "host"
    hostname = planned.hostname if is_random else ""
    options = [_without_hostname(word, hostname) if hostname else word for word in start.options]
    program = start.program[: len(start.program) - given] if given else start.program
    before = enter_words(launch.traits.nsenter, PID) if planned.network else ()
    return start._asdict() | {"options": options, "program": program, "before": before}


def _without_hostname(word: str | Bind | Text, hostname: str) -> str | Bind | Text:
    if isinstance(word, Text):
        return word._replace(text=word.text.replace(hostname, HOSTNAME))
    return HOSTNAME if word == hostname else word
