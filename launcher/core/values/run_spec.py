"""Exactly what will run: whoever holds a `RunSpec` needs to ask nobody anything."""

from __future__ import annotations

from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.values.limits import Ulimit
    from launcher.core.values.mount import Mount
    from launcher.core.values.port import Port


class RunSpec(NamedTuple):
    """One container, completely described, in the engine-independent words of docker run."""

    image: str
    name: str = ""  # of the container; "": the engine makes one up
    entrypoint: tuple[str, ...] | None = None  # None: the image's own
    command: tuple[str, ...] | None = None  # None: the image's own
    mounts: tuple[Mount, ...] = ()
    tmpfs: tuple[tuple[str, str], ...] = ()  # path and mount options
    user: str = ""  # "": the image's own
    userns_mode: str = ""
    group_add: tuple[str, ...] = ()
    working_dir: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    network_mode: str = "bridge"
    hosts: Mount | None = None  # /etc/hosts, where the engine is to make no network at all, not even its own "none"
    ports: tuple[Port, ...] = ()
    tty: bool = False
    stdin: bool = True
    init: bool = True
    read_only: bool = False
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    security_opt: tuple[str, ...] = ()
    shm_size: int = 0  # bytes; 0: the engine's default
    ulimits: tuple[Ulimit, ...] = ()
    mem_limit: int = 0  # bytes; 0: none
    cpus: float = 0.0  # 0: all
    pids_limit: int = 0  # 0: the engine's default
    stop_signal: str = ""
    stop_grace_period: float = 10.0  # seconds between a signal that asks it to end and the one that makes it
    hostname: str = ""
    dns: tuple[str, ...] = ()
    extra_hosts: tuple[str, ...] = ()
    platform: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    size: tuple[int, int] = (0, 0)  # rows and columns of the terminal
    secrets: tuple[str, ...] = ()  # secrets that it sees because the caller named them, or stands in one
