"""What a command runs now: its launch file, or what the catalogs say if that file is missing or out of date."""

from __future__ import annotations

from launcher.host.find_project import find
from launcher.state import launch_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.host.locations import Places
    from launcher.state.launch_files import LaunchFile


def find_command(name: str, places: Places, home: str) -> LaunchFile:
    """Return the launch file of the command *name*, compiled now if need be.

    Raises `NotFoundError` if no catalog has the command, and `UserError` if its catalogs or project cannot be used.
    """
    if (project := find(home)) and (found := _find_in_project(name, project, places, home)):
        return found
    known = launch_files.read(places.current, name)
    if known is None or launch_files.is_stale(known):
        from launcher.run.compile_launch_file import recompile  # noqa: PLC0415  reading catalogs costs 20 ms

        return recompile(name, known, places, home)
    return known


def _find_in_project(name: str, project: str, places: Places, home: str) -> LaunchFile | None:
    """Return the launch file of *name* in the *project* found here; None if no project here has a say in it."""
    from launcher.run import project_cache  # noqa: PLC0415  only inside a project

    path = project_cache.find_usable_project(project, places, home)
    if not path:
        return None
    if known := project_cache.read_launch_file(name, path, places):
        return known
    from launcher.run.project_command import compile_or_ignore  # noqa: PLC0415  reading catalogs costs 20 ms

    return compile_or_ignore(name, path, places, home)
