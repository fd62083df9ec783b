"""Files of applaunch's own that sandboxes need: the start program, and the files about names and networks in /etc."""

from __future__ import annotations

import os

from launcher.core.run.host_names import GATEWAY
from launcher.core.sandbox.mount_layout import Point
from launcher.core.sandbox.network_files import RESOLV_CONF, SYSTEMD_RESOLV_CONF
from launcher.core.sandbox.start_program import start_program
from launcher.errors import SandboxError
from launcher.fast_stdlib import source_hash
from launcher.run.plan_facts import LOCAL_HOSTS
from launcher.sandbox.run_sandbox import HELD_SIGNALS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from launcher.core.values.run_spec import RunSpec
    from launcher.host.locations import Places
    from launcher.sandbox.kept_network import Network
    from launcher.sandbox.view import View

_HOSTS = "/etc/hosts"
READ_FILES = (RESOLV_CONF, SYSTEMD_RESOLV_CONF, _HOSTS)
"""Files of this machine whose texts programs with its network get."""


def start_program_path(places: Places, arch: str) -> str:
    """Return the path of the start program for *arch*, made if it is missing; raises `SandboxError`."""
    program = start_program(arch, HELD_SIGNALS)
    if not program:
        raise SandboxError("bubblewrap", f"applaunch has no start program for {arch}")
    return _keep(places, "start", program, 0o755)


def network_points(spec: RunSpec, places: Places, hostname: str, network: Network | None) -> tuple[Point, ...]:
    """Return the mounts of /etc/hosts, /etc/hostname and /etc/resolv.conf, unless a volume is there.

    A *network* of its own has its name servers, and the program finds its *hostname*. With the machine's network, it
    gets the machine's files, but with `extra_hosts` not its hosts: docker does the same.
    """
    taken = {mount.target for mount in spec.mounts}
    names = [(name, address) for name, _, address in (host.partition(":") for host in spec.extra_hosts)]
    extra = "".join([f"{address}\t{name}\n" for name, address in names if address != GATEWAY])
    is_shared = spec.network_mode == "host"
    resolver = _read(RESOLV_CONF) if is_shared else network.resolver if network else ""
    if spec.dns:
        resolver = "".join([f"nameserver {server}\n" for server in spec.dns])
    hosts = _read(_HOSTS) if is_shared and not extra else LOCAL_HOSTS + extra
    found = [Point(RESOLV_CONF, _keep(places, "resolv.conf", os.fsencode(resolver), 0o644), read_only=True)]
    if network:
        found.append(Point(_HOSTS, text=f"{hosts}{_OWN_ADDRESS}\t{_names(hostname)}\n"))
    else:
        found.append(Point(_HOSTS, _keep(places, "hosts", os.fsencode(hosts), 0o644), read_only=True))
    found.append(Point("/etc/hostname", text=f"{hostname}\n"))
    return tuple([point for point in found if point.target not in taken])


_OWN_ADDRESS = "127.0.1.1"  # Debian's convention for a machine's own name


def _names(hostname: str) -> str:
    """Return the names of the program's own line in /etc/hosts: a name with a domain also without it."""
    host, dot, _ = hostname.partition(".")
    return f"{hostname} {host}" if dot else hostname


def read_accounts(view: View) -> tuple[str, str]:
    """Return the text of the image's /etc/passwd and /etc/group, "" for a missing file."""
    return _read_inside(view, "/etc/passwd"), _read_inside(view, "/etc/group")


def present_locales(view: View, wanted: Collection[str]) -> frozenset[str]:
    """Return those of the *wanted* locales that the image has."""
    from launcher.core.run.image_locale import ARCHIVE, ARCHIVE_HEAD, has_locale  # noqa: PLC0415  once for an image

    def exists(path: str) -> bool:
        return bool(_find(view, path))

    try:
        with open(_find(view, ARCHIVE), "rb") as file:
            head = file.read(ARCHIVE_HEAD)
    except OSError:
        head = b""
    return frozenset(each for each in wanted if has_locale(each, exists, head))


def _find(view: View, path: str) -> str:
    """Return the path on this machine of what is at *path* in the image, "" if there is nothing."""
    try:
        return view.find(path).host or ""
    except OSError:
        return ""


def _read_inside(view: View, path: str) -> str:
    found = _find(view, path)
    return _read(found) if found and os.path.isfile(found) else ""


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read(_LARGEST)
    except OSError:
        return ""


_LARGEST = 1 << 20


def _keep(places: Places, name: str, data: bytes, mode: int) -> str:
    """Return the path of a file that holds *data*, made if it is missing; raises `SandboxError`."""
    path = f"{places.sandbox}/{name}-{source_hash(data).hex()}"
    try:
        if os.stat(path).st_size == len(data):
            return path
    except OSError:
        pass
    from launcher.sandbox.keep_file import keep_file  # noqa: PLC0415  once for a user

    try:
        keep_file(path, data, mode)
    except OSError as error:
        from launcher.core.values.file_error_fixes import fix_for  # noqa: PLC0415  only on failure

        what = f"cannot be written: {(error.strerror or str(error)).lower()}"
        raise SandboxError(path, what, fix_for(error, path)) from None
    return path
