"""Folders that no program is given whole, and the secrets of a home."""

from collections.abc import Iterable
from typing import NamedTuple

from launcher.core.mount import Mount
from launcher.errors import CannotRun

SYSTEM = ("/", "/etc", "/usr", "/proc", "/sys", "/dev", "/boot", "/var/run", "/run")
"""Refused as the current folder (catalog-format.md)."""

SECRETS = (
    *(".ssh", ".gnupg", ".aws", ".azure", ".config/gcloud", ".kube", ".docker", ".netrc", ".password-store"),
    *(".mozilla", ".thunderbird", ".config/google-chrome", ".config/chromium", ".config/gh", ".config/containers"),
    *(".git-credentials", ".pypirc", ".npmrc", ".vault-token", ".pgpass", ".local/share/keyrings"),
)
"""Covered where the whole home is mounted, unless the entry mounts them by name."""


class Cover(NamedTuple):
    """A secret, and where the program would otherwise see it."""

    source: str
    target: str


def refuse_system(cwd: str, name: str) -> None:
    """Raise `CannotRun` where *cwd* is a folder of the system."""
    if cwd in SYSTEM or cwd.startswith(("/proc/", "/sys/", "/dev/", "/boot/")):
        fix = "change to another folder, or set mount_cwd = 'none' for it"
        raise CannotRun(name, f"the current folder {cwd} belongs to the system and is not mounted", fix)


def covers(mount: Mount, home: str, named: Iterable[str]) -> tuple[Cover, ...]:
    """Return the secrets that *mount* would show because it holds the *home*, but not those *named* by volumes."""
    root = mount.source.rstrip("/")
    if home != mount.source and not home.startswith(root + "/"):
        return ()
    inside = mount.target.rstrip("/") + home[len(root) :]
    taken = tuple(named)
    hidden = (secret for secret in SECRETS if not _named(f"{home}/{secret}", taken))
    return tuple(Cover(f"{home}/{secret}", f"{inside}/{secret}") for secret in hidden)


def _named(secret: str, sources: tuple[str, ...]) -> bool:
    return any(source == secret or source.startswith(secret + "/") for source in sources)
