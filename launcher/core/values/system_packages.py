"""Which command installs a package on which distribution."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_COMMANDS = {
    "debian": "apt install {}",
    "ubuntu": "apt install {}",
    "fedora": "dnf install {}",
    "rhel": "dnf install {}",
    "centos": "dnf install {}",
    "amzn": "dnf install {}",
    "suse": "zypper install {}",
    "opensuse": "zypper install {}",
    "arch": "pacman -S {}",
    "alpine": "apk add {}",
    "gentoo": "emerge {}",
    "void": "xbps-install {}",
    "nixos": "nix-env -iA nixos.{}",
    "darwin": "brew install {}",
}
_OTHER_NAMES = {
    "podman": {"amzn": "docker", "gentoo": "app-containers/podman"},
    "bubblewrap": {"gentoo": "sys-apps/bubblewrap"},
    "passt": {"gentoo": "net-misc/passt"},
    "slirp4netns": {"gentoo": "app-containers/slirp4netns"},
    "libseccomp": {
        "debian": "libseccomp2",
        "ubuntu": "libseccomp2",
        "suse": "libseccomp2",
        "opensuse": "libseccomp2",
        "gentoo": "sys-libs/libseccomp",
    },
}


def install_command(package: str, systems: Sequence[str]) -> str:
    """Return the command that installs *package*, for root; "" if no system in *systems* is known.

    *systems* is ``ID`` and then ``ID_LIKE`` of os-release(5): this system first, then similar ones.
    """
    for system in (each.split("-")[0] for each in systems):
        if command := _COMMANDS.get(system):
            return command.format(_OTHER_NAMES.get(package, {}).get(system, package))
    return ""


def as_root(command: str, uid: int, programs: Collection[str]) -> str:
    """Return *command* as user *uid* must type it; *programs* are the installed ones of ``sudo`` and ``doas``."""
    if uid == 0:
        return command
    if "sudo" not in programs and "doas" in programs:
        return f"doas {command}"
    return f"sudo {command}"


def parse_os_release(os_release: str) -> tuple[str, ...]:
    """Return ``ID`` and ``ID_LIKE`` of os-release(5): this system first, then similar ones."""
    pairs = dict(line.split("=", 1) for line in os_release.splitlines() if "=" in line)
    words = f"{pairs.get('ID', '')} {pairs.get('ID_LIKE', '')}"
    return tuple(words.replace('"', "").replace("'", "").split())
