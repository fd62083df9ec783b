"""The complete entry of one command, with all layers merged."""

from __future__ import annotations

from launcher.core.values.limits import Ulimit
from launcher.core.values.mount import Mount
from launcher.core.values.port import Port
from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

    from launcher.core.values.environment import Variables


class CatalogEntry(NamedTuple):
    """The complete entry of one command: the fields are the catalog's run keys with their defaults."""

    app: str
    name: str
    image: str
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    volumes: tuple[Mount, ...] = ()
    persist: tuple[str, ...] = ()
    mount_cwd: str = "rw"
    project_markers: tuple[str, ...] = ()
    path_args: str | tuple[str, ...] = "ro"
    working_dir: str = ""
    user: str = "host"
    group_add: tuple[str, ...] = ()
    environment: Variables = ()
    network_mode: str = "bridge"
    network_share: bool = True  # between the runs of the app, in sandboxes
    ports: tuple[Port, ...] = ()
    localhost: tuple[int | str, ...] = ()  # ports of this machine's loopback; "host": all
    tty: str | bool = "auto"
    stdin: str = "auto"
    init: bool = True
    read_only: bool = False
    tmpfs: tuple[tuple[str, str], ...] = ()
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] | None = None  # None: all, if the program runs as the caller
    security_opt: tuple[str, ...] = ()
    shm_size: int = 0
    ulimits: tuple[Ulimit, ...] = ()
    mem_limit: int = 0
    cpus: float = 0.0
    pids_limit: int = 0
    stop_signal: str = ""
    stop_grace_period: float = 10.0  # seconds
    warm: float = 0.0  # seconds; 0: off
    reuse: str = "fresh"
    runtime: str = "auto"  # or "engine", "bubblewrap"
    hostname: str = ""
    dns: tuple[str, ...] = ()
    extra_hosts: tuple[str, ...] = ()
    platform: str = ""
    pull_policy: str = "missing"
    labels: tuple[tuple[str, str], ...] = ()
    deny: tuple[str, ...] = ()

    @property
    def mounts_project(self) -> bool:
        """Whether the project of the current folder is mounted, and not the current folder alone."""
        return self.mount_cwd in ("project", "project-ro")

    @property
    def writes_folder(self) -> bool:
        """Whether the program may write the current folder, or its project."""
        return self.mount_cwd in ("rw", "project")

    @property
    def forwards_ports(self) -> bool:
        """Whether ports of this machine's localhost are to be in the program's own, which is another."""
        return bool(self.localhost) and self.network_mode != "host"

    def to_json(self) -> dict[str, Any]:
        """Return the fields that differ from their defaults, for JSON."""
        defaults = self._field_defaults
        return {key: value for key, value in self._asdict().items() if key not in defaults or value != defaults[key]}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Self:
        """Return the entry from the JSON value that `to_json` wrote."""
        return cls(**{key: _typed(key, value) for key, value in fields.items()})


_RECORDS: dict[str, Any] = {"volumes": Mount, "ports": Port, "ulimits": Ulimit}
_PAIRS = ("environment", "tmpfs", "labels")


def _typed(key: str, value: Any) -> Any:
    if not isinstance(value, list):
        return value
    if record := _RECORDS.get(key):
        return tuple(record(*item) for item in value)
    return tuple(tuple(item) for item in value) if key in _PAIRS else tuple(value)
