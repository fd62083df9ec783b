"""The complete description of a container to run, from which an engine can start it without further facts."""

from __future__ import annotations

from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.values.limits import Ulimit
    from launcher.core.values.mount import Mount
    from launcher.core.values.port import Port


class RunSpec(NamedTuple):
    """One container, with the options of docker run in a form that is independent of the engine."""

    image: str
    name: str = ""  # of the container; "": the engine chooses one
    entrypoint: tuple[str, ...] | None = None  # None: that of the image
    command: tuple[str, ...] | None = None  # None: that of the image
    mounts: tuple[Mount, ...] = ()
    tmpfs: tuple[tuple[str, str], ...] = ()  # path and mount options
    user: str = ""  # "": that of the image
    userns_mode: str = ""
    group_add: tuple[str, ...] = ()
    working_dir: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    network_mode: str = "bridge"
    hosts: Mount | None = None  # /etc/hosts, if the engine must not create a network, not even "none"
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
    stop_grace_period: float = 10.0  # seconds between the stop signal and SIGKILL
    hostname: str = ""
    dns: tuple[str, ...] = ()
    extra_hosts: tuple[str, ...] = ()
    platform: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    size: tuple[int, int] = (0, 0)  # rows and columns of the terminal
    secrets: tuple[str, ...] = ()  # visible secrets, named by the caller or in the current folder
