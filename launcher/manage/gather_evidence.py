"""Reads what tells of installed apps besides the record: launch files, and shims of the caller's."""

import os

from launcher.core.deploy.evidence import Witness
from launcher.host import shims
from launcher.host.locations import Places
from launcher.state import launch_files as currents
from launcher.state import write_launch_file


def gather_evidence(where: Places) -> Witness:
    """Return what launch files and shims tell; a launch file that is damaged tells its name."""
    names = write_launch_file.names(where.current)
    known = [each for name in names if (each := currents.read(where.current, name))]
    own = [os.path.basename(path) for path in list_own_shims(where.bin)]
    return Witness(tuple(names), tuple(own), tuple((tag, each.command) for each in known if (tag := each.deployed.tag)))


def list_own_shims(folder: str) -> list[str]:
    """Return the shims in *folder* that the caller owns: a folder like /usr/local/bin holds those of others too."""
    return [path for path in shims.list_shims(folder) if _is_callers(path)]


def _is_callers(path: str) -> bool:
    try:
        return os.lstat(path).st_uid == os.getuid()
    except OSError:
        return False
