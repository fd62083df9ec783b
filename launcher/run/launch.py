"""One launch as a value, and how it is made from a launch file and the words that were typed."""

from __future__ import annotations

import os

from launcher.core.run.expand import with_user
from launcher.core.run.shim_chain import VARIABLE, extend_chain
from launcher.core.values.protected_paths import apply_path_settings
from launcher.errors import CannotRunError
from launcher.fast_stdlib import NamedTuple
from launcher.host import process
from launcher.run.engine_connection import connect_engine
from launcher.run.load_modules import PROJECT, load_modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from launcher.core.catalog.entry import CatalogEntry
    from launcher.core.values.invocation import Invocation
    from launcher.core.values.resolved_image import ResolvedImage
    from launcher.engine.engine_protocol import Engine
    from launcher.host.locations import Places
    from launcher.host.watcher import Watcher
    from launcher.run.engine_connection import EngineConnection
    from launcher.state.launch_files import LaunchFile

Engines: TypeAlias = "tuple[Callable[[], Engine], ...]"
"""What opens each engine that a session may run on, the fastest first."""


def _unchanged(engines: Engines) -> Engines:
    return engines


class Launch(NamedTuple):
    """One launch of a command: what runs, called how, on which engine, from which image, under which settings."""

    file: LaunchFile
    """What its catalogs say, and the user's settings."""
    entry: CatalogEntry
    """The file's entry, or a variation of it; its `user` is filled in, and so decided for the whole launch."""
    call: Invocation
    engine: EngineConnection
    pin: ResolvedImage
    instrument: Callable[[Engines], Engines] = _unchanged
    """Returns the engines to use in place of these, once the launch is planned: to time them, for example."""

    unpacks: bool = False
    """Whether bubblewrap would give the same run, if only the image were unpacked."""

    @property
    def places(self) -> Places:
        """The caller's files and folders."""
        return self.engine.places


class Session(NamedTuple):
    """What a run needs: engines, the fastest first, the watcher of this process, and what to let go of at the end."""

    engines: Engines
    watcher: Watcher
    close: Callable[[], None] = lambda: None


def prepare_launch(file: LaunchFile, args: Sequence[str], places: Places, entry: CatalogEntry | None = None) -> Launch:
    """Return the launch of *file*, or of a variation of its *entry*, with *args*, by this process in its folder.

    Raises `CannotRunError` if the app's permissions need approval first, and `EngineError` if no engine answers.
    """
    if file.unasked:
        what = f"is not installed, and asks for more than it may be given unasked: {file.unasked}"
        raise CannotRunError(file.command, what, f"applaunch add {file.app}")
    os.environ[VARIABLE] = extend_chain(file.command, os.environ)  # for a credential helper or ssh that is a shim, too
    call = read_call(file, args, places, entry)
    engine = connect_engine(call, places, autostart=file.settings.autostart)
    return Launch(file, with_user(entry or file.entry, call), call, engine, file.pin)


def read_call(file: LaunchFile, args: Sequence[str], places: Places, entry: CatalogEntry | None = None) -> Invocation:
    """Return the call of *file*, or of a variation of its *entry*, with *args*, by this process in its folder."""
    call, show = process.read_invocation(file.command, args), file.settings.show
    entry = entry or file.entry
    if entry.mounts_project:
        load_modules(PROJECT)
        from launcher.host.project_folders import find_project_folders  # noqa: PLC0415  few apps

        found = find_project_folders(call.home, call.cwd, entry.project_markers)
        call = call._replace(project=found.top, repository=found.repository)
    return call._replace(
        secrets=(*apply_path_settings(call.secrets, file.settings.cover, show), *places.hidden()),
        startup=(*apply_path_settings(call.startup, (), show), *places.read_only()),
        theirs=file.theirs,
        homes=places.homes,
    )
