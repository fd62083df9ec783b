"""What was typed, by whom, and where."""

from __future__ import annotations

from launcher.core.values.protected_paths import SECRETS, STARTUP
from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Invocation(NamedTuple):
    """One call of a command: every fact that deciding how to run it may use."""

    name: str
    args: tuple[str, ...]
    cwd: str  # absolute, without symbolic links
    home: str
    user: str  # login name
    uid: int
    gid: int
    groups: tuple[int, ...]  # supplementary ones
    env: Mapping[str, str]
    stdin_open: bool = True  # false: closed, or /dev/null
    stdin_tty: bool = False
    stdout_tty: bool = False
    rows: int = 0
    columns: int = 0
    homes: str = ""  # the folder below which each app's own part of the home is kept
    secrets: tuple[str, ...] = SECRETS  # what is covered where a mount shows it: absolute, or under the home
    startup: tuple[str, ...] = STARTUP  # what is read-only where a mount would let a program write it, likewise
    theirs: tuple[str, ...] = ()  # of mount_cwd, path_args and volumes, those that the catalog of somebody else decides
    # (and "home": a remote or a project decides mount_cwd)
    pid: int = 0
    started: str = (
        ""  # of this process: field 22 of /proc/PID/stat and the boot's id, to tell a pid that was used again
    )

    @property
    def is_interactive(self) -> bool:
        """Whether a person sits at both ends (design.md, promise 2)."""
        return self.stdin_tty and self.stdout_tty
