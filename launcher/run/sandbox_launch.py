"""Whether a call runs in a sandbox, and if so, the launch as a value."""

from __future__ import annotations

import os

from launcher.core.run.expand import with_user
from launcher.core.run.shim_chain import VARIABLE, extend_chain
from launcher.core.sandbox.same_run import why_engine
from launcher.errors import SandboxError
from launcher.fast_stdlib import NamedTuple
from launcher.run.launch import read_call
from launcher.sandbox.detect_sandbox import detect_sandbox
from launcher.sandbox.tree_store import read_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

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
    """Whether the user demands bubblewrap, so that no engine takes its place."""


class Engine(NamedTuple):
    """The decision for the engine."""

    why: str
    """Why bubblewrap does not give the same run, in one line; "" if the engine was asked for."""
    could_unpack: bool = False
    """Whether only the unpacked image is missing."""


Choice: TypeAlias = "SandboxLaunch | Engine"


def choose_sandbox(
    file: LaunchFile, args: Sequence[str], places: Places, entry: CatalogEntry | None = None
) -> Choice:  # fmt: skip
    """Return the launch in a sandbox, or why an engine has to run the call.

    Raises `SandboxError` if the user demands bubblewrap and it cannot run the call in the same way.
    """
    entry = entry or file.entry
    wanted = entry.runtime if entry.runtime != "auto" else file.settings.runtime
    if wanted == "engine" or file.unasked:
        return Engine("")
    os.environ[VARIABLE] = extend_chain(file.command, os.environ)
    call = read_call(file, args, places)
    entry = with_user(entry, call)
    traits = detect_sandbox(places.sandbox, call.env)
    tree = read_tree(places.trees, file.pin.image_id) if file.pin.image_id else None
    is_demanded = wanted == "bubblewrap"
    why = why_engine(entry, call, tree, traits)
    if tree is None and is_demanded and not why_engine(entry, call, _ANY_TREE, traits):
        from launcher.run.make_tree import make_tree  # noqa: PLC0415  the first call

        pin, tree = make_tree(file, entry, call, places)
        file, why = file.with_image(pin), why_engine(entry, call, tree, traits)
    if why and is_demanded:
        raise SandboxError(file.command, f"bubblewrap cannot run it: {why}", f"applaunch override {file.app} --runtime auto")
    if why or tree is None:
        return Engine(why, could_unpack=tree is None and not why_engine(entry, call, _ANY_TREE, traits))
    return SandboxLaunch(file, entry, call, places, file.pin, tree, traits, is_demanded)


from launcher.core.sandbox.tree import Tree as _Tree  # noqa: E402

_ANY_TREE = _Tree("sha256:")
