"""Notes, once, that an engine gives programs a umask of its own."""

from __future__ import annotations

from launcher.errors import printable
from launcher.host import notices
from launcher.host.terminal import write_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.values.run_spec import RunSpec
    from launcher.run.launch import Launch

ENGINES_UMASK = 0o022
"""The umask of each program in a container: runc's default; docker has no option for it."""


def note_umask(launch: Launch, spec: RunSpec, umask: int) -> None:
    """Print a note, once for a umask of the caller, if the program may have made files of this machine."""
    entry, may_write = launch.entry, any(not mount.read_only for mount in spec.mounts)
    if may_write and notices.note_once(launch.places.noted, f"umask {umask:03o}"):
        what = f"the engine's umask is {ENGINES_UMASK:03o}, yours is {umask:03o}: check the modes of new files"
        fix = f"or applaunch override {entry.app} --runtime bubblewrap"
        write_message(printable(f"applaunch: {entry.name}: note: {what}, {fix}"))
