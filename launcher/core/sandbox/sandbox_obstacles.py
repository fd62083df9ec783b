"""Why no sandbox can be started on a machine, and what to do: one line for each cause."""

from __future__ import annotations

from launcher.core.values.system_packages import as_root, install_command
from launcher.errors import printable
from launcher.fast_stdlib import NamedTuple, pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

OLDEST = (0, 8)
"""The first version of bwrap with all options that a sandbox needs."""
SYSCTLS = (
    "kernel.apparmor_restrict_unprivileged_userns",
    "kernel.unprivileged_userns_clone",
    "user.max_user_namespaces",
)
"""The kernel's settings that may forbid user namespaces (sysctl(8)); the first two do not exist on most systems."""
_APPARMOR, _CLONE, _MOST = SYSCTLS


class Surroundings(NamedTuple):
    """The facts that the advice depends on."""

    uid: int
    systems: tuple[str, ...] = ()  # ID and ID_LIKE of os-release(5)
    programs: tuple[str, ...] = ()  # which of sudo and doas are installed
    container: bool = False  # a docker or podman container, or systemd's
    chroot: bool = False  # a folder that is no mount point is the root
    sysctls: Mapping[str, str] = {}  # SYSCTLS; "" if it does not exist


def parse_version(text: str) -> tuple[int, ...]:
    """Return the version in the answer to ``bwrap --version``, ``bubblewrap 0.8.0``; () for anything else."""
    found = _VERSION.match(text)
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def parse_kernel(release: str) -> tuple[int, ...]:
    """Return the version in the kernel's release: (6, 1) of ``6.1.0-18-amd64``; () for anything else."""
    found = _KERNEL.match(release)
    return (int(found[1]), int(found[2])) if found else ()


def not_installed(program: str, package: str, here: Surroundings) -> str:
    """Return the line for a missing program or library."""
    return f"{program} is not installed; {install(package, here)}"


def install(package: str, here: Surroundings) -> str:
    """Return the command that installs *package* on this system."""
    command = install_command(package, here.systems)
    return as_root(command, here.uid, here.programs) if command else f"install the package {package}"


def too_old(version: tuple[int, ...]) -> str:
    """Return the line for a bwrap that lacks options that a sandbox needs."""
    found = ".".join(str(part) for part in version) or "of an unknown version"
    return f"bubblewrap {found} is too old; install version {_shown(OLDEST)} or later"


def refused(line: str, here: Surroundings) -> str:
    """Return the line for a bwrap that could not start a sandbox and printed *line*."""
    if here.uid != 0:
        if here.sysctls.get(_MOST) == "0":
            return f"this kernel allows no user namespaces; {_allow(f'{_MOST}=15000', here)}"
        if here.sysctls.get(_CLONE) == "0":
            return f"this kernel allows user namespaces to root only; {_allow(f'{_CLONE}=1', here)}"
        if here.sysctls.get(_APPARMOR, "0") not in ("", "0") and _is_denial(line):
            return f"AppArmor forbids user namespaces to bwrap ({_APPARMOR}=1); {_load_profile(here)}"
    if here.chroot and _is_denial(line):
        return "the kernel allows no user namespaces in a chroot; enter it with systemd-nspawn"
    if here.container and _is_denial(line):
        capability = "--cap-add SYS_ADMIN " if here.uid == 0 else ""
        return f"this container forbids sandboxes; start it with {capability}{_CONTAINER_OPTIONS}"
    return f"bwrap cannot start a sandbox: {_cleaned(line)}"


def no_tun(line: str, here: Surroundings) -> str:
    """Return the line for a /dev/net/tun that could not be opened, for the reason *line* of the system."""
    if "ermission" in line or "not permitted" in line:
        return (
            f"/dev/net/tun is not open to you, so no network can be made; {as_root(_OPEN_TUN, here.uid, here.programs)}"
        )
    if here.container:
        return "this container has no /dev/net/tun, so no network can be made; start it with --device /dev/net/tun"
    load = as_root("modprobe tun", here.uid, here.programs)
    return f"/dev/net/tun: {printable(line.lower())}, so no network can be made; {load}"


def _allow(setting: str, here: Surroundings) -> str:
    return as_root(f"sysctl -w {setting}", here.uid, here.programs)


def _load_profile(here: Surroundings) -> str:
    """Return how to load the profile that Ubuntu ships for bwrap but does not load (its package apparmor-profiles)."""
    steps = (
        "apt install apparmor-profiles",
        "cp /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/",
        "systemctl reload apparmor",
    )
    return " && ".join(as_root(step, here.uid, here.programs) for step in steps)


def _is_denial(line: str) -> bool:
    return any(word in line for word in ("ermission", "not permitted", "not allow"))


def _cleaned(line: str) -> str:
    return printable(line.removeprefix("bwrap: ").strip()) or "it printed nothing"


def _shown(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


_KERNEL = pattern(r"(\d+)\.(\d+)")
_VERSION = pattern(r"bubblewrap (\d+(?:\.\d+)*)")
_OPEN_TUN = "chmod 0666 /dev/net/tun"
_CONTAINER_OPTIONS = "--security-opt seccomp=unconfined --security-opt systempaths=unconfined"
