"""Decides whether a call runs in a sandbox, and if so, makes the launch as a value."""

from __future__ import annotations

import os

from launcher.core.run.expand import with_user
from launcher.core.run.shim_chain import VARIABLE, extend_chain
from launcher.core.sandbox.choose_runtime import BUBBLEWRAP, ENGINE, choose_runtime, wanted_runtime
from launcher.engine.endpoint import find_endpoint
from launcher.fast_stdlib import NamedTuple, enable_site_packages
from launcher.run.launch import read_call
from launcher.run.load_modules import JUDGE, load_modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from launcher.core.catalog.entry import CatalogEntry
    from launcher.core.sandbox.sandbox_traits import SandboxTraits
    from launcher.core.sandbox.tree import Tree
    from launcher.core.values.invocation import Invocation
    from launcher.core.values.resolved_image import ResolvedImage
    from launcher.host.locations import Places
    from launcher.state.launch_files import LaunchFile


class SandboxLaunch(NamedTuple):
    """One launch of a command in a sandbox: what runs, called how, from which tree."""

    file: LaunchFile
    entry: CatalogEntry
    """The file's entry, or a variation of it, with its `user` filled in."""
    call: Invocation
    places: Places
    pin: ResolvedImage
    tree: Tree
    traits: SandboxTraits
    is_demanded: bool = False
    """Whether the user demands bubblewrap, or no engine answers: then nothing takes its place."""


class Judged(NamedTuple):
    """Whether bubblewrap gives a call the same run as an engine, and what that was decided from."""

    entry: CatalogEntry
    call: Invocation
    traits: SandboxTraits
    tree: Tree | None
    why: str
    """Why not, in one line; "" if it does."""


def choose_sandbox(
    file: LaunchFile,
    args: Sequence[str],
    places: Places,
    entry: CatalogEntry | None = None,
    engine_fix: str | None = None,
) -> SandboxLaunch | str:
    """Return the launch in a sandbox, or why an engine has to run the call; unpack the image if need be.

    The reason is "" if an engine is wanted. *engine_fix* says how to get an engine, if one was asked and none answers.
    Raises `CannotRunError` if bubblewrap cannot run the call and nothing else may or can.
    """
    entry = entry or file.entry
    wanted = wanted_runtime(entry, file.settings.runtime)
    if wanted == ENGINE or file.unasked:
        return ""
    os.environ[VARIABLE] = extend_chain(file.command, os.environ)
    found = judge_call(file, entry, read_call(file, args, places, entry), places)
    if choose_runtime(wanted, found.why, entry, engine_fix) == ENGINE:
        return found.why
    pin, tree = file.pin, found.tree
    if tree is None:
        enable_site_packages()
        from launcher.run.obtain_tree import obtain_tree  # noqa: PLC0415  the first call

        pin, tree = obtain_tree(file, found.entry, found.call, places)
        found = judge_call(file.with_image(pin), entry, found.call, places)
        choose_runtime(BUBBLEWRAP, found.why, entry, engine_fix)
    is_demanded = wanted == BUBBLEWRAP or engine_fix is not None
    return SandboxLaunch(file, found.entry, found.call, places, pin, tree, found.traits, is_demanded)


def judge_call(file: LaunchFile, entry: CatalogEntry, call: Invocation, places: Places) -> Judged:
    """Decide whether bubblewrap gives *call* the same run."""
    load_modules(JUDGE)
    from launcher.core.sandbox.same_run import why_engine  # noqa: PLC0415  not if an engine is wanted
    from launcher.sandbox.detect_sandbox import detect_sandbox  # noqa: PLC0415  as above
    from launcher.sandbox.tree_store import read_tree  # noqa: PLC0415  as above

    entry = with_user(entry, call)
    traits = detect_sandbox(places.sandbox, call.env)
    tree = read_tree(places.trees, file.pin.image_id) if file.pin.image_id else None
    limits = _hard_limits() if entry.ulimits else {}
    why = why_engine(entry, call, tree, traits, context=_context(call), hard_limits=limits)
    return Judged(entry, call, traits, tree, why)


def _context(call: Invocation) -> str:
    """Return the address of the engine that the caller has chosen, if it is on another machine."""
    host = call.env.get("DOCKER_HOST", "").strip()
    if host.startswith(("unix://", "/")) or (not host and not _has_contexts(call)):
        return ""
    endpoint = find_endpoint(call.env, call.home, call.uid, probe=lambda _: "")
    return "" if endpoint.socket else endpoint.host


def _has_contexts(call: Invocation) -> bool:
    return "DOCKER_CONTEXT" in call.env or os.path.isdir(
        f"{call.env.get('DOCKER_CONFIG') or f'{call.home}/.docker'}/contexts"
    )


def _hard_limits() -> Mapping[str, int]:
    import resource  # noqa: PLC0415  few apps

    names = [name for name in dir(resource) if name.startswith("RLIMIT_")]
    return {name[7:].lower(): resource.getrlimit(getattr(resource, name))[1] for name in names}
