"""One call of a command: what was typed, by which user, and in which folder."""

from __future__ import annotations

from launcher.core.values.protected_paths import SECRETS, STARTUP
from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Invocation(NamedTuple):
    """One call of a command, with every fact that the plan of the run may use."""

    name: str
    args: tuple[str, ...]
    cwd: str  # absolute, without symbolic links
    home: str
    user: str  # login name
    uid: int
    gid: int
    groups: tuple[int, ...]  # supplementary groups
    env: Mapping[str, str]
    stdin_open: bool = True  # false if it is closed or /dev/null
    stdin_tty: bool = False
    stdout_tty: bool = False
    rows: int = 0
    columns: int = 0
    project: str = ""  # the top folder of the project that `cwd` is in, if the entry mounts that; "": there is none
    repository: str = ""  # the git folder outside of `project` that its worktree or submodule belongs to
    typed_cwd: str = ""  # the current folder as the caller's shell names it (PWD); "": as `cwd`
    homes: str = ""  # the folder that contains the persistent home folders of apps
    secrets: tuple[str, ...] = SECRETS  # paths to mask in mounts: absolute, or relative to the home
    startup: tuple[str, ...] = STARTUP  # paths to make read-only in mounts: absolute, or relative to the home
    theirs: tuple[str, ...] = ()  # those of mount_cwd, path_args and volumes that an untrusted catalog decides
    # (and "home" if a remote or a project decides mount_cwd)
    pid: int = 0
    started: str = ""  # start time of this process (field 22 of /proc/PID/stat) and boot id, because pids are reused

    @property
    def is_interactive(self) -> bool:
        """Whether stdin and stdout are both terminals (design.md, promise 2)."""
        return self.stdin_tty and self.stdout_tty
