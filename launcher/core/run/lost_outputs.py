"""Notes on files that a program was told to write where nothing is kept."""

from __future__ import annotations

import posixpath

from launcher.core.policy.masked_paths import is_in
from launcher.core.policy.path_args import TOO_LARGE, is_image_path, named_paths
from launcher.errors import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.catalog.entry import CatalogEntry
    from launcher.core.policy.path_args import PathFacts
    from launcher.core.values.invocation import Invocation
    from launcher.core.values.run_spec import RunSpec


def output_paths(call: Invocation) -> tuple[str, ...]:
    """Return the paths that the arguments of *call* may name for output, as a whole or after a ``=``.

    A bare name may be anything else as well, and what is glued to an option is mostly read (``-I../inc``).
    """
    return named_paths([arg for arg in call.args if _may_be_output(arg)], "ro", call.cwd)


def _may_be_output(arg: str) -> bool:
    is_glued = arg.startswith(("@", "-")) and "=" not in arg
    return "/" in arg and not is_glued and ":" not in arg and "," not in arg


def lost_outputs(entry: CatalogEntry, call: Invocation, facts: PathFacts, spec: RunSpec) -> tuple[str, ...]:
    """Return a line for each argument that names a new file in a folder of this machine which the program did not have.

    *facts* tell, after the run, which of these paths and of their folders exist; folders that the caller cannot write
    are not among them. A program writes such a file in a container without an error, and it goes with the container.
    """
    kept = [mount.target for mount in spec.mounts]
    lines = []
    for path in output_paths(call):
        folder = posixpath.dirname(path)
        is_new = path not in facts and folder in facts and facts[folder].kind == "folder"
        if is_new and folder != "/" and not is_image_path(path) and not any(is_in(path, target) for target in kept):
            is_refused = folder in TOO_LARGE or entry.path_args == "rw"
            fix = "name its folder in volumes" if is_refused else "set path_args = 'rw' for it"
            what = f"{path} is not there: its folder was not mounted, so what was written to it is lost; {fix}"
            lines.append(printable(f"applaunch: {entry.name}: note: {what}"))
    return tuple(lines)
