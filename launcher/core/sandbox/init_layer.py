"""What docker puts over the files of every image, for what it mounts there (moby, daemon/initlayer/setup_unix.go)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.sandbox.tree import ImageConfig

FILES = ("/.dockerenv", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/dev/console")
"""Empty files, which replace the image's own."""
SPARE_FILES = ("/etc/passwd", "/etc/group", "/etc/localtime")
"""Files that are mounted in nearly every run: empty ones where the image has none."""
LINKS = {"/etc/mtab": "/proc/mounts"}
"""Symbolic links, which replace the image's own."""
_FOLDERS = ("/proc", "/sys", "/dev", "/dev/pts", "/dev/shm", "/home")


def init_folders(config: ImageConfig) -> tuple[str, ...]:
    """Return the folders that every container of an image with that *config* has: its volumes, its working folder."""
    own = (config.working_dir,) if config.working_dir.startswith("/") else ()
    return (*_FOLDERS, *config.volumes, *own)
