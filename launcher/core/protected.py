"""Folders that no program is given whole, and the secrets of a home."""

from __future__ import annotations

from launcher.errors import CannotRun
from launcher.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from launcher.core.mount import Mount

SYSTEM = ("/", "/etc", "/usr", "/proc", "/sys", "/dev", "/boot", "/var/run", "/run")
"""Refused as the current folder (catalog-format.md)."""

SECRETS = (
    *(".ssh", ".gnupg", ".aws", ".azure", ".config/gcloud", ".kube", ".docker", ".netrc", ".password-store"),
    *(".mozilla", ".thunderbird", ".config/google-chrome", ".config/chromium", ".config/gh", ".config/containers"),
    *(".git-credentials", ".pypirc", ".npmrc", ".vault-token", ".pgpass", ".local/share/keyrings"),
)
"""Covered where the whole home is mounted, unless the entry mounts them by name; config.toml changes the list."""


class Cover(NamedTuple):
    """A secret, and where the program would otherwise see it."""

    source: str
    target: str


def refuse_system(cwd: str, name: str) -> None:
    """Raise `CannotRun` where *cwd* is a folder of the system."""
    if cwd in SYSTEM or cwd.startswith(("/proc/", "/sys/", "/dev/", "/boot/")) or _holds_sockets(cwd):
        fix = "change to another folder, or set mount_cwd = 'none' for it"
        raise CannotRun(name, f"the current folder {cwd} belongs to the system and is not mounted", fix)


def _holds_sockets(cwd: str) -> bool:
    """Tell whether *cwd* is a folder of /run: sockets of buses, engines and sessions lie there, but disks as well."""
    if cwd.startswith("/var/run/"):
        cwd = cwd.removeprefix("/var")
    disks = cwd.startswith(("/run/media/", "/run/mount/")) or cwd.split("/")[2:5:2] == ["user", "gvfs"]
    return cwd.startswith("/run/") and not disks


def covers(mount: Mount, home: str, named: Iterable[str], secrets: Iterable[str] = SECRETS) -> tuple[Cover, ...]:
    """Return the *secrets* of *home* that *mount* would show from above, but not those that volumes mount by name.

    Who stands in a secret's own folder has named it too.
    """
    root, taken = mount.source.rstrip("/"), set(named)
    paths = (f"{home}/{secret}" for secret in secrets)
    return tuple(
        Cover(path, mount.target.rstrip("/") + path[len(root) :])
        for path in paths
        if path.startswith(root + "/") and path not in taken
    )
