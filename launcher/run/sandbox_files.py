"""Files of applaunch's own that sandboxes need: the start program, and the files about names and networks in /etc."""

from __future__ import annotations

import os

from launcher.core.sandbox.mount_layout import Point
from launcher.core.sandbox.network_files import RESOLV_CONF, SYSTEMD_RESOLV_CONF
from launcher.core.sandbox.start_program import start_program
from launcher.errors import SandboxError
from launcher.fast_stdlib import source_hash
from launcher.sandbox.run_sandbox import HELD_SIGNALS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.values.run_spec import RunSpec
    from launcher.host.locations import Places
    from launcher.sandbox.view import View

READ_FILES = (RESOLV_CONF, SYSTEMD_RESOLV_CONF, "/etc/hosts")
"""Files of this machine whose texts programs with its network get."""

_LOCAL = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"


def start_program_path(places: Places, arch: str) -> str:
    """Return the path of the start program for *arch*, made if it is missing or not as it should be."""
    program = start_program(arch, HELD_SIGNALS)
    if not program:
        raise SandboxError("bubblewrap", f"applaunch has no start program for {arch}", "use an engine")
    return _keep(places, "start", program, 0o755)


def network_points(spec: RunSpec, places: Places, resolver: str) -> tuple[Point, ...]:
    """Return the mounts of /etc/hosts and /etc/resolv.conf, unless a volume is there.

    *resolver* is the text of resolv.conf for a network of its own; with the machine's network, its files are used.
    """
    taken = {mount.target for mount in spec.mounts}
    extra = "".join([f"{address}\t{name}\n" for name, _, address in (host.partition(":") for host in spec.extra_hosts)])
    if spec.network_mode == "host":
        files = {"/etc/resolv.conf": _read("/etc/resolv.conf"), "/etc/hosts": _read("/etc/hosts") + extra}
    else:
        files = {"/etc/resolv.conf": resolver, "/etc/hosts": _LOCAL + extra}
    if spec.dns:
        files["/etc/resolv.conf"] = "".join([f"nameserver {server}\n" for server in spec.dns])
    found = []
    for path, text in files.items():
        if path not in taken:
            source = _keep(places, path.rpartition("/")[2], os.fsencode(text), 0o644)
            found.append(Point(path, source, read_only=True))
    return tuple(found)


def read_accounts(view: View) -> tuple[str, str]:
    """Return the text of the image's /etc/passwd and /etc/group, "" for a missing file."""
    return _read_inside(view, "/etc/passwd"), _read_inside(view, "/etc/group")


def _read_inside(view: View, path: str) -> str:
    try:
        found = view.find(path)
    except OSError:
        return ""
    return _read(found.host) if found.host and os.path.isfile(found.host) else ""


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read(_LARGEST)
    except OSError:
        return ""


_LARGEST = 1 << 20


def _keep(places: Places, name: str, data: bytes, mode: int) -> str:
    """Return the path of a file that holds *data*, made if it is missing; raises `HostError`."""
    path = f"{places.sandbox}/{name}-{source_hash(data).hex()}"
    try:
        if os.stat(path).st_size == len(data):
            return path
    except OSError:
        pass
    from launcher.host import files  # noqa: PLC0415  once for a user

    files.remove(path)  # it was cut short, or somebody changed it
    files.create(path, data, mode)
    return path
