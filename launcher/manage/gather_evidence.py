"""Read what shows which apps are installed, apart from the record: launch files and the caller's shims."""

import os

from launcher.core.deploy.evidence import Evidence
from launcher.host import shims
from launcher.host.locations import Places
from launcher.state import launch_files, write_launch_file


def gather_evidence(where: Places) -> Evidence:
    """Return what launch files and shims show; a damaged launch file still shows its name."""
    names = write_launch_file.list_commands(where.current)
    known = [each for name in names if (each := launch_files.read(where.current, name))]
    own = [os.path.basename(path) for path in list_own_shims(where.bin)]
    return Evidence(
        tuple(names), tuple(own), tuple((tag, each.command) for each in known if (tag := each.deployed.tag))
    )


def list_own_shims(folder: str) -> list[str]:
    """Return the shims in *folder* that the caller owns; a folder such as /usr/local/bin may hold those of others."""
    return [path for path in shims.list_shims(folder) if _is_own(path)]


def _is_own(path: str) -> bool:
    try:
        return os.lstat(path).st_uid == os.getuid()
    except OSError:
        return False
