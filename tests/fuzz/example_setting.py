"""What an example was run with, as the rules about differences need it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.fuzz.call_program import Caller

NOBODY = 65534
"""How ids look that a user namespace has not."""
NAME_FILES = ("/etc/resolv.conf", "/etc/hosts", "/etc/hostname")
Facts = dict[str, Any]


class Setting(NamedTuple):
    """What an example was run with."""

    keys: Mapping[str, str]
    caller: Caller
    uid: int
    home: Path
    rootfs: Path
    """The unpacked image."""
    writable: tuple[str, ...]
    """The folders of the image that anybody may write."""
    host_namespaces: Mapping[str, int]
    engine_folder: str
    """Where the engine keeps its own files."""
    machine: Mapping[str, str]
    """The machine's own /etc/hosts and /etc/resolv.conf."""

    @property
    def network(self) -> str:
        """The network mode."""
        return self.keys.get("network_mode", '"bridge"').strip('"')

    @property
    def is_bare(self) -> bool:
        """Whether docker gets no network to prepare: then there is no resolv.conf but the image's."""
        own_hosts = ":/etc/hosts" in self.keys.get("volumes", "")
        return self.network == "none" and not self.keys.keys() & {"extra_hosts", "dns"} and not own_hosts


def is_volume(path: str, setting: Setting) -> bool:
    return f":{path}" in setting.keys.get("volumes", "")
